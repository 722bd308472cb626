/// One scalar of outside text as the screen may show it: never a control, never of disputed width.
///
/// Every painter of text goes through here, so that no server's escape sequence reaches a terminal.
package struct ScreenScalar: Hashable, Sendable {
  package let scalar: Unicode.Scalar
  /// Columns it takes: 0 (not drawn at all), 1 or 2.
  package let width: Int

  /// What stands for a scalar that has no harmless look.
  package static let replacement: Unicode.Scalar = "\u{FFFD}"

  /// Line ends and tabs become blanks, other controls and unknown scalars U+FFFD, marks that take
  /// no column of their own (combining, zero-width, bidirectional) nothing.
  package init(_ raw: Unicode.Scalar) {
    let value = raw.value
    let isCommon =
      value >= 0x20 && value < 0x7F || value > 0xA0 && value < 0x300 && value != 0xAD
      || value >= 0x2500 && value <= 0x25FC || value >= 0x2800 && value <= 0x28FF
    (scalar, width) = isCommon ? (raw, 1) : Self.look(of: raw)
  }

  private static func look(of raw: Unicode.Scalar) -> (Unicode.Scalar, Int) {
    if raw == "\t" || raw == "\n" || raw == "\r" { return (" ", 1) }
    switch raw.properties.generalCategory {
    case .control, .privateUse, .unassigned, .surrogate: return (replacement, 1)
    case .format, .nonspacingMark, .enclosingMark: return (" ", 0)
    case .lineSeparator, .paragraphSeparator: return (" ", 1)
    default:
      // Hangul vowels and finals join the syllable before them.
      let joins = (0x1160...0x11FF).contains(raw.value) || (0xD7B0...0xD7FF).contains(raw.value)
      return joins ? (" ", 0) : (raw, isWide(raw.value) ? 2 : 1)
    }
  }

  /// East Asian Width W and F, Unicode 15, with the unassigned gaps between them closed.
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0,
    0x23F3...0x23F3, 0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F,
    0x2693...0x2693, 0x26A1...0x26A1, 0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5,
    0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA, 0x26F2...0x26F3, 0x26F5...0x26F5,
    0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B, 0x2728...0x2728,
    0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
    0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55,
    0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
    0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE1F, 0xFE30...0xFE6F, 0xFF01...0xFF60,
    0xFFE0...0xFFE6, 0x16FE0...0x18D08, 0x1AFF0...0x1B2FB, 0x1F004...0x1F004,
    0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F320,
    0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA,
    0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0, 0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E,
    0x1F440...0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D, 0x1F54B...0x1F54E,
    0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596, 0x1F5A4...0x1F5A4,
    0x1F5FB...0x1F64F, 0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2,
    0x1F6D5...0x1F6DF, 0x1F6EB...0x1F6EF, 0x1F6F4...0x1F6FF, 0x1F7E0...0x1F7FF,
    0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1F9FF, 0x1FA70...0x1FAFF,
    0x20000...0x3FFFD,
  ]

  private static func isWide(_ value: UInt32) -> Bool {
    var low = 0
    var high = wideRanges.count
    while low < high {
      let middle = (low + high) / 2
      if wideRanges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < wideRanges.count && wideRanges[low].contains(value)
  }
}

extension String {
  /// Scalars of one text a painter looks at; a hostile text of invisible marks ends here.
  package static let screenScalarLimit = 4096

  /// Columns the text takes on one line of the screen, looked at as far as `screenScalarLimit`.
  package var columnWidth: Int {
    var sum = 0
    for raw in unicodeScalars.prefix(Self.screenScalarLimit) { sum += ScreenScalar(raw).width }
    return sum
  }
}
