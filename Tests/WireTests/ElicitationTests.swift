import FleetModel
import Testing

@testable import Wire

@Suite struct `A question for a person` {
  private func answer(
    _ params: String, by answer: SessionPolicy.InputAnswer, method: String = "elicitation/create"
  ) throws -> Elicitation? {
    Elicitation(method: method, params: try JSONView(Array(params.utf8)), answer: answer)
  }

  private func form(_ properties: String, required: String = "[]") -> String {
    #"{"message":"Who?","requestedSchema":{"type":"object","properties":{\#(properties)},"#
      + #""required":\#(required)}}"#
  }

  @Test func `is declined or cancelled by policy`() throws {
    #expect(try answer(form(""), by: .decline)?.result.text == #"{"action":"decline"}"#)
    #expect(try answer(form(""), by: .cancel)?.result.text == #"{"action":"cancel"}"#)
  }

  @Test func `is accepted with the defaults of its schema, as they were written`() throws {
    let schema = form(
      #""name":{"type":"string","default":"J\u00f6rg"},"age":{"type":"integer","default":30},"#
        + #""score":{"type":"number","default":95.50},"ok":{"type":"boolean","default":true},"#
        + #""color":{"type":"string","enum":["r"],"default":"r"},"free":{"type":"string"},"#
        + #""many":{"type":"array","default":["a"]}"#, required: #"["name"]"#)
    #expect(
      try answer(schema, by: .defaults)?.result.text
        == #"{"action":"accept","content":{"name":"J\u00f6rg","age":30,"score":95.50,"ok":true,"#
        + #""color":"r","many":["a"]}}"#)
  }

  @Test func `is declined when a required field has no default`() throws {
    let schema = form(#""name":{"type":"string"}"#, required: #"["name"]"#)
    #expect(try answer(schema, by: .defaults)?.result.text == #"{"action":"decline"}"#)
  }

  @Test func `that sends a person to an address is never accepted`() throws {
    let params = #"{"mode":"url","url":"https://evil.example","message":"go"}"#
    #expect(try answer(params, by: .defaults)?.result.text == #"{"action":"decline"}"#)
  }

  @Test func `is shown cleaned and short, with what was answered`() throws {
    let note =
      try answer(
        #"{"message":"\u001b[2J\#(String(repeating: "x", count: 500))"}"#, by: .decline)?.note ?? ""
    #expect(note.hasPrefix("asked for input: \u{FFFD}[2Jxx"))
    #expect(note.hasSuffix("…; answered with decline"))
    #expect(note.count <= ServerText.characterLimit)
  }

  @Test(arguments: ["sampling/createMessage", "roots/list", "ping"])
  func `of another kind is not answered here`(method: String) throws {
    #expect(try answer("{}", by: .defaults, method: method) == nil)
  }
}

@Suite struct `A server's text` {
  @Test(arguments: [
    ("a\nb\tc\r", "a b c "), ("\u{1b}[2J", "\u{FFFD}[2J"), ("\u{202e}x", "\u{FFFD}x"),
    ("\u{9b}31m", "\u{FFFD}31m"), ("\u{2028}", "\u{FFFD}"), ("é 中", "é 中"),
  ])
  func `is one line that hides nothing`(text: String, line: String) {
    #expect(ServerText.line(text) == line)
  }

  @Test func `is cut at its limit, however many marks a letter has`() {
    #expect(ServerText.line(String(repeating: "a", count: 200)).count == 200)
    let cut = ServerText.line(String(repeating: "a", count: 201))
    #expect(cut.count == 200)
    #expect(cut.hasSuffix("a…"))
    let zalgo = "a" + String(repeating: "\u{301}", count: 1_000_000)
    #expect(ServerText.line(zalgo).unicodeScalars.count <= 1601)
  }
}
