/// One JSON value as the bytes it was written in; passed on unread, so that number forms, key order
/// and unknown fields survive.
package struct JSONText: Hashable, Sendable {
  package let bytes: [UInt8]

  /// - Parameter bytes: one well-formed JSON value; whoever makes a `JSONText` answers for that.
  package init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  package static let emptyObject = JSONText(unchecked: Array("{}".utf8))
  package static let null = JSONText(unchecked: Array("null".utf8))

  package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Writes JSON from left to right, keys in the order given; the caller sees to the nesting.
package struct JSONWriter: Sendable {
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  package init() {}

  package var json: JSONText { JSONText(unchecked: bytes) }

  package mutating func object(_ body: (inout JSONWriter) -> Void) {
    open(UInt8(ascii: "{"))
    body(&self)
    close(UInt8(ascii: "}"))
  }

  package mutating func array(_ body: (inout JSONWriter) -> Void) {
    open(UInt8(ascii: "["))
    body(&self)
    close(UInt8(ascii: "]"))
  }

  /// The next member's key; a value must follow.
  package mutating func key(_ name: String) {
    separate()
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  package mutating func value(_ text: String) {
    separate()
    quote(text)
    needsComma = true
  }

  package mutating func value(_ number: some BinaryInteger) { literal(String(number)) }

  /// Non-finite numbers have no form in JSON and become `null`.
  package mutating func value(_ number: Double) {
    guard number.isFinite else { return literal("null") }
    if let whole = Int64(exactly: number), abs(whole) < 1_000_000_000_000_000 {
      literal(String(whole))
    } else {
      literal(String(number))
    }
  }

  package mutating func value(_ flag: Bool) { literal(flag ? "true" : "false") }

  package mutating func null() { literal("null") }

  package mutating func value(_ json: JSONText) {
    separate()
    bytes.append(contentsOf: json.bytes)
    needsComma = true
  }

  package mutating func member(_ name: String, _ text: String?) {
    key(name)
    if let text { value(text) } else { null() }
  }

  package mutating func member(_ name: String, _ number: (some BinaryInteger)?) {
    key(name)
    if let number { value(number) } else { null() }
  }

  package mutating func member(_ name: String, _ number: Double?) {
    key(name)
    if let number { value(number) } else { null() }
  }

  package mutating func member(_ name: String, _ flag: Bool) {
    key(name)
    value(flag)
  }

  package mutating func member(_ name: String, _ json: JSONText) {
    key(name)
    value(json)
  }

  package mutating func member(_ name: String, object body: (inout JSONWriter) -> Void) {
    key(name)
    object(body)
  }

  package mutating func member(_ name: String, array body: (inout JSONWriter) -> Void) {
    key(name)
    array(body)
  }

  private mutating func literal(_ text: String) {
    separate()
    bytes.append(contentsOf: text.utf8)
    needsComma = true
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func quote(_ text: String) {
    var text = text
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { utf8 in
      var written = 0
      for (index, byte) in utf8.enumerated() where Self.mustEscape(byte) {
        bytes.append(contentsOf: utf8[written..<index])
        bytes.append(contentsOf: Self.escape(of: byte).utf8)
        written = index + 1
      }
      bytes.append(contentsOf: utf8[written...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func mustEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private static func escape(of byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\""): #"\""#
    case UInt8(ascii: "\\"): #"\\"#
    case 0x0A: #"\n"#
    case 0x0D: #"\r"#
    case 0x09: #"\t"#
    default: (byte < 16 ? #"\u000"# : #"\u00"#) + String(byte, radix: 16)
    }
  }
}
