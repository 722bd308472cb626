/// The words of JSON5: strings, keys, numbers' letters, and the space and comments between them.
struct JSON5Scanner {
  private let bytes: [UInt8]
  private var index = 0
  private var line = 1
  private var lineStart = 0
  /// Bytes since the start of the line that begin no scalar.
  private var continuations = 0

  /// - Parameter bytes: valid UTF-8.
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next scalar; nil at the end.
  var peek: Unicode.Scalar? {
    guard index < bytes.count else { return nil }
    let byte = bytes[index]
    return byte < 0x80 ? Unicode.Scalar(byte) : wideScalar(from: byte)
  }

  var position: SourcePosition {
    SourcePosition(line: line, column: index - lineStart - continuations + 1)
  }

  mutating func advance() {
    guard let scalar = peek else { return }
    let width = Self.width(of: bytes[index])
    index += width
    continuations += width - 1
    guard Self.endsLine(scalar), !(scalar == "\r" && peek == "\n") else { return }
    line += 1
    lineStart = index
    continuations = 0
  }

  func error(_ message: String) -> JSON5Error { JSON5Error(position: position, message: message) }

  private func wideScalar(from first: UInt8) -> Unicode.Scalar {
    let width = Self.width(of: first)
    var value = UInt32(first) & (0xFF >> (UInt32(width) + 1))
    for byte in bytes[(index + 1)..<(index + width)] { value = value << 6 | UInt32(byte & 0x3F) }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  private static func width(of first: UInt8) -> Int {
    first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
  }

  /// A string in single or double quotes, its escapes resolved.
  mutating func quoted() throws(JSON5Error) -> String {
    let start = position
    let quote = bytes[index]
    advance()
    var text: [UInt8] = []
    while true {
      let run = plainRun(until: quote)
      guard index < bytes.count else { break }
      if bytes[index] == quote {
        index += 1
        // Most strings are one run.
        if text.isEmpty { return String(decoding: bytes[run], as: UTF8.self) }
        return String(decoding: text + bytes[run], as: UTF8.self)
      }
      guard bytes[index] == UInt8(ascii: "\\") else { break }
      text += bytes[run]
      if let scalar = try escape() {
        text += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    throw JSON5Error(
      position: start, message: "the string that begins here has no closing quote on its line")
  }

  /// Past all that stands in a string for itself.
  private mutating func plainRun(until quote: UInt8) -> Range<Int> {
    let start = index
    while index < bytes.count {
      let byte = bytes[index]
      if byte == quote || byte == UInt8(ascii: "\\") || byte == 0x0A || byte == 0x0D { break }
      if byte < 0x80 { index += 1 } else { advance() }
    }
    return start..<index
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
    if first < 0xDC00, bytes[index...].starts(with: #"\u"#.utf8) {
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
  mutating func word() -> ArraySlice<UInt8> {
    let start = index
    while let next = peek, Self.isIdentifierPart(next) || next == "+" || next == "-" || next == "."
    {
      advance()
    }
    return bytes[start..<index]
  }

  /// Past spaces, line ends and comments.
  mutating func skipSpace() throws(JSON5Error) {
    while let next = peek {
      if next == " " {
        index += 1
      } else if Self.isSpace(next) {
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
      lineStart = index
      continuations = 0
    } else if byte & 0xC0 == 0x80 {
      continuations += 1
    }
  }

  private static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || scalar == "\r" || scalar == "\u{2028}" || scalar == "\u{2029}"
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case " ", "\t", "\n", "\u{B}", "\u{C}", "\r", "\u{FEFF}": true
    case "\0"..<"\u{80}": false
    default: endsLine(scalar) || scalar.properties.generalCategory == .spaceSeparator
    }
  }

  private static func isIdentifierStart(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "$", "_": return true
    case "\0"..<"\u{80}": return false
    default: break
    }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .letterNumber:
      true
    default: false
    }
  }

  private static func isIdentifierPart(_ scalar: Unicode.Scalar) -> Bool {
    if isIdentifierStart(scalar) || scalar == "\u{200C}" || scalar == "\u{200D}" { return true }
    if scalar.isASCII { return ("0"..."9").contains(scalar) }
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
