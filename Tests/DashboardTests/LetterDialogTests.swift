import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

/// What is asked before something is done to dead letters, and what a running replay shows.
@Suite struct LetterDialogTests {
  private func screen(_ person: Operator) -> String { glyphPlane(draw(person)) }

  private func odd() -> Operator {
    var person = Operator(120, 40)
    person.queue.letters = SampleLetters.odd
    person.type("d")
    return person
  }

  @Test func `the question tells how many, where to, how the breakers stand, and what stays`() {
    var person = Operator(120, 40)
    person.type("d     R")
    let shown = screen(person)
    #expect(shown.contains("Replay 5 letters?"))
    #expect(shown.contains("mcp-github, 4: breaker is open: left here untried (probe in 12 s)"))
    #expect(shown.contains("mcp-postgres, 1: breaker is half-open"))
    #expect(shown.contains("2 may have run: left out, F sends them too"))
    #expect(shown.contains("pace 10/s (p)"))
  }

  @Test func `w waits for the breaker and p changes the pace`() {
    var person = Operator()
    person.type("dRwpp")
    #expect(screen(person).contains("breaker is open: sent when it closes"))
    person.type("y")
    let first = SampleFleet.standard.deadLetters.recent[0].id
    let order = ReplayOrder(.ids([first]), pace: 200, waitsForBreaker: true, owner: "anna")
    #expect(person.effects == [.perform(.replay(order))])
  }

  @Test func `a pace without a limit is one of the choices`() {
    var person = Operator()
    person.type("dRppp")
    #expect(screen(person).contains("pace no limit"))
    person.type("p")
    #expect(screen(person).contains("pace 1/s"))
  }

  @Test func `a dry run asks the engine, sends nothing, and shows its words`() {
    var person = Operator()
    person.isAnswered = false
    person.type("d")
    person.answer()
    person.type("Rd")
    #expect(screen(person).contains("dry run: asking the engine"))
    guard case .rehearse(_, let order)? = person.questions.first else {
      Issue.record("\(person.questions)")
      return
    }
    #expect(order.isDryRun)
    person.type("d")
    #expect(person.questions.count == 1)
    person.answer()
    #expect(screen(person).contains("dry run: 1 would be sent"))
    #expect(person.effects.isEmpty)
  }

  @Test func `a dry run that fails says why, and one of another dialog is not heard`() {
    var person = Operator()
    person.isAnswered = false
    person.type("d")
    person.answer()
    person.type("Rdn")
    person.type("Rd")
    person.answer(0)
    #expect(screen(person).contains("asking the engine"))
    person.answer(0, error: .store("disk full"))
    #expect(screen(person).contains("dry run failed: disk full"))
  }

  @Test func `secrets and tokens that a replay would miss are told`() {
    var person = odd()
    person.type("jjR")
    #expect(screen(person).contains("1 need their caller's token"))
    #expect(screen(person).contains("1 had secrets"))
  }

  @Test func `marked letters that cannot be sent are left alone, and it is told`() {
    var person = odd()
    person.type("aR")
    #expect(screen(person).contains("Replay 4 letters?"))
    #expect(screen(person).contains("2 marked are not pending or not readable: left alone"))
    #expect(screen(person).contains("was-here, 1: no such name here: goes by its endpoint"))
  }

  @Test func `many letters are deleted for good only after the word is typed`() {
    var person = odd()
    person.type("  Dy\r")
    #expect(person.effects.isEmpty)
    #expect(screen(person).contains("type delete to do it"))
    person.send(.paste("delete"))
    person.type("\r")
    #expect(person.effects.isEmpty)
    for _ in 0..<3 { person.press(.backspace) }
    person.type("delete\r")
    let ids = SampleLetters.odd.prefix(2).map(\.id)
    #expect(person.effects == [.perform(.delete(.ids(Array(ids))))])
  }

  @Test func `escape leaves the typed question, and a click alone does not do it`() throws {
    var person = odd()
    person.type("  D")
    try person.click(.answer(.yes))
    #expect(person.effects.isEmpty)
    #expect(person.state.overlay != nil)
    person.type("delet\u{1B}")
    #expect(person.state.overlay == nil)
    #expect(person.effects.isEmpty)
    person.type("Ddelete")
    try person.click(.answer(.yes))
    #expect(person.effects.count == 1)
  }

  @Test func `clicks choose how a replay is done`() throws {
    var person = Operator(120, 40)
    person.type("dR")
    try person.click(.option(.wait))
    try person.click(.option(.pace))
    try person.click(.option(.rehearse))
    #expect(screen(person).contains("wait for breaker: yes"))
    #expect(screen(person).contains("dry run: 1 would be sent"))
    try person.click(.answer(.yes))
    #expect(person.effects.count == 1)
  }

  @Test func `a double click reads the letter`() throws {
    var person = Operator(120, 40)
    person.type("d")
    let third = SampleFleet.standard.deadLetters.recent[2].id
    try person.click(.letter(third), .doubleClick)
    #expect(person.browser?.selection == third)
    #expect(person.browser?.isReading == true)
  }

