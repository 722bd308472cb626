import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

/// What of the queue is held, counted and marked, where store and screen do not say the same.
@Suite struct LetterWindowTests {
  private func screen(_ person: Operator) -> String { glyphPlane(draw(person)) }

  private func asker(_ keys: String) -> Operator {
    var person = Operator(120, 40)
    person.queue.letters = SampleLetters.many
    person.isAnswered = false
    person.type("d")
    person.answer()
    person.type(keys)
    return person
  }

  private func request(_ person: Operator) -> LetterRequest? {
    guard case .readLetters(let request)? = person.questions.last else { return nil }
    return request
  }

  @Test func `the page of one server is of no other, whatever the filter says`() throws {
    let query = try LetterQuery("server:b tool:x")
    #expect(query.filter(at: SampleFleet.now, on: ServerID("a")).server == ServerID("a"))
    #expect(query.filter(at: SampleFleet.now, on: nil).server == ServerID("b"))
  }

  @Test func `a term in quotes is completed though it has a blank`() {
    let letters = [SampleLetters.letter("x", age: 1) { $0.errorKind = "tool error" }]
    let hint = LetterFilterHint(nil, letters)
    #expect(hint.completion(of: #"age:>1h kind:"tool e"#) == #"age:>1h kind:"tool error""#)
  }

  @Test func `a count that is older than the list is not less than what is listed`() {
    var person = asker("")
    var fleet = SampleFleet.standard
    fleet.deadLetters.size = 50
    person.see(fleet)
    #expect(screen(person).contains("100 of 101"))
  }

  @Test func `marking one letter ends the mark of all`() {
    let person = asker("A ")
    #expect(person.browser?.marks.everything == nil)
    #expect(person.browser?.marks.count == 1)
  }

  @Test(arguments: ["A", "Aa", "AA"])
  func `all are marked once, and unmarked by the same keys`(keys: String) {
    let person = asker(keys)
    #expect((person.browser?.marks.everything != nil) == (keys == "A"))
    #expect(person.browser?.marks.isEmpty == (keys != "A"))
  }

  @Test func `what the store found for a text is listed and marked, wherever it found it`() throws {
    var person = asker("/disk full\r")
    let number = try #require(request(person)?.number)
    let found = SampleLetters.letter("elsewhere", age: 40)
    person.hear(.lettersRead(number, .success(DeadLetterPage(letters: [found]))))
    #expect(person.browser?.letters.map(\.id.text) == ["elsewhere"])
    person.type("A")
    #expect(person.browser?.marks.contains(found) == true)
  }

  @Test func `what the store sends and nobody asked for is not listed`() throws {
    var person = asker("/kind:503\r")
    let number = try #require(request(person)?.number)
    let others = [
      SampleLetters.letter("one", age: 40) { $0.errorKind = "503" },
      SampleLetters.letter("two", age: 41) { $0.errorKind = "timeout" },
    ]
    person.hear(.lettersRead(number, .success(DeadLetterPage(letters: others))))
    #expect(person.browser?.letters.map(\.id.text) == ["one"])
  }

  @Test func `going down steadily never reads what was just given up`() {
    var person = asker("")
    for _ in 0..<1300 {
      person.type("j")
      while let request = request(person) {
        #expect(request.limit == LetterWindow.pageLimit)
        person.answer(person.questions.count - 1)
      }
    }
    #expect(person.browser?.window.above ?? 0 > 0)
  }

  @Test func `one who stops on the way to the end has letters above him too`() {
    var person = asker("G")
    person.answer()
    person.type("k")
    person.answer()
    #expect(person.browser?.window.above ?? 0 > 0)
    #expect(person.questions.isEmpty)
  }

  @Test func `marks of letters that were given up above stay`() {
    var person = asker(" ")
    person.isAnswered = true
    person.type("G")
    #expect(person.browser?.window.isAtHead == false)
    #expect(person.browser?.marks.count == 1)
    var fleet = SampleFleet.standard
    fleet.deadLetters.size += 3
    person.see(fleet, after: .seconds(10))
    #expect(person.browser?.marks.count == 1)
  }

  @Test func `marks of another filter stay when the list that does not show them is read anew`() {
    var person = asker(" ")
    person.isAnswered = true
    person.type("/kind:nothing\r")
    var fleet = SampleFleet.standard
    fleet.deadLetters.size += 3
    person.see(fleet, after: .seconds(10))
    #expect(person.browser?.letters.isEmpty == true)
    #expect(person.browser?.marks.count == 1)
  }

  @Test func `the mark of the oldest letter goes with it`() {
    var person = Operator(120, 40)
    person.queue.letters = Array(SampleLetters.many.prefix(5))
    person.type("dG ")
    #expect(person.browser?.marks.count == 1)
    person.queue.letters.removeLast()
    var fleet = SampleFleet.standard
    fleet.deadLetters.size += 3
    person.see(fleet, after: .seconds(10))
    #expect(person.browser?.letters.count == 4)
    #expect(person.browser?.marks.isEmpty == true)
  }

  @Test func `there is an end to what is marked one by one`() {
    var marks = LetterMarks()
    let letters = (0..<LetterMarks.limit + 1).map { SampleLetters.letter("m-\($0)", age: $0) }
    marks.toggle(letters)
    #expect(marks.count == LetterMarks.limit)
  }
}
