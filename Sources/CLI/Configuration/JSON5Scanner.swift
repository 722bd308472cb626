/// The words of JSON5: strings, keys, numbers' letters, and the space and comments between them.
struct JSON5Scanner {
  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var line = 1
  private var lineStart = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// The next scalar; nil at the end.
  var peek: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  var position: SourcePosition { SourcePosition(line: line, column: index - lineStart + 1) }

  mutating func advance() {
    let scalar = scalars[index]
    index += 1
    guard Self.endsLine(scalar), !(scalar == "\r" && peek == "\n") else { return }
    line += 1
    lineStart = index
  }

  func error(_ message: String) -> JSON5Error { JSON5Error(position: position, message: message) }

  /// A string in single or double quotes, its escapes resolved.
  mutating func quoted() throws(JSON5Error) -> String {
    let start = position
    let quote = peek
    advance()
    var text = String.UnicodeScalarView()
    while let next = peek {
      if next == quote {
        advance()
        return String(text)
      }
      if next == "\n" || next == "\r" { break }
      if next == "\\" {
        if let scalar = try escape() { text.append(scalar) }
      } else {
        text.append(next)
        advance()
      }
    }
    throw JSON5Error(
      position: start, message: "the string that begins here has no closing quote on its line")
  }

  /// nil for a line continuation.
  private mutating func escape() throws(JSON5Error) -> Unicode.Scalar? {
    let place = position
    advance()
    guard let letter = peek else { throw error("the file ends in a string") }
    advance()
    switch letter {
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "v": return "\u{B}"
    case "\n", "\u{2028}", "\u{2029}": return nil
    case "\r":
      if peek == "\n" { advance() }
      return nil
    case "0":
      if let next = peek, ("0"..."9").contains(next) { break }
      return "\0"
    case "x": return Unicode.Scalar(try hexadecimal(2))
    case "u": return try unicodeEscape(at: place)
    case "1"..."9": break
    default: return letter
    }
    throw JSON5Error(position: place, message: "octal escapes are not JSON5; write \\xHH")
  }

  private mutating func unicodeEscape(
    at place: SourcePosition
  ) throws(JSON5Error) -> Unicode.Scalar {
    let first = try hexadecimal(4)
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, peek == "\\", index + 1 < scalars.count, scalars[index + 1] == "u" {
      advance()
      advance()
      let second = try hexadecimal(4)
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw JSON5Error(position: place, message: "half of a surrogate pair; write both halves")
  }

  private mutating func hexadecimal(_ count: Int) throws(JSON5Error) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let scalar = peek, scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
        throw error("\(count) hexadecimal digits belong here")
      }
      value = value << 4 | UInt32(digit)
      advance()
    }
    return value
  }

  /// A key without quotes.
  mutating func identifier(_ first: Unicode.Scalar) throws(JSON5Error) -> String {
    var name = String.UnicodeScalarView()
    while let next = peek {
      var scalar = next
      let place = position
      if next == "\\" {
        advance()
        guard peek == "u" else { throw error("only \\uXXXX may stand in a key without quotes") }
        advance()
        guard let escaped = Unicode.Scalar(try hexadecimal(4)) else {
          throw JSON5Error(position: place, message: "half of a surrogate pair in a key")
        }
        scalar = escaped
      } else if Self.isIdentifierPart(next) {
        advance()
      } else {
        break
      }
      guard name.isEmpty ? Self.isIdentifierStart(scalar) : Self.isIdentifierPart(scalar) else {
        throw JSON5Error(
          position: place, message: "\(Self.shown(scalar)) in a key without quotes; quote the key")
      }
      name.append(scalar)
    }
    guard !name.isEmpty else { throw error("\(Self.shown(first)) where a key or '}' belongs") }
    return String(name)
  }

  /// Letters, digits and signs up to the next space, bracket, comma, colon, quote or comment.
  mutating func word() -> String {
    var word = String.UnicodeScalarView()
    while let next = peek, Self.isIdentifierPart(next) || "+-.".unicodeScalars.contains(next) {
      word.append(next)
      advance()
    }
    return String(word)
  }

  /// Past spaces, line ends and comments.
  mutating func skipSpace() throws(JSON5Error) {
    while let next = peek {
      if Self.isSpace(next) {
        advance()
      } else if next == "/" {
        try skipComment()
      } else {
        return
      }
    }
  }

  private mutating func skipComment() throws(JSON5Error) {
    let start = position
    advance()
    switch peek {
    case "/": while let next = peek, !Self.endsLine(next) { advance() }
    case "*":
      advance()
      while let next = peek {
        advance()
        if next == "*", peek == "/" { return advance() }
      }
      throw JSON5Error(position: start, message: "the comment that begins here has no '*/'")
    default: throw JSON5Error(position: start, message: "'/' where a value, key or comment belongs")
    }
  }

  private static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || scalar == "\r" || scalar == "\u{2028}" || scalar == "\u{2029}"
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\t", "\u{B}", "\u{C}", "\u{FEFF}": true
    default: endsLine(scalar) || scalar.properties.generalCategory == .spaceSeparator
    }
  }

  private static func isIdentifierStart(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "$" || scalar == "_" { return true }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .letterNumber:
      true
    default: false
    }
  }

  private static func isIdentifierPart(_ scalar: Unicode.Scalar) -> Bool {
    if isIdentifierStart(scalar) || scalar == "\u{200C}" || scalar == "\u{200D}" { return true }
    return switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .decimalNumber, .connectorPunctuation: true
    default: false
    }
  }

  /// A character for a message: quoted, or by its number where it cannot be seen.
  static func shown(_ scalar: Unicode.Scalar) -> String {
    let isVisible = scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7F
    return isVisible || isIdentifierPart(scalar)
      ? "'\(scalar)'" : "U+" + String(scalar.value, radix: 16, uppercase: true)
  }
}
