import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

/// What somebody needs who works on the dead letters at night: ends that are reached with one key,
/// words that are not cut where they matter, answers that are not taken for success.
@Suite struct LetterUseTests {
  private func screen(_ person: Operator) -> String { glyphPlane(draw(person)) }

  /// Some times what is held.
  private static let long = Array(SampleLetters.many.prefix(2600))

  private func asker(_ columns: Int = 120, _ rows: Int = 40) -> Operator {
    var person = Operator(columns, rows)
    person.queue.letters = Self.long
    person.isAnswered = false
    person.type("d")
    person.answer()
    while !person.questions.isEmpty { person.answer() }
    return person
  }

  private func limit(_ person: Operator) -> Int? {
    guard case .readLetters(let request)? = person.questions.first else { return nil }
    return request.limit
  }

  // MARK: - Both ends

  @Test func `G goes on to the end by itself, in long strides`() {
    var person = asker()
    person.type("G")
    for _ in 0..<3 {
      #expect(limit(person) == LetterWindow.strideLimit)
      #expect(screen(person).contains("reading on"))
      person.answer()
      while case .countLetters? = person.questions.last { person.answer(1) }
      #expect(person.browser?.selected?.id == person.browser?.letters.last?.id)
    }
    person.isAnswered = true
    person.answer()
    #expect(person.browser?.selected?.id == Self.long.last?.id)
    #expect(!screen(person).contains("reading on"))
  }

