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
