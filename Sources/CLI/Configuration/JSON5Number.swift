/// Numbers of JSON5 and their form in JSON.
enum JSON5Number {
  /// - Parameter word: all that stands up to the next bracket, comma or space.
  static func content(
    of word: ArraySlice<UInt8>, at position: SourcePosition
  ) throws(JSON5Error) -> JSON5Value.Content {
    let isNegative = word.first == UInt8(ascii: "-")
    let digits = isNegative || word.first == UInt8(ascii: "+") ? word.dropFirst() : word
    if digits.elementsEqual("Infinity".utf8) {
      return .number(isNegative ? -.infinity : .infinity, literal: nil)
    }
    if digits.elementsEqual("NaN".utf8) { return .number(.nan, literal: nil) }
    let isHexadecimal = digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8)
    let plain = isHexadecimal ? hexadecimal(digits) : decimal(digits)
    guard let plain else { throw noNumber(position) }
    let literal = isNegative ? "-" + plain : plain
    guard let number = Double(literal), number.isFinite else { throw noNumber(position) }
    return .number(number, literal: literal)
  }

  private static func noNumber(_ position: SourcePosition) -> JSON5Error {
    JSON5Error(position: position, message: "this is no number; put text in quotes")
  }

  /// At most 64 bits; nil for more, and for what is no number.
  private static func hexadecimal(_ text: ArraySlice<UInt8>) -> String? {
    let digits = String(decoding: text.dropFirst(2), as: UTF8.self)
    guard digits.first.map(\.isHexDigit) ?? false else { return nil }
    return UInt64(digits, radix: 16).map { String($0) }
  }

  /// `.5`, `5.`, `5.0e3` with the zeros that JSON wants; no leading zeros.
  private static func decimal(_ text: ArraySlice<UInt8>) -> String? {
    var rest = text
    func isDigit(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    let whole = rest.prefix(while: isDigit)
    rest = rest.dropFirst(whole.count)
    guard whole.count <= 1 || whole.first != UInt8(ascii: "0") else { return nil }
    if rest.isEmpty { return whole.isEmpty ? nil : String(decoding: whole, as: UTF8.self) }
    var fraction = rest.prefix(0)
    if rest.first == UInt8(ascii: ".") {
      fraction = rest.dropFirst().prefix(while: isDigit)
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return nil }
    var literal = whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self)
    if !fraction.isEmpty { literal += "." + String(decoding: fraction, as: UTF8.self) }
    guard let mark = rest.first else { return literal }
    let exponent = rest.dropFirst()
    let isSigned = exponent.first == UInt8(ascii: "+") || exponent.first == UInt8(ascii: "-")
    let power = isSigned ? exponent.dropFirst() : exponent
    guard mark | 0x20 == UInt8(ascii: "e"), !power.isEmpty, power.allSatisfy(isDigit) else {
      return nil
    }
    return literal + "e" + String(decoding: exponent, as: UTF8.self)
  }
}