  @Test(arguments: ["k", " ", "g"])
  func `any other key ends the way to the end`(key: String) {
    var person = asker()
    person.type("G")
    person.answer()
    person.type(key == "g" ? "gg" : key)
    if key == "g" { #expect(person.browser?.row == 0) }
    person.answer()
    #expect(person.browser?.selected?.id != person.browser?.letters.last?.id)
    #expect(!screen(person).contains("reading on"))
  }

  @Test func `a store that fails ends the way to the end`() {
    var person = asker()
    person.type("G")
    person.answer(error: .store("disk full"))
    person.see(SampleFleet.standard, after: .seconds(10))
    person.isAnswered = true
    person.answer()
    #expect(person.browser?.letters.count == 200)
  }

  @Test(arguments: [Key.home, .character("g")])
  func `the newest letter is one key away, however far one went`(key: Key) {
    var person = Operator(120, 40)
    person.queue.letters = Self.long
    person.type("dG")
    #expect(person.browser?.window.isAtHead == false)
    if key == .home { person.press(.home) } else { person.type("gg") }
    #expect(person.browser?.window.isAtHead == true)
    #expect(person.browser?.selected?.id == Self.long.first?.id)
    #expect(person.browser?.row == 0 && person.browser?.top == 0)
    #expect(screen(person).contains(" 1/"))
  }

  @Test func `at the newest letter nothing is asked to get there`() {
    var person = asker()
    person.type("jjgg")
    #expect(person.questions.isEmpty)
    #expect(person.browser?.row == 0)
  }

  @Test func `the marks stay on the way back to the newest`() {
    var person = Operator(120, 40)
    person.queue.letters = Self.long
    person.type("dG ")
    let marked = person.browser?.marks.marks.map(\.id)
    #expect(marked?.count == 1)
    person.type("gg")
    #expect(person.browser?.marks.marks.map(\.id) == marked)
  }

  // MARK: - Reading

  private func reader(
    _ columns: Int = 80, _ rows: Int = 24, _ change: (inout DeadLetter) -> Void
  ) -> Operator {
    var person = Operator(columns, rows)
    person.queue.letters = [SampleLetters.letter("one", age: 30, change)]
    person.type("d\r")
    return person
  }

  @Test func `a message without a blank is read to its end`() {
    let person = reader { $0.errorMessage = String(repeating: "x", count: 150) + "END" }
    #expect(screen(person).contains("xEND"))
  }

  @Test func `a message of many lines is read to its end, and where it is cut it is seen`() {
    let message = (0..<60).map { "word\($0)" }.joined(separator: " ")
    var person = reader(80, 40) { $0.errorMessage = message }
    #expect(screen(person).contains("word59"))
    person.state.size = Size(columns: 80, rows: 24)
    person.type("\r")
    #expect(screen(person).contains("…"))
  }

  @Test func `an attempt's result is read to its end`() {
    let person = reader {
      $0.attempts[0].result = String(repeating: "long words ", count: 12) + "END"
    }
    #expect(screen(person).contains("END"))
  }

  @Test func `on a small screen the end of an attempt is cut, and never how long it took`() {
    var person = reader { letter in
      for index in letter.attempts.indices {
        letter.attempts[index].result = String(repeating: "words ", count: 30)
      }
    }
    person.type("\r")
    #expect(screen(person).contains("40ms"))
  }

  @Test func `on a small screen it is still told what a replay would do with the letter`() {
    var person = reader { $0.delivery = .unknown }
    person.type("\r")
    #expect(screen(person).contains("may have run: a replay leaves it out"))
    person = reader { $0.delivery = .notSent }
    person.type("\r")
    #expect(screen(person).contains("not sent: a replay sends it"))
  }

  @Test func `the next letter is read from its beginning`() {
    var person = reader { $0.attempts = [] }
    person.queue.letters.append(SampleLetters.letter("two", age: 40))
    person.type("qq")
    person.state.size = Size(columns: 40, rows: 10)
    person.type("d\rjjjj")
    #expect(!screen(person).contains("│state"))
    person.type("l")
    #expect(screen(person).contains("letter two"))
    #expect(screen(person).contains("│state"))
  }

  @Test func `q leaves the letter, and not the page`() {
    var person = reader { _ in }
    person.type("q")
    #expect(person.browser?.isReading == false)
    person.type("q")
    #expect(person.browser == nil)
  }

  @Test func `a letter that goes while it is read is not replaced by another one`() {
    var person = Operator()
    person.type("dj\r")
    let read = person.browser?.selection
    person.queue.letters.removeAll { $0.id == read }
    person.hear(.commandFinished(.success(CommandReceipt(text: "done"))))
    person.see(SampleFleet.standard, after: .seconds(1))
    #expect(person.browser?.isReading == false)
    #expect(screen(person).contains("✗ the letter you read is not listed any more"))
  }

  @Test func `the last letter that goes while it is read is missed too`() {
    var person = reader { _ in }
    person.queue.letters = []
    person.hear(.commandFinished(.success(CommandReceipt(text: "done"))))
    person.see(SampleFleet.standard, after: .seconds(1))
    #expect(screen(person).contains("✗ the letter you read is not listed any more"))
    #expect(screen(person).contains("no dead letters"))
  }

  // MARK: - Answers

  @Test(arguments: ["S", "DR"])
  func `what was not done is not told with the sign of what was`(keys: String) {
    var person = Operator(120, 40)
    person.queue.letters = keys == "S" ? SampleLetters.odd : []
    person.type("d" + keys)
    let answer = screen(person).split(separator: "\n").last ?? ""
    #expect(answer.hasPrefix(" ✗"), "\(answer)")
  }

  @Test(
    arguments: [
      (ReplayCount(delivered: 3), "✓"), (ReplayCount(delivered: 3, failed: 1), "!"),
      (ReplayCount(unsafe: 2), "!"), (ReplayCount(delivered: 3, left: 1), "!"),
    ])
  func `a replay that did not deliver everything is not told as a success`(
    count: ReplayCount, sign: String
  ) {
    var person = Operator()
    person.hear(.commandFinished(.success(CommandReceipt(text: "so it went", replay: count))))
    #expect(screen(person).split(separator: "\n").last == " \(sign) so it went")
  }

  @Test func `why the store failed stands where a small screen has room for it`() {
    var person = Operator()
    person.hear(.commandFinished(.failure(.store("/x/y.sqlite3 is locked by another program"))))
    #expect(screen(person).hasSuffix(" ✗ /x/y.sqlite3 is locked by another program\n"))
  }

  @Test(
    arguments: [
      ("y", "copied: mcp-github"), ("dy", "copied: id and params of 0190"),
      ("de", "copied, new arguments go to its input: mcpdash dlq replay 0190"),
    ])
  func `what was copied is said, for nobody sees it`(keys: String, words: String) {
    var person = Operator(120, 40)
    person.type(keys)
    #expect(screen(person).contains(" ✓ \(words)"))
    #expect(person.effects.count == 1)
  }

  @Test func `a deed that takes its time is told as under way until it has ended`() {
    var person = Operator()
    person.type("dXy")
    #expect(screen(person).contains("… discarding 1 letter, create_issue to mcp-github"))
    person.see(SampleFleet.standard, after: .seconds(30))
    #expect(screen(person).contains("discarding 1 letter"))
    person.hear(.commandFinished(.failure(.store("locked"))))
    #expect(!screen(person).contains("discarding"))
    person.see(SampleFleet.standard, after: .seconds(60))
    #expect(!screen(person).contains("locked"))
    person.type("Ry")
    #expect(screen(person).split(separator: "\n").last?.hasPrefix(" ? help") == true)
  }

  @Test func `what a failed command was to be done to is marked again`() {
    var person = Operator()
    person.type("d  X")
    let marks = person.browser?.marks
    person.type("y")
    #expect(person.browser?.marks.isEmpty == true)
    person.hear(.commandFinished(.failure(.store("disk full"))))
    #expect(person.browser?.marks == marks)
  }

  @Test func `what was marked meanwhile is not lost by a command that fails`() {
    var person = Operator()
    person.type("d  Xyj ")
    let marks = person.browser?.marks
    person.hear(.commandFinished(.failure(.store("disk full"))))
    #expect(person.browser?.marks == marks)
  }

  @Test func `what was done is not marked again by another command that fails`() {
    var person = Operator()
    person.type("d  Xy")
    person.hear(.commandFinished(.success(CommandReceipt(text: "done"))))
    person.hear(.commandFinished(.failure(.store("disk full"))))
    #expect(person.browser?.marks.isEmpty == true)
  }

  // MARK: - Replays on the page

  private func notices(
    _ columns: Int, _ change: (inout ReplaySnapshot) -> Void
  ) -> String {
    var person = Operator(columns, columns == 80 ? 24 : 40)
    var fleet = SampleFleet.standard
    var replay = ReplaySnapshot(
      number: 2, owner: "root", startedAt: SampleFleet.now + .seconds(-10), total: 317,
      count: ReplayCount(delivered: 62, failed: 248, unsendable: 7))
    change(&replay)
    fleet.deadLetters.replays = [replay]
    person.see(fleet)
    person.type("d")
    return screen(person)
  }

  @Test func `how to dismiss a result gives way to the result`() {
    let narrow = notices(80) { $0.endedAt = SampleFleet.now }
    #expect(narrow.contains("62 delivered  248 failed again  7 left out"))
    #expect(!narrow.contains("x dismisses"))
    let wide = notices(120) { $0.endedAt = SampleFleet.now }
    #expect(wide.contains("7 left out") && wide.contains("x dismisses"))
  }

  @Test(arguments: [80, 120])
  func `a replay that its store ended tells how far it came before it tells why`(columns: Int) {
    let shown = notices(columns) {
      $0.endedAt = SampleFleet.now
      $0.count = ReplayCount(delivered: 5, failed: 11, left: 3)
      $0.trouble = "Redis at redis://127.0.0.1:39200/0 does not answer within 2 s; check it"
    }
    #expect(shown.contains("ended 0s ago  5 delivered  11 failed again  3 not come to"))
    #expect(shown.contains("3 not come to  Redis at redis://") == (columns > 80))
  }

  @Test func `a count that fails leaves the one that was known`() {
    var person = asker()
    person.type("/kind:503\r")
    while !person.questions.isEmpty { person.answer() }
    let known = screen(person).firstMatch(of: /100 of [0-9,]+/)?.output
    #expect(known != nil)
    var fleet = SampleFleet.standard
    fleet.deadLetters.size += 3
    person.see(fleet, after: .seconds(10))
    person.answer()
    #expect(person.questions.count == 1)
    person.answer(error: .store("disk full"))
    #expect(known.map { screen(person).contains($0) } == true)
  }

  @Test func `one that is stopping promises no end`() {
    #expect(notices(200) { $0.count.failed = 0 }.contains(" left  "))
    let stopping = notices(200) {
      $0.count.failed = 0
      $0.isStopping = true
    }
    #expect(stopping.contains("stopping") && !stopping.contains(" left  "))
  }

  @Test func `a dry run is called so while it runs, and has no result of its own`() {
    let dry: (inout ReplaySnapshot) -> Void = {
      $0.isDryRun = true
      $0.count = ReplayCount(planned: 12)
    }
    #expect(notices(120, dry).contains("dry run 2 by root"))
    let ended = notices(120) {
      dry(&$0)
      $0.endedAt = SampleFleet.now
    }
    #expect(!ended.contains("run 2"))
    #expect(!ended.contains("x dismisses"))
  }
}
