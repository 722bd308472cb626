import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

/// The dead-letter page as a window on a store: asking, paging, reading anew, marks.
@Suite struct LetterBrowserTests {
  private static let ill = CommandError.store("redis://127.0.0.1:6379/0 does not answer")

  private func screen(_ person: Operator) -> String { glyphPlane(draw(person)) }

  private func silent(_ columns: Int = 120, _ rows: Int = 40) -> Operator {
    var person = Operator(columns, rows)
    person.isAnswered = false
    return person
  }

  @Test func `loading is not empty`() {
    var person = silent()
    person.type("d")
    #expect(screen(person).contains("asking the store"))
    #expect(!screen(person).contains("no dead letters"))
    person.queue.letters = []
    person.answer()
    #expect(screen(person).contains("no dead letters"))
  }

  @Test func `a store that fails is not empty, is quoted, and is asked again`() {
    var person = silent()
    person.type("d")
    person.answer(error: Self.ill)
    #expect(screen(person).contains("redis://127.0.0.1:6379/0 does not answer"))
    #expect(!screen(person).contains("no dead letters"))
    #expect(person.questions.isEmpty)
    person.see(SampleFleet.standard, after: .seconds(2))
    #expect(person.questions.isEmpty)
    person.see(SampleFleet.standard, after: .seconds(3))
    #expect(person.questions.count == 1)
    person.answer()
    #expect(screen(person).contains("create_issue"))
  }

  @Test func `the first page is asked for by the page's own filter`() {
    var person = silent()
    person.type("\rd")
    guard case .readLetters(let request)? = person.questions.first else {
      Issue.record("\(person.questions)")
      return
    }
    #expect(request.filter == DeadLetterFilter(server: ServerID("mcp-github")))
    #expect(request.cursor == nil)
    #expect(request.limit == 100)
  }

  @Test func `an answer that comes too late changes nothing`() {
    var person = silent()
    person.type("d/kind:503\r")
    #expect(person.questions.count == 2)
    person.answer()
    #expect(screen(person).contains("asking the store"))
    person.answer()
    #expect(person.browser?.letters.isEmpty == false)
    #expect(person.browser?.letters.allSatisfy { $0.errorKind == "503" } == true)
  }

  @Test func `the answer to a page that was left and opened again is not the new one's`() {
    var person = silent()
    person.type("dqd")
    #expect(person.questions.count == 2)
    person.answer()
    #expect(person.browser?.isLoading == true)
  }

  @Test func `the next page is read before the end is reached, and says how many there are`() {
    var person = Operator(120, 40)
    var fleet = SampleFleet.standard
    fleet.deadLetters.size = 24_310
    person.queue.letters = SampleLetters.many
    person.see(fleet)
    person.type("d")
    #expect(screen(person).contains("100 of 24,310"))
    for _ in 0..<69 { person.type("j") }
    #expect(person.browser?.letters.count == 100)
    person.type("j")
    #expect(person.browser?.letters.count == 200)
    #expect(screen(person).contains("71/24,310"))
  }

  @Test func `however far one scrolls, the queue has no gap and no more than a thousand are held`()
  {
    var person = Operator(120, 40)
    var fleet = SampleFleet.standard
    fleet.deadLetters.size = 24_310
    person.queue.letters = SampleLetters.many
    person.see(fleet)
    person.type("d")
    var seen: [DeadLetterID] = []
    for _ in 0..<1900 {
      if let id = person.browser?.selected?.id { seen.append(id) }
      person.type("j")
      #expect((person.browser?.letters.count ?? 0) <= LetterWindow.heldLimit)
    }
    #expect(seen == SampleLetters.many.prefix(1900).map(\.id))
    #expect(screen(person).contains("~1,901/24,310"))
    // Read anew, it is the same part.
    let first = person.browser?.letters.first?.id
    fleet.deadLetters.size += 1
    person.see(fleet, after: .seconds(2))
    #expect(person.browser?.letters.first?.id == first)
    var back: [DeadLetterID] = []
    for _ in 0..<1900 {
      person.type("k")
      if let id = person.browser?.selected?.id { back.append(id) }
    }
    #expect(back == seen.reversed())
    #expect(person.browser?.window.isAtHead == true)
  }

