/// Numbers of JSON5 and their form in JSON.
enum JSON5Number {
  /// - Parameter word: all that stands up to the next bracket, comma or space.
  static func content(
    of word: String, at position: SourcePosition
  ) throws(JSON5Error) -> JSON5Value.Content {
    let isNegative = word.hasPrefix("-")
    let digits = isNegative || word.hasPrefix("+") ? word.dropFirst() : Substring(word)
    let sign = isNegative ? "-" : ""
    if digits == "Infinity" { return .number(isNegative ? -.infinity : .infinity, literal: nil) }
    if digits == "NaN" { return .number(.nan, literal: nil) }
    let literal = digits.lowercased().hasPrefix("0x") ? hexadecimal(digits) : decimal(digits)
    guard let literal, let number = Double(sign + literal), number.isFinite else {
      throw JSON5Error(position: position, message: "this is no number; put text in quotes")
    }
    return .number(number, literal: sign + literal)
  }

  /// At most 64 bits; nil for more, and for what is no number.
  private static func hexadecimal(_ text: Substring) -> String? {
    let digits = text.dropFirst(2)
    guard digits.first.map(\.isHexDigit) ?? false else { return nil }
    return UInt64(digits, radix: 16).map { String($0) }
  }

  /// `.5`, `5.`, `5.0e3` with the zeros that JSON wants; no leading zeros.
  private static func decimal(_ text: Substring) -> String? {
    var rest = text
    func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
    let whole = rest.prefix(while: isDigit)
    rest = rest.dropFirst(whole.count)
    var fraction: Substring?
    if rest.first == "." {
      fraction = rest.dropFirst().prefix(while: isDigit)
      rest = rest.dropFirst(1 + (fraction?.count ?? 0))
    }
    guard !whole.isEmpty || !(fraction ?? "").isEmpty, whole.count == 1 || whole.first != "0"
    else { return nil }
    var literal = whole.isEmpty ? "0" : String(whole)
    if let fraction, !fraction.isEmpty { literal += "." + fraction }
    guard let mark = rest.first else { return literal }
    let exponent = rest.dropFirst()
    let power = exponent.first == "+" || exponent.first == "-" ? exponent.dropFirst() : exponent
    guard mark == "e" || mark == "E", !power.isEmpty, power.allSatisfy(isDigit) else { return nil }
    return literal + "e" + exponent
  }
}
