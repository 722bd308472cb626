import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

/// Where servers come from, who stands in their place, and fleets that come and go.
@Suite struct SourceTests {
  private static let sizes = [(80, 24), (200, 60)]

  private func roamer(_ columns: Int = 80, _ rows: Int = 24) -> Operator {
    var person = Operator(columns, rows)
    person.see(SampleFleet.roaming)
    return person
  }

  private func screen(_ person: Operator) -> String { glyphPlane(draw(person)) }

  @Test(
    arguments: [
      ("impostor-fleet", ""), ("impostor-server", "/slack\r\r"), ("impostor-trust", "/slack\rt"),
      ("sources", "f"), ("source-server", "/is:down\r\r"),
    ], sizes)
  func `impostors and sources are told`(page: (name: String, keys: String), size: (Int, Int))
    throws
  {
    var person = roamer(size.0, size.1)
    person.type(page.keys)
    try expectGolden(draw(person), "\(page.name)-\(size.0)x\(size.1)")
  }

  @Test(arguments: [(40, 10), (80, 24), (200, 60)])
  func `a fleet without servers says what it waits for`(columns: Int, rows: Int) throws {
    var person = Operator(columns, rows)
    person.see(SampleFleet.waiting)
    try expectGolden(draw(person), "waiting-\(columns)x\(rows)")
  }

  @Test func `an impostor is neither dead nor well`() {
    let server = SampleFleet.roaming.servers[4]
    #expect(Liveness(of: server) == .impostor)
    #expect(Liveness.allCases.allSatisfy { $0 == .impostor || $0.gravity < 7 })
    let status = screen(roamer()).prefix { $0 != "\n" }
    #expect(status.contains("‼ 1 impostor"))
    // One is in a crash loop, two cannot be connected to.
    #expect(status.contains("✗ 3 down"))
  }

  @Test func `a server that failed to connect is down even if no check was made`() {
    var server = ServerSnapshot(id: ServerID("a"), transport: .http)
    #expect(Liveness(of: server) == .starting)
    server.connectFailure = "connection refused"
    #expect(Liveness(of: server) == .down)
  }

  @Test func `trust is only asked for where somebody stands in a server's place`() {
    var person = roamer()
    person.type("t")
    #expect(person.state.overlay == nil)
    #expect(screen(person).contains("nobody stands in the place of mcp-github"))
    person.type("/slack\rt")
    #expect(screen(person).contains("5f5f5f5f5f5f5f5f…"))
    #expect(screen(person).contains("c0c0c0c0c0c0c0c0…"))
    person.type("\r")
    #expect(person.effects.isEmpty)
    person.type("ty")
    #expect(person.effects == [.perform(.trust(ServerID("slack")))])
  }

  @Test(arguments: [
    ("from:toolhive", 4), ("from:CLAUDE", 4), ("from:toolhive is:down", 1), ("is:imp", 1),
  ])
  func `a filter asks for a source`(filter: String, count: Int) {
    var person = roamer()
    person.type("/" + filter + "\r")
    guard let shown = person.state.shown else { return }
    #expect(person.state.rows(of: shown).servers.count == count)
  }

  @Test func `the list of sources scrolls and closes`() {
    var person = Operator(80, 24)
    var fleet = SampleFleet.roaming
    fleet.sources = (0..<40).map {
      SourceSnapshot(name: "s\($0)", kind: .file, serverCount: 0, isWell: true, text: "")
    }
    person.see(fleet)
    person.type("f")
    #expect(screen(person).contains("s0 ") && !screen(person).contains("s39 "))
    for _ in 0..<20 { person.press(.pageDown) }
    #expect(screen(person).contains("s39 "))
    person.see(SampleFleet.roaming)
    #expect(screen(person).contains("~/.claude.json"))
    person.type("\u{1B}")
    #expect(person.state.overlay == nil)
  }

  // MARK: - Fleets that come and go

  private func fleet(without names: Set<String>) -> Snapshot {
    var snapshot = SampleFleet.roaming
    snapshot.servers.removeAll { names.contains($0.id.name) }
    return snapshot
  }

  @Test func `the selection stays on its server when others come and go`() {
    var person = roamer()
    person.type("jjj")
    #expect(person.state.target?.id.name == "search-eu")
    person.see(fleet(without: ["mcp-github", "filesystem"]))
    #expect(person.state.target?.id.name == "search-eu")
    person.see(SampleFleet.roaming)
    #expect(person.state.target?.id.name == "search-eu")
  }

  @Test func `when the selected server leaves its neighbour is meant until it is back`() {
    var person = roamer()
    person.type("jjj")
    person.see(fleet(without: ["search-eu"]))
    #expect(person.state.target?.id.name == "slack")
    person.see(SampleFleet.roaming)
    #expect(person.state.target?.id.name == "search-eu")
    person.type("G")
    person.see(fleet(without: ["vault"]))
    #expect(person.state.target?.id.name == "legacy")
    person.type("k")
    #expect(person.state.target?.id.name == "billing")
  }

  @Test func `the page of a server that left says so, and nothing can be done to it`() throws {
    var person = roamer()
    person.type("/slack\r\r")
    person.see(fleet(without: ["slack"]))
    try expectGolden(draw(person), "gone-80x24")
    person.type("tNrR")
    #expect(person.state.overlay == nil)
    person.type("l")
    #expect(person.effects.isEmpty)
  }

  @Test(arguments: Operator.sizes)
  func `every key works on a fleet that has lost all its servers`(columns: Int, rows: Int) {
    for page in ["", "\r", "\rd", "d", "f", "o", "R", "N", "/x"] {
      var person = roamer(columns, rows)
      person.type(page)
      person.see(SampleFleet.waiting)
      for action in ActionTable.actions where action.id != .forceQuit {
        for key in action.chords.flatMap(\.keys) { person.press(key) }
        _ = draw(person)
      }
    }
  }
}

extension Operator {
  static let sizes = [(10, 3), (40, 10), (80, 24), (120, 40), (200, 60)]
}
