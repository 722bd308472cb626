/// Text from servers, files and arguments on its way to a terminal or a log.
enum PlainText {
  /// Without anything a terminal obeys: line ends and tabs become blanks, other controls U+FFFD,
  /// and marks that change the direction of writing go.
  static func clean(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if !isHarmful(scalar) {
        clean.append(scalar)
      } else if scalar == "\n" || scalar == "\t" || scalar == "\r" {
        clean.append(" ")
      } else if !isDirection(scalar) {
        clean.append("\u{FFFD}")
      }
    }
    return String(clean)
  }

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E: false
    case 0...0x1F, 0x7F...0x9F, 0x2028...0x2029: true
    default: isDirection(scalar)
    }
  }

  private static func isDirection(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x061C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
