/// The words of JSON5: strings, keys, numbers' letters, and the space and comments between them.
struct JSON5Scanner {
  private let bytes: [UInt8]
  private var index = 0
  private var line = 1
  private var column = 1

  /// - Parameter bytes: valid UTF-8.
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next scalar; nil at the end.
  var peek: Unicode.Scalar? {
    guard index < bytes.count else { return nil }
    let first = bytes[index]
    return first < 0x80 ? Unicode.Scalar(first) : longScalar(first)
  }

  var position: SourcePosition { SourcePosition(line: line, column: column) }

  mutating func advance() {
    guard let scalar = peek else { preconditionFailure("nothing is behind the end") }
    index += UTF8.width(scalar)
    column += 1
    guard Self.endsLine(scalar), !(scalar == "\r" && peek == "\n") else { return }
    line += 1
    column = 1
  }

  /// One of two bytes or more.
  private func longScalar(_ first: UInt8) -> Unicode.Scalar? {
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    var value = UInt32(first) & (0x7F >> UInt32(length))
    for byte in bytes[(index + 1)..<(index + length)] { value = value << 6 | UInt32(byte & 0x3F) }
    return Unicode.Scalar(value)
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
    if first < 0xDC00, peek == "\\", index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "u")
    {
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

  /// Past a value that nobody asks for: nothing of it is built, and only its brackets, strings and
  /// comments are heeded, which costs a few nanoseconds a byte however deep it is.
  mutating func skipValue() throws(JSON5Error) {
    let start = position
    var depth = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        try skipString()
        if depth == 0 { return }
      case UInt8(ascii: "/"): try skipComment()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        step()
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard depth > 0 else { return }
        depth -= 1
        step()
        if depth == 0 { return }
      case UInt8(ascii: ",") where depth == 0: return
      default: step()
      }
    }
    throw error("the file ends in the value that begins in line \(start.line)")
  }

  private mutating func skipString() throws(JSON5Error) {
    let start = position
    let quote = bytes[index]
    step()
    while index < bytes.count {
      let byte = bytes[index]
      step()
      if byte == quote { return }
      if byte == UInt8(ascii: "\\"), index < bytes.count { step() }
    }
    throw JSON5Error(position: start, message: "the string that begins here has no closing quote")
  }

  /// Past one byte.
  private mutating func step() {
    let byte = bytes[index]
    index += 1
    if byte == UInt8(ascii: "\n") {
      line += 1
      column = 1
    } else if byte & 0xC0 != 0x80 {
      column += 1
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
