import FleetModel
import Testing

@testable import Wire

private func nested(_ depth: Int, _ inside: String) -> [UInt8] {
  Array((String(repeating: "[", count: depth) + inside + String(repeating: "]", count: depth)).utf8)
}

@Suite struct `JSON documents are refused` {
  private func reason(_ text: String) -> String {
    do throws(JSONError) {
      return "read as " + (try JSONView(Array(text.utf8))).json.text
    } catch {
      return error.description
    }
  }

  @Test func `above the byte limit and not at it`() throws {
    let limits = JSONLimits(byteLimit: 4, depthLimit: 8)
    #expect(try JSONView(Array("1234".utf8), limits: limits).int == 1234)
    let error = #expect(throws: JSONError.tooLarge(byteLimit: 4)) {
      try JSONView(Array("12345".utf8), limits: limits)
    }
    #expect(error?.description == "the document is larger than 4 bytes")
  }

  @Test(arguments: ["", "1", #"{"a":1}"#, "340282366920938463463374607431768211456"])
  func `above the depth limit and not at it`(inside: String) throws {
    let depth = inside.hasPrefix("{") ? 7 : 8
    let limits = JSONLimits(byteLimit: 1000, depthLimit: 8)
    _ = try JSONView(nested(depth, inside), limits: limits)
    let error = #expect(throws: JSONError.tooDeep(depthLimit: 8)) {
      try JSONView(nested(depth + 1, inside), limits: limits)
    }
    #expect(error?.description == "the document is nested deeper than 8 levels")
  }

  @Test func `above the deepest nesting that can be followed, whatever the limit says`() throws {
    let limits = JSONLimits(byteLimit: 100_000, depthLimit: 50_000)
    _ = try JSONView(nested(4096, ""), limits: limits)
    #expect(throws: JSONError.tooDeep(depthLimit: 4096)) {
      try JSONView(nested(4097, ""), limits: limits)
    }
  }

  @Test(arguments: [
    ("", "it is empty"), (" ", "it is empty"), ("\u{FEFF}", "it is empty"),
    ("{", "a key is missing at byte 1"), ("[1,]", "no value at byte 3"),
    ("{\"a\":1,}", "a key is missing at byte 7"), ("{\"a\"}", "a colon is missing at byte 4"),
    ("{a:1}", "a key is missing at byte 1"), ("01", "a bad number at byte 0"),
    ("1.", "a bad number at byte 0"), ("+1", "no value at byte 0"),
    ("nul", "no value at byte 0"), ("trueish", "no value at byte 0"),
    ("\"\\x\"", "a bad escape at byte 1"), ("\"\\u12\"", "a bad escape at byte 1"),
    ("\"a\nb\"", "a raw control character in a string"), ("\"a", "a string is not closed"),
    ("1 2", "text after the end at byte 2"), ("{} x", "text after the end at byte 3"),
    ("[1 2]", "a comma or bracket is missing at byte 3"),
    ("[1", "a comma or bracket is missing at byte 2"),
    ("{\"a\" 1}", "a colon is missing at byte 5"), ("]", "no value at byte 0"),
    ("[}", "no value at byte 1"), ("-", "a bad number at byte 0"), ("1e", "a bad number at byte 0"),
    ("tru e", "no value at byte 0"), ("[1\u{C}2]", "a comma or bracket is missing at byte 2"),
    ("[1\u{C}]", "a comma or bracket is missing at byte 2"), ("\u{1A}", "no value at byte 0"),
    ("\\a", "a bad escape at byte 0"), ("[", "a value is missing at byte 1"),
    ("\u{FEFF}[1 2]", "a comma or bracket is missing at byte 6"),
  ])
  func `with the reason and its place when they are malformed`(text: String, expected: String) {
    #expect(reason(text) == "not JSON: " + expected)
    #expect(!JSONGrammar.accepts(Array(text.utf8)))
  }

  @Test(arguments: [
    [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
    [0x22, 0xC0, 0x80, 0x22], [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00],
  ])
  func `when they are not UTF-8`(bytes: [UInt8]) {
    #expect(throws: JSONError.malformed(reason: "it is not UTF-8")) { try JSONView(bytes) }
  }
}

