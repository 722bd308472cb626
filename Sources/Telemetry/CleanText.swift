/// Text from servers and files made safe to print: a terminal would obey what is hidden in it.
package enum CleanText {
  /// Stands for each character taken out.
  static let replacement: Unicode.Scalar = "?"

  /// One line without control, escape, bidirectional, invisible or undefined characters.
  package static func line(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { scalars.append(isSafe(scalar) ? scalar : replacement) }
    return String(scalars)
  }

  /// Terminal columns of a clean text: wide characters take two, combining marks none.
  static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  /// Cut to so many columns, with `…` where something is missing.
  static func fitted(_ text: String, to columns: Int) -> String {
    guard width(text) > columns else { return text }
    var cut = ""
    var used = 0
    for character in text {
      let wide = width(String(character))
      guard used + wide < columns else { break }
      used += wide
      cut.append(character)
    }
    return columns > 0 ? cut + "…" : ""
  }

  private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      false
    default: !scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: 0
    default:
      switch scalar.value {
      case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
        0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
        2
      default: 1
      }
    }
  }
}