  // MARK: - Replays that run

  private static func replays(
    _ change: (inout ReplaySnapshot) -> Void = { _ in }
  ) -> Snapshot {
    var fleet = SampleFleet.standard
    var replay = ReplaySnapshot(
      number: 3, owner: "anna", startedAt: SampleFleet.now + .seconds(-10), total: 400,
      count: ReplayCount(delivered: 90, failed: 6, unsafe: 4))
    change(&replay)
    fleet.deadLetters.replays = [replay]
    return fleet
  }

  private func watcher(
    _ columns: Int = 120, _ rows: Int = 40, _ change: (inout ReplaySnapshot) -> Void = { _ in }
  ) -> Operator {
    var person = Operator(columns, rows)
    person.see(Self.replays(change))
    return person
  }

  @Test(arguments: ["d", "77"])
  func `a running replay shows its course on the page and on the panel`(keys: String) {
    var person = watcher()
    person.type(keys)
    let shown = screen(person)
    for words in [
      "replay 3 by anna", "100 of 400", "90 delivered", "6 failed again", "4 left out", "10.0/s",
      "0:30 left",
    ] {
      #expect(shown.contains(words), "\(words)")
    }
  }

  @Test func `one that waits says for whom, and promises no end`() {
    var person = watcher { $0.waitsFor = ServerID("mcp-github") }
    person.type("d")
    #expect(screen(person).contains("waits for the breaker of mcp-github"))
    #expect(!screen(person).contains("0:30 left"))
  }

  @Test func `S stops the running one, once`() {
    var person = watcher()
    person.type("dS")
    #expect(person.effects == [.perform(.stopReplay(3))])
    person.see(Self.replays { $0.isStopping = true })
    #expect(screen(person).contains("stopping"))
    person.type("S")
    #expect(person.effects.count == 1)
    person.see(SampleFleet.standard)
    person.type("S")
    #expect(screen(person).contains("no replay runs"))
  }

  @Test func `a result stays ten minutes, or until it is dismissed`() {
    let ended: (inout ReplaySnapshot) -> Void = {
      $0.endedAt = SampleFleet.now
      $0.count.left = 300
    }
    var person = watcher(120, 40, ended)
    person.type("d")
    #expect(screen(person).contains("300 not come to"))
    person.see(Self.replays(ended), after: .seconds(599))
    #expect(screen(person).contains("ended 9m ago"))
    person.type("x")
    #expect(!screen(person).contains("replay 3"))
    person = watcher(120, 40, ended)
    person.type("d")
    person.see(Self.replays(ended), after: .seconds(600))
    #expect(!screen(person).contains("replay 3"))
  }

  // MARK: - The store's trouble

  private static var ill: Snapshot {
    var fleet = SampleFleet.standard
    fleet.deadLetters.store = "redis://127.0.0.1:6379/0"
    fleet.deadLetters.trouble = "redis://127.0.0.1:6379/0 does not answer"
    fleet.deadLetters.spilled = 12
    fleet.deadLetters.dropped = 31
    return fleet
  }

  @Test func `letters that are lost, or may be, are told beside the others`() {
    var fleet = SampleFleet.standard
    fleet.deadLetters.store = "redis://127.0.0.1:6379/0"
    fleet.deadLetters.counts.refused = 3
    fleet.deadLetters.durability = DeadLetterDurability(.almost, "the last second may be lost")
    var person = Operator(200, 60)
    person.see(fleet)
    person.type("d")
    #expect(screen(person).contains("store: 3 letters NOT kept"))
    #expect(!screen(person).contains("which may lose them"))
    fleet.deadLetters.durability = DeadLetterDurability(.lossy, "in memory only")
    person.see(fleet)
    #expect(
      screen(person).contains("dead letters in redis://127.0.0.1:6379/0, which may lose them"))
  }

  @Test func `trouble of the store is an alert on every page`() {
    let words = "store: redis://127.0.0.1:6379/0 does not answer; 12 letters wait in memory"
    var person = Operator(200, 60)
    person.see(Self.ill)
    #expect(screen(person).prefix { $0 != "\n" }.contains(words))
    person.type("d")
    #expect(screen(person).split(separator: "\n")[2].contains(words))
    #expect(screen(person).contains("dead letters in redis://127.0.0.1:6379/0"))
    #expect(screen(person).contains("31 dropped"))
    person = Operator(80, 24)
    person.see(Self.ill)
    #expect(screen(person).prefix { $0 != "\n" }.contains("! 12 letters wait"))
  }

  @Test func `a queue that nobody can read is not called empty`() {
    var person = Operator(200, 60)
    var fleet = Self.ill
    fleet.deadLetters.size = 0
    for index in fleet.servers.indices { fleet.servers[index].deadLetterCount = 0 }
    person.see(fleet)
    #expect(screen(person).contains("not known"))
    #expect(!screen(person).contains("no dead letters"))
  }
}
