import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

/// The filter of the dead-letter page: what its terms mean, what is wrong with them, what helps.
@Suite struct LetterFilterTests {
  private static let now = SampleFleet.now

  private static let meanings: [(String, DeadLetterFilter)] = [
    ("", DeadLetterFilter()),
    ("server:mcp-github", DeadLetterFilter(server: ServerID("mcp-github"))),
    ("client:\"my agent\"", DeadLetterFilter(client: "my agent")),
    ("op:tools/call", DeadLetterFilter(operation: "tools/call")),
    ("op:call_tool", DeadLetterFilter(operation: "tools/call")),
    ("tool:query kind:503", DeadLetterFilter(target: "query", kind: "503")),
    ("kind:\"tool error\"", DeadLetterFilter(kind: "tool error")),
    ("KIND:503", DeadLetterFilter(kind: "503")),
    ("cert:unknown", DeadLetterFilter(deliveries: [.unknown])),
    ("cert:NotSent,refused", DeadLetterFilter(deliveries: [.notSent, .refused])),
    ("state:done", DeadLetterFilter(states: [.done])),
    ("state:done,discarded", DeadLetterFilter(states: [.done, .discarded])),
    ("state:any", DeadLetterFilter(states: Set(DeadLetter.State.allCases))),
    ("state:open", DeadLetterFilter()),
    ("age:>1h", DeadLetterFilter(before: now + .seconds(-3600))),
    ("age:<1h30m", DeadLetterFilter(since: now + .seconds(-5400))),
    (
      "age:>1m age:<2d",
      DeadLetterFilter(since: now + .seconds(-172_800), before: now + .seconds(-60))
    ),
    ("disk full", DeadLetterFilter(text: "disk full")),
    ("\"https://a b\" kind:x", DeadLetterFilter(kind: "x", text: "https://a b")),
    ("disk kind:x full", DeadLetterFilter(kind: "x", text: "disk full")),
    ("\"disk  full", DeadLetterFilter(text: "disk  full")),
  ]

  @Test(arguments: meanings)
  func `a filter means what its terms say`(text: String, filter: DeadLetterFilter) throws {
    #expect(try LetterQuery(text).filter(at: Self.now, on: nil) == filter)
  }

  @Test(
    arguments: [
      ("foo:bar", "no term foo:"), ("https://a", "no term https:"), ("kind:", "needs a value"),
      ("cert:maybe", "is one of notSent, refused"), ("cert:refused,", "is one of"),
      ("state:open,done", "is one of pending"), ("age:1h", "age: is"), ("age:>", "age: is"),
      ("age:>1", "age: is"), ("age:>h", "age: is"), ("age:>99999999999d", "age: is"),
      ("kind:a kind:b", "kind: stands there twice"),
    ])
  func `a wrong term is said and never sent to the store`(text: String, words: String) {
    var person = Operator(200, 60)
    person.type("d/\(text)\r")
    #expect(glyphPlane(draw(person)).contains(words))
    #expect(person.state.isEditingFilter)
    #expect(person.browser?.query == LetterQuery())
  }

  @Test func `a wrong term is said while it is typed`() {
    var person = Operator(120, 40)
    person.type("d/foo:")
    #expect(glyphPlane(draw(person)).contains("no term foo:"))
  }

  @Test(
    arguments: [
      ("/\t", "server:"), ("/ki\t", "kind:"), ("/server:mcp-p\t", "server:mcp-postgres"),
      ("/cert:u\t", "cert:unknown"), ("/state:di\t", "state:discarded"),
      ("/kind:t\t", "kind:timeout"), ("/kind:to\t", "kind:\"tool error\""),
      ("/x age:\t", "x age:>1h"), ("/zzz\t", "zzz"), ("/foo:\t", "foo:"),
    ])
  func `tab completes the word under the cursor`(keys: String, text: String) {
    var person = Operator(120, 40)
    person.type("d" + keys)
    #expect(person.browser?.draft == text)
  }

  @Test func `what is typed is asked for with Enter, once`() {
    var person = Operator(120, 40)
    person.isAnswered = false
    person.type("d")
    person.answer()
    person.type("/kind:503")
    #expect(person.questions.isEmpty)
    person.type("\r")
    #expect(person.questions.count == 1)
    guard case .readLetters(let request)? = person.questions.first else { return }
    #expect(request.filter == DeadLetterFilter(kind: "503"))
  }

  @Test func `the letters that a filter hides are never shown under it`() {
    var person = Operator(120, 40)
    person.isAnswered = false
    person.type("d")
    person.answer()
    person.type("/kind:503\r")
    #expect(!glyphPlane(draw(person)).contains("create_issue"))
    #expect(glyphPlane(draw(person)).contains("asking the store"))
  }

  @Test func `keys narrow to the selected letter's server and cause, escape clears`() {
    var person = Operator(120, 40)
    person.type("djjjc")
    #expect(person.browser?.query.text == "kind:\"tool error\"")
    person.type("s")
    #expect(person.browser?.query.text == "kind:\"tool error\" server:mcp-github")
    #expect(person.browser?.letters.allSatisfy { $0.errorKind == "tool error" } == true)
    person.type("\u{1B}")
    #expect(person.browser?.query.text == "")
    #expect(person.browser?.letters.count == 100)
    person.type("/some words\r")
    person.type("c")
    #expect(person.browser?.query.text == "some words")
  }

  @Test func `a name that no filter can hold is said to be one`() {
    #expect(LetterFilterWord.term(.client, "a\"b") == nil)
    #expect(LetterFilterWord.term(.client, "a b") == "client:\"a b\"")
    var person = Operator(120, 40)
    person.queue.letters = [SampleLetters.letter("a", age: 1) { $0.errorKind = "a\"b" }]
    person.type("dc")
    #expect(glyphPlane(draw(person)).contains("no filter can hold its name"))
  }

  @Test func `the page of one server's letters takes no other server`() {
    var person = Operator(120, 40)
    person.type("\rd/server:slack\r")
    #expect(person.state.isEditingFilter)
    #expect(glyphPlane(draw(person)).contains("this page is of mcp-github alone"))
  }

  @Test func `how many match is counted by the store where no snapshot can say it`() {
    var person = Operator(120, 40)
    person.queue.letters = SampleLetters.many
    person.type("d/kind:503\r")
    let count = SampleLetters.many.count { $0.errorKind == "503" }
    #expect(glyphPlane(draw(person)).contains("100 of \(Figures.grouped(count))"))
    person.queue.canCount = false
    person.type("/")
    person.press(.control("u"))
    person.type("kind:timeout\r")
    #expect(glyphPlane(draw(person)).contains("100 listed, there are more"))
  }

  @Test(arguments: meanings.map(\.0))
  func `a filter's words can be written again and mean the same`(text: String) throws {
    let again = LetterFilterWord.split(text).map(\.written).joined(separator: " ")
    #expect(
      try LetterQuery(again).filter(at: Self.now, on: nil)
        == LetterQuery(text).filter(at: Self.now, on: nil))
  }
}
