import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct DangerTests {
  private static let github = ServerID("mcp-github")
  private static let first = SampleFleet.standard.deadLetters.recent[0].id
  private static let second = SampleFleet.standard.deadLetters.recent[1].id

  static let deeds: [(String, Command)] = [
    ("r", .resetBreaker(github)),
    ("R", .replay(ReplayOrder(.server(github), owner: "anna"))),
    ("\rr", .resetBreaker(github)), ("N", .reconnect(github)),
    ("E", .invalidateCache(.server(github))), (":reconnect\r", .reconnect(github)),
    (":clear cache\r", .invalidateCache(.server(github))),
    ("dR", .replay(ReplayOrder(.ids([first]), owner: "anna"))), ("dX", .discard(.ids([first]))),
    ("dD", .delete(.ids([first]))),
    ("d  X", .discard(.ids([first, second]))),
    (":reset\r", .resetBreaker(github)),
  ]

  @Test(arguments: deeds)
  func `a dangerous key does nothing until it is confirmed`(keys: String, command: Command) {
    var person = Operator()
    person.type(keys)
    #expect(person.effects == [])
    person.type("y")
    #expect(person.effects == [.perform(command)])
    #expect(person.state.overlay == nil)
  }

  @Test(arguments: deeds, [Key.enter, .escape, .character("n"), .character("q")])
  func `No has the focus and every way back takes it`(deed: (String, Command), key: Key) {
    var person = Operator()
    person.type(deed.0)
    person.press(key)
    #expect(person.effects == [])
    #expect(person.state.overlay == nil)
  }

  @Test(arguments: deeds)
  func `other keys and a paste leave the question standing`(keys: String, command: Command) {
    var person = Operator()
    person.type(keys)
    let question = person.state.overlay
    person.type("Yj xRoX Sa")
    person.press(.tab)
    person.send(.paste("y"))
    person.send(.paste("y\r"))
    #expect(person.effects == [])
    #expect(person.state.overlay == question)
  }

  @Test func `a click on Yes says yes, one on No or beside says no`() throws {
    var person = Operator()
    person.type("r")
    person.send(.mouse(MouseEvent(action: .press, column: 0, row: 0)))
    #expect(person.state.overlay != nil)
    try person.click(.answer(.no))
    #expect(person.state.overlay == nil)
    person.type("r")
    try person.click(.answer(.yes))
    #expect(person.effects == [.perform(.resetBreaker(Self.github))])
  }

  @Test func `letters that may have run are sent again only by force`() throws {
    var person = Operator()
    person.type("R")
    person.type("F")
    let order = ReplayOrder(.server(Self.github), isForced: true, owner: "anna")
    #expect(person.effects == [.perform(.replay(order))])
    // The second letter was refused before it ran: nothing to force.
    person = Operator()
    person.type("djRF")
    #expect(person.effects == [])
    #expect(person.state.overlay != nil)
  }

  @Test func `a server without dead letters has none to replay`() {
    var person = Operator()
    person.type("jjR")
    #expect(person.state.overlay == nil)
    #expect(glyphPlane(draw(person)).contains("filesystem has no dead letters"))
  }

  @Test func `the question tells of now, even on a paused screen`() {
    var person = Operator()
    person.type("p")
    var later = SampleFleet.standard
    later.servers[0].breaker.state = .closed
    person.see(later, after: .seconds(20))
    person.type("R")
    #expect(glyphPlane(draw(person)).contains("breaker is closed: sent now"))
  }

  @Test func `a dangerous key acts on the row that is lit`() {
    var person = Operator()
    person.type("/vec\rr")
    #expect(glyphPlane(draw(person)).contains("Reset the breaker of vector-db?"))
    person.type("y")
    #expect(person.effects == [.perform(.resetBreaker(ServerID("vector-db")))])
  }

  @Test func `on a screen too small for the question no key but quitting works`() {
    var person = Operator()
    person.type("r")
    person.send(.resize(Size(columns: 30, rows: 9)))
    person.type("y")
    #expect(person.effects == [])
    person.type("q")
    #expect(person.effects == [.quit])
  }

  @Test(arguments: ["", "o", "?", ":", "/", "\r", "d"])
  func `control c quits from everywhere`(keys: String) {
    var person = Operator()
    person.type(keys)
    person.press(.control("c"))
    #expect(person.effects == [.quit])
  }
}

extension Operator {
  /// Clicks on the first place of the screen that does this.
  mutating func click(
    _ target: Hit.Target, _ action: MouseEvent.Action = .press
  ) throws {
    let hits = frame(
      snapshot: snapshot, state: state, size: state.size, now: SampleFleet.now
    ).1
    let hit = try #require(hits.first { $0.target == target })
    send(.mouse(MouseEvent(action: action, column: hit.rect.column + 1, row: hit.rect.row)))
  }
}
