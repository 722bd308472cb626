/// A server's text in a note: one short line that hides nothing.
package enum ServerText {
  /// Characters that are left of a longer text.
  package static let characterLimit = 200

  /// Line ends and tabs become blanks; what controls a terminal, or turns or hides text, U+FFFD.
  ///
  /// - Parameter limit: of characters; a longer text ends in `…`.
  package static func line(_ text: some StringProtocol, limit: Int = characterLimit) -> String {
    var plain = String.UnicodeScalarView()
    // A character may be made of any number of scalars.
    for scalar in text.unicodeScalars.prefix(limit * 8) { plain.append(shown(scalar)) }
    let line = String(plain)
    let isCut = !text.unicodeScalars.dropFirst(limit * 8).isEmpty || line.count > limit
    return isCut ? line.prefix(limit - 1) + "…" : line
  }

  private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar {
    case "\t", "\n", "\r": return " "
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      return "\u{FFFD}"
    default: return scalar
    }
  }
}
