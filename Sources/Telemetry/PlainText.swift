package import FleetModel

/// Outside text made harmless for a terminal or a log.
///
/// A server's text may hold escape sequences, line ends, and marks that turn or hide what stands
/// beside them; none of those leaves here.
package enum PlainText {
  /// Scalars of one text that are looked at; a hostile text of invisible marks ends here.
  package static let scalarLimit = 4096
  /// Marks in a row on one letter; more would be drawn over the neighbouring lines.
  private static let markLimit = 2

  /// One line: line ends and tabs become blanks, hidden scalars U+FFFD.
  package static func clean(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    var marks = 0
    for scalar in text.unicodeScalars.prefix(scalarLimit) {
      if scalar == "\t" || scalar == "\n" || scalar == "\r" {
        plain.append(" ")
      } else if isHidden(scalar) {
        plain.append("\u{FFFD}")
      } else {
        marks = width(of: scalar) == 0 ? marks + 1 : 0
        if marks <= markLimit { plain.append(scalar) }
      }
    }
    return String(plain)
  }

  /// Columns that cleaned text takes.
  package static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
  }

  /// Cleaned text cut to at most so many columns, with `…` where something is missing.
  package static func fit(_ text: String, _ columns: Int) -> String {
    guard width(text) > columns else { return text }
    guard columns > 0 else { return "" }
    var cut = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
      used += width(of: scalar)
      if used > columns - 1 { break }
      cut.append(scalar)
    }
    cut.append("…")
    return String(cut)
  }

  /// The same document with every hidden scalar written as its `\u` escape, so that a person may
  /// print it.
  package static func escapingHidden(in json: JSONText) -> JSONText {
    guard json.bytes.contains(where: { $0 >= 0x7F }) else { return json }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(json.bytes.count)
    for scalar in json.text.unicodeScalars {
      // Line ends between the values are no text; inside of strings JSON has them escaped already.
      if scalar.value >= 0x7F, isHidden(scalar) {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          bytes.append(contentsOf: "\\u".utf8)
          bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
          bytes.append(contentsOf: digits.utf8)
        }
      } else {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    return JSONText(unchecked: bytes)
  }

  /// Controls, marks of direction and of width zero, line separators, and scalars without a look
  /// that every terminal agrees on.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7F { return scalar.value < 0x20 }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      return true
    default:
      // Variation selectors belong to the emoji before them and are drawn with it.
      return scalar.properties.isDefaultIgnorableCodePoint
        && !(0xFE00...0xFE0F).contains(scalar.value)
    }
  }

  private static func width(of scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    let isWide =
      wideRanges.contains { $0.contains(scalar.value) } || scalar.properties.isEmojiPresentation
    return isWide ? 2 : 1
  }

  /// East Asian Width W and F (Unicode 15), its gaps closed; emoji go by their own property.
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4CF,
    0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE1F, 0xFE30...0xFE6F,
    0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18D08, 0x1AFF0...0x1B2FB, 0x20000...0x3FFFD,
  ]
}
