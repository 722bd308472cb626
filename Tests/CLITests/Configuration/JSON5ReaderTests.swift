import FleetModel
import Testing

@testable import CLI

/// Conformance with https://spec.json5.org, and where things are.
struct JSON5ReaderTests {
  private func read(_ text: String) throws -> JSON5Value {
    try JSON5Reader.read(Array(text.utf8)).root
  }

  private func failure(_ text: String) -> String {
    do {
      return "read as " + (try read(text)).json.text
    } catch let error as JSON5Error {
      return "\(error.position.line):\(error.position.column): \(error.message)"
    } catch {
      return "another error: \(error)"
    }
  }

  @Test(arguments: [
    ("{}", "{}"), ("[]", "[]"), ("null", "null"), (" true ", "true"), ("false", "false"),
    ("{a:1}", #"{"a":1}"#), ("{$_9ä:1}", #"{"$_9ä":1}"#), ("{'a':1,}", #"{"a":1}"#),
    (#"{\u0061b:1}"#, #"{"ab":1}"#),
    ("{null:1,true:2,Infinity:3}", #"{"null":1,"true":2,"Infinity":3}"#),
    ("[1,]", "[1]"), ("[ 1 , [ ] , { } ]", "[1,[],{}]"),
    ("// a\n[/* b\n */1]//", "[1]"), ("/**/1/***/", "1"),
    ("\u{FEFF}\u{A0}\u{2003}\u{2028}\t\u{B}\u{C}1", "1"),
    ("'a\"b'", #""a\"b""#), (#""a'b""#, #""a'b""#), ("'a\\\nb'", #""ab""#),
    ("'a\\\r\nb'", #""ab""#), (#"'\x41\u0042\v\0\q\'\"'"#, "\"AB\\u000b\\u0000q'\\\"\""),
    (#"'\uD83D\uDE00'"#, "\"😀\""), ("'\u{2028}'", "\"\u{2028}\""), ("'a\tb'", #""a\tb""#),
    ("0", "0"), ("-0", "-0"), ("+1", "1"), (".5", "0.5"), ("-.5", "-0.5"), ("5.", "5"),
    ("5.e3", "5e3"), ("1.50", "1.50"), ("1E+2", "1e+2"), ("0xFf", "255"), ("-0x10", "-16"),
    ("0xFFFFFFFFFFFFFFFF", "18446744073709551615"),
    ("12345678901234567890", "12345678901234567890"),
    ("Infinity", "null"), ("-Infinity", "null"), ("+NaN", "null"),
  ])
  func `a JSON5 text means this JSON`(text: String, json: String) throws {
    #expect(try read(text).json.text == json)
  }

  @Test(arguments: [
    ("", "1:1: the file is empty; write {} at least"),
    (" \n// only a comment", "2:18: the file is empty; write {} at least"),
    ("{", "1:2: the file ends before the '}' of line 1"),
    ("[1", "1:3: the file ends before the ']' of line 1"),
    ("[1 2]", "1:4: '2' where ',' or ']' belongs"),
    ("{a 1}", "1:4: a ':' belongs after the key 'a'"),
    ("{a:}", "1:4: '}' where a value belongs"),
    ("{a:", "1:4: the file ends where a value belongs"),
    ("{,}", "1:2: ',' where a key or '}' belongs"),
    ("{9a:1}", "1:2: '9' in a key without quotes; quote the key"),
    ("[,]", "1:2: ',' where a value belongs"),
    ("{}\n}", "2:1: '}' after the end of the document; remove it"),
    ("'ab\nc'", "1:1: the string that begins here has no closing quote on its line"),
    ("[\n  /* never closed", "2:3: the comment that begins here has no '*/'"),
    (#"'\1'"#, #"1:2: octal escapes are not JSON5; write \xHH"#),
    (#"'\01'"#, #"1:2: octal escapes are not JSON5; write \xHH"#),
    (#"'\uD83D'"#, "1:2: half of a surrogate pair; write both halves"),
    (#"'\xZ1'"#, "1:4: 2 hexadecimal digits belong here"),
    ("/1", "1:1: '/' where a value, key or comment belongs"),
    ("secret-word", "1:1: this is no value; put text in quotes"),
    ("12ab", "1:1: this is no number; put text in quotes"),
    ("01", "1:1: this is no number; put text in quotes"),
    ("0x", "1:1: this is no number; put text in quotes"),
    (".", "1:1: this is no number; put text in quotes"),
    ("1e", "1:1: this is no number; put text in quotes"),
    ("--1", "1:1: this is no number; put text in quotes"),
    ("1e999", "1:1: this is no number; put text in quotes"),
    ("[\u{1}]", "1:2: U+1 where a value belongs"),
  ])
  func `what is not JSON5 is refused with its place and the cure`(text: String, error: String) {
    #expect(failure(text) == error)
  }

  @Test func `bytes that are no UTF-8 are refused`() {
    #expect(throws: JSON5Error(position: .start, message: "not UTF-8 text; save it in UTF-8")) {
      try JSON5Reader.read([0x22, 0xFF, 0x22])
    }
  }

  @Test func `a document as deep as the limit is read and a deeper one refused`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(try read(nested(64)).json.text == nested(64))
    #expect(failure(nested(65)) == "1:65: nested deeper than 64 levels")
    #expect(failure(String(repeating: "{a:", count: 65)) == "1:193: nested deeper than 64 levels")
  }

  @Test func `a document larger than the limit is refused`() {
    let text = "\"" + String(repeating: "a", count: JSON5Reader.byteLimit) + "\""
    #expect(failure(text) == "1:1: larger than \(JSON5Reader.byteLimit >> 20) MiB")
  }

  @Test func `every value knows its line and column, whatever ends the lines`() throws {
    let root = try read("{\r\n  a: 1,\r  'ü': [2,\n3]\u{2028}, b: {c: true}}")
    #expect(root["a"]?.position == SourcePosition(line: 2, column: 6))
    #expect(root["ü"]?.position == SourcePosition(line: 3, column: 8))
    #expect(
      root["ü"]?.elements?.map(\.position) == [
        SourcePosition(line: 3, column: 9), SourcePosition(line: 4, column: 1),
      ])
    #expect(root["b"]?["c"]?.position == SourcePosition(line: 5, column: 10))
  }

  @Test func `keys keep their order`() throws {
    let keys = try read("{z:1, a:2, m:3, 'a b':4}").members?.map(\.key)
    #expect(keys == ["z", "a", "m", "a b"])
  }

  @Test func `of a key written twice the first counts and both places are known`() throws {
    let document = try JSON5Reader.read(Array("{a: {b: 1,\n b: 2}}".utf8))
    #expect(document.root.json.text == #"{"a":{"b":1}}"#)
    #expect(
      document.duplicates == [
        .init(
          key: "b", path: "a", first: SourcePosition(line: 1, column: 6),
          second: SourcePosition(line: 2, column: 2))
      ])
  }

  @Test(arguments: [2, 11, 12, 13, 14, 40])
  func `a key written twice is found in an object of any size`(count: Int) throws {
    let members = (0..<count).map { "k\($0): \($0)" }.joined(separator: ", ")
    let document = try JSON5Reader.read(
      Array("[7, {b: {\(members), k0: 9, k\(count - 1): 9}}]".utf8))
    #expect(document.duplicates.map(\.key) == ["k0", "k\(count - 1)"])
    #expect(document.duplicates.allSatisfy { $0.path == "[1].b" })
    #expect(
      document.root.elements?.last?["b"]?.members?.map(\.value.number)
        == (0..<count).map(Double.init))
  }

  @Test func `of keys written twice no more than the limit are told`() throws {
    let text = "{" + String(repeating: "a: 1, ", count: JSON5Reader.duplicateLimit + 9) + "}"
    let document = try JSON5Reader.read(Array(text.utf8))
    #expect(document.duplicates.count == JSON5Reader.duplicateLimit)
  }

  @Test func `a key is not repeated whole in a message however long it is`() {
    let message = failure("{'" + String(repeating: "k", count: 10_000) + "' 1}")
    #expect(message.hasPrefix("1:10005: a ':' belongs after the key 'kkkk"))
    #expect(message.count < 120)
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `whatever the JSON writer writes is read back as it was`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var writer = JSONWriter()
    Self.write(to: &writer, depth: 0, using: &random)
    #expect(try read(writer.json.text).json.text == writer.json.text)
  }

  private static func write(
    to writer: inout JSONWriter, depth: Int, using random: inout SplitMix64
  ) {
    switch Int.random(in: 0..<(depth < 5 ? 8 : 6), using: &random) {
    case 0: writer.null()
    case 1: writer.value(Bool.random(using: &random))
    case 2: writer.value(Int64.random(in: .min ... .max, using: &random))
    case 3: writer.value(Double(bitPattern: random.next()))
    case 4: writer.value(Double.random(in: -1000...1000, using: &random))
    case 5: writer.value(text(using: &random))
    case 6:
      writer.array { writer in
        for _ in 0..<Int.random(in: 0..<5, using: &random) {
          write(to: &writer, depth: depth + 1, using: &random)
        }
      }
    default:
      writer.object { writer in
        for number in 0..<Int.random(in: 0..<5, using: &random) {
          writer.key("\(number)" + text(using: &random))
          write(to: &writer, depth: depth + 1, using: &random)
        }
      }
    }
  }

  private static func text(using random: inout SplitMix64) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0..<12, using: &random) {
      let top: UInt32 = Bool.random(using: &random) ? 0x80 : 0x10FFFF
      guard let scalar = Unicode.Scalar(UInt32.random(in: 0...top, using: &random)) else {
        continue
      }
      text.append(scalar)
    }
    return String(text)
  }
}

/// What is not kept is passed over, whatever is in it.
struct JSON5SelectionTests {
  private static let selection = JSON5Selection.members { $0 == "keep" ? .all : nil }

  private static let texts = [
    #""x\"}""#, #""\\""#, "'it\\'s }'", "'\"'", "// }\n1", "/* \" } */ 1", "-1.5e3", "null",
    "+Infinity",
    #""ü😀 ] [""#, "{}", "[]", "\"\"",
  ]

  private static func value(_ depth: Int, _ random: inout SplitMix64) -> String {
    let size = Int.random(in: 0...3, using: &random)
    switch depth == 0 ? 0 : Int.random(in: 0...2, using: &random) {
    case 1:
      return "[" + (0..<size).map { _ in value(depth - 1, &random) }.joined(separator: " , ") + "]"
    case 2:
      let members = (0..<size).map { "'k\($0)}': " + value(depth - 1, &random) }
      return "{" + members.joined(separator: ",\n") + "}"
    default: return texts.randomElement(using: &random) ?? "1"
    }
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func `what follows is read as if all had been read, at the same place`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let skipped = Self.value(3, &random)
    let text = Array("{skip: \(skipped), /* } */ keep: [\(Self.value(2, &random))],}".utf8)
    let whole = try JSON5Reader.read(text).root
    let part = try JSON5Reader.read(text, keeping: Self.selection).root
    #expect(part.members?.map(\.key) == ["keep"])
    #expect(part["keep"] == whole["keep"])
  }

  @Test(arguments: ["{skip: [", "{skip: 'x", "{skip: {a: /* ", "{skip: 'x\\", "{skip: 1", "{skip"])
  func `a text that ends in what is passed over is refused with a place`(text: String) {
    #expect(throws: JSON5Error.self) {
      try JSON5Reader.read(Array(text.utf8), keeping: Self.selection)
    }
  }
}
