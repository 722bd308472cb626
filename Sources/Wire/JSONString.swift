/// The inside of a JSON string, between its quotes.
enum JSONString {
  /// Resolves the escapes; half a surrogate pair becomes U+FFFD, as in the Unicode standard.
  static func unescape(_ escaped: UnsafeBufferPointer<UInt8>) -> String {
    guard escaped.contains(UInt8(ascii: "\\")) else {
      return String(decoding: escaped, as: UTF8.self)
    }
    var plain: [UInt8] = []
    plain.reserveCapacity(escaped.count)
    var index = 0
    while index < escaped.count {
      guard escaped[index] == UInt8(ascii: "\\"), index + 1 < escaped.count else {
        plain.append(escaped[index])
        index += 1
        continue
      }
      if escaped[index + 1] == UInt8(ascii: "u") {
        let (scalar, length) = unicodeEscape(in: escaped, at: index)
        plain.append(contentsOf: String(Character(scalar)).utf8)
        index += length
      } else {
        plain.append(simpleEscape(escaped[index + 1]))
        index += 2
      }
    }
    return String(decoding: plain, as: UTF8.self)
  }

  private static func simpleEscape(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    default: letter
    }
  }

  private static func unicodeEscape(
    in escaped: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> (Unicode.Scalar, length: Int) {
    guard let unit = codeUnit(in: escaped, at: index) else { return ("\u{FFFD}", 2) }
    if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
    if UTF16.isLeadSurrogate(UInt16(truncatingIfNeeded: unit)),
      let next = codeUnit(in: escaped, at: index + 6),
      UTF16.isTrailSurrogate(UInt16(truncatingIfNeeded: next)),
      let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (next - 0xDC00))
    {
      return (scalar, 12)
    }
    return ("\u{FFFD}", 6)
  }

  /// The four digits of the `\uXXXX` at `index`; nil when there is none.
  private static func codeUnit(
    in escaped: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> UInt32? {
    guard index + 6 <= escaped.count, escaped[index] == UInt8(ascii: "\\"),
      escaped[index + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt32 = 0
    for offset in 2..<6 {
      let letter = Character(UnicodeScalar(escaped[index + offset]))
      guard letter.isASCII, let digit = letter.hexDigitValue else { return nil }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }
}
