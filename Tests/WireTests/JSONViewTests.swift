import FleetModel
import Testing

@testable import Wire

@Suite struct `JSONView reads` {
  func view(_ text: String) throws -> JSONView { try JSONView(Array(text.utf8)) }

  @Test(arguments: [
    ("{}", JSONView.Kind.object), (" [ ] ", .array), (#""a""#, .string), ("-1.5e3", .number),
    ("true", .bool), ("false", .bool), ("null", .null),
  ])
  func `the kind of every value`(text: String, kind: JSONView.Kind) throws {
    #expect(try view(text).kind == kind)
  }

  @Test func `members by key, past nested values that hold the same key`() throws {
    let json = try view(#"{ "a" : {"b":1,"x":"}\"{"} , "b":[1,{"b":3}], "c":2}"#)
    #expect(json.member("c")?.int == 2)
    #expect(json.member("b")?.elements.map { $0.json.text } == ["1", #"{"b":3}"#])
    #expect(json.member("a")?.member("b")?.int == 1)
    #expect(json.member("x") == nil)
    #expect(json.members.map(\.key) == ["a", "b", "c"])
  }

  @Test func `the first of two members with one key`() throws {
    #expect(try view(#"{"a":1,"a":2}"#).member("a")?.int == 1)
  }

  @Test func `a key that was written with escapes`() throws {
    #expect(try view(#"{"\u0061\"":1}"#).member("a\"")?.int == 1)
  }

  @Test(arguments: [
    (#""plain ü""#, "plain ü"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
    (#""\u00fc\ud83d\ude00!""#, "ü😀!"), (#""""#, ""),
  ])
  func `the text of a string`(text: String, expected: String) throws {
    #expect(try view(text).string == expected)
  }

  @Test func `half a surrogate pair as a replacement character`() {
    for text in [#""\ud800""#, #""\udc00x""#, #""\ud800\u0041""#] {
      #expect(JSONView(trusted: JSONText(unchecked: Array(text.utf8))).string?.first == "\u{FFFD}")
    }
  }

  @Test func `numbers, and no number where it is none`() throws {
    #expect(try view("-12").int == -12)
    #expect(try view("1.0").int == nil)
    #expect(try view("1.5e2").double == 150)
    #expect(try view("9223372036854775808").int == nil)
    #expect(try view("340282366920938463463374607431768211456").double == 0x1p128)
    #expect(try view(#""1""#).int == nil)
    #expect(try view("true").bool == true)
    #expect(try view("1").bool == nil)
    #expect(try view("null").isNull)
  }

  @Test func `the raw bytes of any part`() throws {
    let json = try view(#" {"id" : 1.00 , "p": { "k" : [ ] } } "#)
    #expect(json.json.text == #"{"id" : 1.00 , "p": { "k" : [ ] } }"#)
    #expect(json.member("p")?.json.text == #"{ "k" : [ ] }"#)
    #expect(json.member("id")?.json.text == "1.00")
  }

  @Test func `nothing from what is no container`() throws {
    #expect(try view("[1]").member("a") == nil)
    #expect(try Array(view("{}").members.map(\.key)).isEmpty)
    #expect(try Array(view("1").elements.map(\.kind)).isEmpty)
  }
}

@Suite struct `JSON documents are refused` {
  @Test func `above the byte limit and not at it`() throws {
    let limits = JSONLimits(byteLimit: 4, depthLimit: 8)
    #expect(try JSONView(Array("1234".utf8), limits: limits).int == 1234)
    #expect(throws: JSONError.tooLarge(byteLimit: 4)) {
      try JSONView(Array("12345".utf8), limits: limits)
    }
  }

  @Test func `above the depth limit and not at it, by both parsers`() throws {
    let limits = JSONLimits(byteLimit: 1000, depthLimit: 8)
    func nested(_ depth: Int, _ inside: String) -> [UInt8] {
      Array(
        (String(repeating: "[", count: depth) + inside + String(repeating: "]", count: depth)).utf8)
    }
    for inside in ["1", "340282366920938463463374607431768211456"] {
      _ = try JSONView(nested(8, inside), limits: limits)
      #expect(throws: JSONError.tooDeep(depthLimit: 8)) {
        try JSONView(nested(9, inside), limits: limits)
      }
    }
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "01", "1.", "+1", "nul", "\"\\x\"",
    "\"\\u12\"", "\"a\nb\"", "\"a", "1 2", "[1 2]", "{\"a\" 1}", "]", "[}", "-", "1e", "tru e",
  ])
  func `when they are malformed, by both parsers`(text: String) {
    #expect(throws: JSONError.self) { try JSONView(Array(text.utf8)) }
    #expect(throws: JSONError.self) {
      try JSONGrammar.validateByHand(Array(text.utf8), depthLimit: 8)
    }
  }

  @Test func `when they are not UTF-8`() {
    #expect(throws: JSONError.self) { try JSONView([0x22, 0xFF, 0x22]) }
  }
}

@Suite struct `JSON's two parsers agree` {
  @Test func `on thousands of damaged documents`() throws {
    var random = SplitMix64(seed: 7)
    let seeds = [
      #"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"a\"b\\"}],"n":-1.5e-3}}"#,
      #"[[],{},"",0,true,false,null,{"a":[1,[2,[3]]]}]"#,
    ]
    let alphabet = Array("{}[]\",:0123456789eE+-.truefalsn\\u \n".utf8)
    var accepted = 0
    for _ in 0..<20_000 {
      var bytes = Array(seeds[Int(random.next() % 2)].utf8)
      for _ in 0..<(1 + random.next() % 2) {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = alphabet[Int(random.next() % UInt64(alphabet.count))]
        default: bytes.insert(alphabet[Int(random.next() % UInt64(alphabet.count))], at: place)
        }
      }
      let fast = (try? JSONGrammar.validate(bytes, limits: .standard)) != nil
      let slow = (try? JSONGrammar.validateByHand(bytes, depthLimit: 256)) != nil
      #expect(fast == slow, "\(String(decoding: bytes, as: UTF8.self))")
      accepted += fast ? 1 : 0
      // The cursor must survive whatever it is given.
      let view = JSONView(trusted: JSONText(unchecked: bytes))
      for member in view.members { _ = (member.value.string, member.value.member("content")) }
      for element in view.elements { _ = element.json }
    }
    #expect(accepted > 100)
  }
}