  @Test func `what changed is read anew, at most once a second, and nothing moves`() {
    var person = silent(80, 24)
    person.type("d")
    person.answer()
    person.type("jjjjjjjjjjjjkkkk")
    let selected = person.browser?.selection
    let before = screen(person).split(separator: "\n")[3...12]
    var fleet = SampleFleet.standard
    fleet.deadLetters.size += 3
    person.see(fleet, after: .milliseconds(900))
    #expect(person.questions.isEmpty)
    person.queue.letters += (0..<3).map { SampleLetters.letter("new-\($0)", age: $0) }
    person.see(fleet, after: .milliseconds(1000))
    #expect(person.questions.count == 1)
    person.see(fleet, after: .seconds(5))
    #expect(person.questions.count == 1)
    person.answer()
    #expect(person.browser?.letters.first?.id == DeadLetterID("new-0"))
    #expect(person.browser?.selection == selected)
    #expect(
      screen(person).split(separator: "\n")[3...12].map { $0.dropFirst(8) }
        == before.map { $0.dropFirst(8) })
    person.see(fleet, after: .seconds(9))
    #expect(person.questions.isEmpty)
  }

  @Test func `a clock that was set back does not keep the list from being read anew`() {
    var person = silent()
    person.type("d")
    person.answer()
    var fleet = SampleFleet.standard
    fleet.deadLetters.size += 3
    person.see(fleet, after: .seconds(-600))
    #expect(person.questions.count == 1)
  }

  @Test func `what makes the store look at every letter is asked for less often`() {
    var person = silent()
    person.queue.letters = SampleLetters.many
    person.type("d")
    person.answer()
    person.type("/search\r")
    person.answer()
    #expect(person.questions.count == 1, "the count")
    person.answer()
    var fleet = SampleFleet.standard
    fleet.deadLetters.size += 3
    person.see(fleet, after: .seconds(4))
    #expect(person.questions.isEmpty)
    person.see(fleet, after: .seconds(5))
    #expect(person.questions.count == 1)
    person.answer()
    #expect(person.questions.count == 1, "the count")
  }

  @Test func `a store that does not get on is not asked for ever`() {
    var person = silent()
    person.type("d")
    let stuck = DeadLetterCursor(createdAt: SampleFleet.now, id: DeadLetterID("x"))
    for number in 1...4 {
      person.hear(.lettersRead(number, .success(DeadLetterPage(letters: [], next: stuck))))
    }
    #expect(person.browser?.window.hasMore == false)
    #expect(person.questions.count == 2)
  }

  @Test func `on a paused screen nothing is read anew`() {
    var person = silent()
    person.type("d")
    person.answer()
    person.type("p")
    var fleet = SampleFleet.standard
    fleet.deadLetters.size += 3
    person.see(fleet, after: .seconds(5))
    #expect(person.questions.isEmpty)
    person.type("p")
    #expect(person.questions.count == 1)
  }

  @Test func `a store that fails later leaves what was read, and says that it is old`() {
    var person = silent()
    person.type("d")
    person.answer()
    var fleet = SampleFleet.standard
    fleet.deadLetters.size += 3
    person.see(fleet, after: .seconds(5))
    person.answer(error: Self.ill)
    #expect(screen(person).contains("not read anew"))
    #expect(screen(person).contains("create_issue"))
  }

  @Test func `the selection stays near where its letter was when that is gone`() {
    var person = Operator()
    person.type("djj")
    let rest = person.browser.map { $0.letters.map(\.id) } ?? []
    person.queue.letters.removeAll { $0.id == rest[2] }
    person.hear(.commandFinished(.success(CommandReceipt(text: "done"))))
    person.see(SampleFleet.standard, after: .seconds(1))
    #expect(person.browser?.selection == rest[3])
  }

  // MARK: - Marks

  @Test func `marks outlast a reading anew, and go with the letters that are gone`() {
    var person = Operator()
    person.type("d   ")
    let ids = person.browser.map { $0.letters.prefix(3).map(\.id) } ?? []
    person.queue.letters.removeAll { $0.id == ids[1] }
    person.hear(.commandFinished(.success(CommandReceipt(text: "done"))))
    person.see(SampleFleet.standard, after: .seconds(1))
    #expect(person.browser?.marks.marks.map(\.id) == [ids[0], ids[2]])
  }

  @Test func `marks under another filter stay, and the page says that they are not listed`() {
    var person = Operator(120, 40)
    person.type("d  /kind:503\r")
    #expect(screen(person).contains("2 marked, 1 not listed"))
    person.type("X")
    #expect(screen(person).contains("Discard 2 letters?"))
  }

  @Test func `all that match are marked up to now, whatever was loaded`() {
    var person = Operator(120, 40)
    person.queue.letters = SampleLetters.many
    person.type("d/kind:503\rA")
    #expect(screen(person).contains("ALL that match marked"))
    person.type("X")
    #expect(screen(person).contains("Discard ALL letters that match kind:503"))
    person.type("y")
    let filter = DeadLetterFilter(kind: "503", before: SampleFleet.now)
    #expect(person.effects == [.perform(.discard(.matching(filter)))])
  }

  @Test func `another filter ends what was marked by the old one`() {
    var person = Operator()
    person.type("dA/kind:503\rXy")
    let first = person.browser?.letters.first?.id
    #expect(first != nil)
    #expect(person.effects == [.perform(.discard(.ids([first ?? DeadLetterID("")])))])
  }

  // MARK: - Letters that are not like the others

  private func odd(at id: String, _ columns: Int = 120, _ rows: Int = 40) -> Operator {
    var person = Operator(columns, rows)
    person.queue.letters = SampleLetters.odd
    person.type("d/state:any\r")
    while person.browser?.selected?.id.text != id {
      let before = person.browser?.selection
      person.type("j")
      if person.browser?.selection == before { break }
    }
    return person
  }

  @Test(
    arguments: [
      ("unreadable", "it can only be deleted"), ("replaying", "being replayed just now"),
      ("was-delivered", "delivered by a replay"), ("was-discarded", "it is discarded"),
    ], ["R", "X"])
  func `nothing is done to what is not pending, and it is said why`(
    letter: (id: String, words: String), key: String
  ) {
    var person = odd(at: letter.id)
    person.type(key)
    #expect(person.state.overlay == nil)
    #expect(screen(person).contains(letter.words))
  }

  @Test func `an unreadable letter is seen as such and can be deleted`() {
    var person = odd(at: "unreadable")
    #expect(screen(person).contains("unreadable"))
    person.type("Dy")
    #expect(person.effects == [.perform(.delete(.ids([DeadLetterID("unreadable")])))])
  }

  @Test func `what has expired is not told as delivered, and nothing is done to it`() {
    var person = odd(at: "expiring")
    person.isAnswered = false
    person.see(SampleFleet.standard, after: .seconds(6))
    #expect(glyphPlane(draw(person, after: .seconds(6))).contains("expired"))
    person.type("R")
    #expect(person.state.overlay == nil)
    #expect(screen(person).contains("it has expired"))
  }

  @Test func `copying the command to edit a letter gives it to no shell unquoted`() {
    var person = odd(at: "secret")
    person.type("e")
    #expect(person.effects == [.copy("mcpdash dlq replay secret --arguments -")])
    #expect(
      LetterCommandLine.replay(DeadLetterID("a b;'c'"))
        == #"mcpdash dlq replay 'a b;'\''c'\''' --arguments -"#)
    #expect(
      LetterCommandLine.replay(DeadLetterID("-f"))
        == "mcpdash dlq replay --arguments - -- -f")
    #expect(LetterCommandLine.replay(DeadLetterID("\u{1B}[2J")) == nil)
    #expect(LetterCommandLine.replay(DeadLetterID("日本")) == nil)
  }

  @Test func `enter reads the letter, arrows the next one, escape and enter end it`() {
    var person = odd(at: "edited", 80, 24)
    person.type("\r")
    #expect(screen(person).contains("letter edited"))
    person.type("l")
    #expect(screen(person).contains("letter gone-server"))
    #expect(screen(person).contains("no server is named was-here"))
    person.type("h\u{1B}")
    #expect(screen(person).contains("AGE"))
    #expect(person.browser?.query.text == "state:any")
    person.type("\r\r")
    #expect(person.browser?.isReading == false)
  }

  @Test func `a letter longer than the screen is scrolled, and not past its end`() {
    var person = odd(at: "secret", 40, 10)
    person.type("\r")
    #expect(!screen(person).contains("PARAMS"))
    for _ in 0..<99 { person.type("j") }
    #expect(screen(person).contains("[redacted]"))
    #expect(person.browser?.selection == DeadLetterID("secret"))
  }
}