@Suite struct `JSON documents are read` {
  @Test(arguments: [
    "1.0", "1e5", "1E+400", "-0", "12345678901234567890", "-9223372036854775809",
    "340282366920938463463374607431768211456", "0.1000000000000000055511151231257827",
  ])
  func `with numbers of any size and form, as they were written`(number: String) throws {
    let json = try JSONView(Array(#"{"a":\#(number),"b":[\#(number)]}"#.utf8))
    #expect(json.member("a")?.json.text == number)
    #expect(json.member("b")?.elements.map(\.json.text) == [number])
  }

  @Test func `behind a byte order mark, which is no part of them`() throws {
    let view = try JSONView(Array("\u{FEFF} {\"a\" : {\"b\":\"x\"} } ".utf8))
    #expect(view.json.text == "{\"a\" : {\"b\":\"x\"} }")
    #expect(view.member("a")?.member("b")?.string == "x")
    #expect(JSONView(trusted: JSONText(unchecked: Array("\u{FEFF}[1]".utf8))).json.text == "[1]")
  }

  @Test func `with half a surrogate pair, which the grammar allows`() throws {
    #expect(try JSONView(Array(#""a\ud800""#.utf8)).string == "a\u{FFFD}")
  }

  /// Small documents, and those beyond what the table of members holds.
  @Test(arguments: [0, 1, 2, 24, 46, 47, 48, 49, 200])
  func `with the same members however many there are`(count: Int) throws {
    let inner = (0..<count).map { #""k\#($0)" : \#($0)"# }.joined(separator: " , ")
    let text = #" { "a" : { \#(inner) } , "b":[{"k0":9}], "a":7 , "\u0063": "x" , "d":{} } "#
    let view = try JSONView(Array(text.utf8))
    let scanned = JSONView(trusted: JSONText(unchecked: Array(text.utf8)))
    for view in [view, scanned] {
      #expect(view.members.map(\.key) == ["a", "b", "a", "c", "d"])
      #expect(view.member("a")?.members.map(\.value.int) == Array(0..<count))
      #expect(view.member("a")?.member("k\(count - 1)")?.int == (count > 0 ? count - 1 : nil))
      #expect(view.member("a")?.member("k\(count)") == nil)
      #expect(view.member("b")?.elements.map { $0.member("k0")?.int } == [9])
      #expect(view.member("c")?.string == "x")
      #expect(view.member("d")?.members.map(\.key) == [])
      #expect(view.member("k0") == nil)
    }
  }

  @Test func `by threads that share nothing`() async {
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<64 {
        group.addTask {
          let text =
            #"{"id":\#(number),"result":"\#(String(repeating: "x", count: number * 999))"}"#
          return (try? JSONView(Array(text.utf8)))?.member("id")?.int == number
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}

@Suite struct `The fast reader of JSON` {
  static let seeds = [
    #"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"a\"b\\"}],"n":-1.5e-3}}"#,
    #"[[],{},"",0,true,false,null,{"a":[1,[2,[3]]]}]"#,
    #" { "a" : "\u00fc\ud800" , "b" : { "c" : 12345678901234567890 , "d" : [ ] } } "#,
  ]

  @Test func `agrees with the grammar on thousands of damaged documents`() throws {
    var random = SplitMix64(seed: 7)
    let alphabet = Array("{}[]\",:0123456789eE+-.truefalsn\\u \n\u{C}\u{1A}\u{0}".utf8)
    var accepted = 0
    for _ in 0..<30_000 {
      var bytes = Array(Self.seeds[Int(random.next() % UInt64(Self.seeds.count))].utf8)
      for _ in 0..<(1 + random.next() % 2) {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = alphabet[Int(random.next() % UInt64(alphabet.count))]
        default: bytes.insert(alphabet[Int(random.next() % UInt64(alphabet.count))], at: place)
        }
      }
      let checked = try? JSONView(bytes)
      #expect(
        (checked != nil) == JSONGrammar.accepts(bytes), "\(String(decoding: bytes, as: UTF8.self))")
      accepted += checked == nil ? 0 : 1
      // The cursor must survive whatever it is given, and see what the check saw.
      let scanned = JSONView(trusted: JSONText(unchecked: bytes))
      let found = Self.deeply(scanned)
      if let checked { #expect(Self.deeply(checked) == found) }
    }
    #expect(accepted > 100)
  }

  /// Everything a view gives, as text.
  private static func deeply(_ view: JSONView) -> [String] {
    var found = [view.json.text, view.string ?? ""]
    for member in view.members { found += [member.key] + deeply(member.value) }
    for element in view.elements { found += deeply(element) }
    return found
  }
}
