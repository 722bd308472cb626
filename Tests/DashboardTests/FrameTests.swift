import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct FrameTests {
  @Test(arguments: [(200, 60), (120, 40), (80, 24), (40, 10), (10, 3)])
  func `the fleet page at its five sizes`(columns: Int, rows: Int) throws {
    try expectGolden(draw(Operator(columns, rows)), "fleet-\(columns)x\(rows)")
  }

  @Test(arguments: [(120, 40), (40, 10)])
  func `before the first snapshot the configured servers are shown`(
    columns: Int, rows: Int
  ) throws {
    let state = ViewState(
      size: Size(columns: columns, rows: rows), configured: SampleFleet.names.map { ServerID($0) })
    let (canvas, _) = frame(snapshot: nil, state: state, size: state.size, now: SampleFleet.now)
    try expectGolden(canvas, "starting-\(columns)x\(rows)")
  }

  @Test(
    arguments: [
      ("server-200x60", 200, 60, "\r"), ("server-80x24", 80, 24, "\r"),
      ("server-40x10", 40, 10, "\r"), ("letters-120x40", 120, 40, "d j "),
      ("letters-80x24", 80, 24, "d j"), ("letters-40x10", 40, 10, "d"),
      ("help-80x24", 80, 24, "?"), ("help-40x10", 40, 10, "?jj"), ("palette-80x24", 80, 24, ":pa"),
      ("override-80x24", 80, 24, "odisk is full"),
      ("override-40x10", 40, 10, "c\t"), ("override-120x40", 120, 40, "x\t\t\t"),
      ("server-120x40", 120, 40, "\r"), ("server-scrolled-80x24", 80, 24, "\rG"),
      ("server-crashing-80x24", 80, 24, "/pay\r\r"), ("server-held-80x24", 80, 24, "/vec\r\r"),
      ("server-split-80x24", 80, 24, "/bill\r\r"), ("fleet-end-80x24", 80, 24, "G"),
      ("confirm-reconnect-80x24", 80, 24, "/pay\rN"), ("confirm-replay-80x24", 80, 24, "R"),
      ("confirm-replay-40x10", 40, 10, "R"), ("confirm-discard-120x40", 120, 40, "daX"),
      ("filter-80x24", 80, 24, "/is:open"), ("sorted-80x24", 80, 24, "sssss"),
      ("zoomed-80x24", 80, 24, "88"), ("slots-80x24", 80, 24, "5"), ("slots-120x40", 120, 40, "7"),
    ])
  func `pages and overlays`(name: String, columns: Int, rows: Int, keys: String) throws {
    var person = Operator(columns, rows)
    person.type(keys)
    try expectGolden(draw(person), name)
  }

  @Test(
    arguments: [
      ("letters-200x60", 200, 60, "d j "), ("letters-all-120x40", 120, 40, "dA"),
      ("letters-read-120x40", 120, 40, "d\r"), ("letters-read-40x10", 40, 10, "d\r"),
      ("letters-filter-80x24", 80, 24, "d/kind:503 cert:"),
      ("letters-wrong-80x24", 80, 24, "d/server:x nosuch:term"),
      ("letters-none-80x24", 80, 24, "d/kind:503 tool:nothing\r"),
      ("letters-delete-80x24", 80, 24, "d  Ddel"), ("letters-delete-40x10", 40, 10, "d  Ddel"),
      ("letters-dry-run-80x24", 80, 24, "dARdw"), ("letters-replay-40x10", 40, 10, "dR"),
      ("help-letters-80x24", 80, 24, "d?"),
    ])
  func `the page of dead letters`(name: String, columns: Int, rows: Int, keys: String) throws {
    var person = Operator(columns, rows)
    person.type(keys)
    try expectGolden(draw(person), name)
  }

  @Test(arguments: [(200, 60), (120, 40), (80, 24), (40, 10)], ["odd", "busy", "ill", "loading"])
  func `letters that are not like the others, replays, and a store in trouble`(
    size: (columns: Int, rows: Int), scene: String
  ) throws {
    var person = Operator(size.columns, size.rows)
    person.queue.letters = SampleLetters.odd
    if scene == "busy" || scene == "ill" { person.see(SampleLetters.fleet(isIll: scene == "ill")) }
    person.isAnswered = scene != "loading" && scene != "ill"
    person.type("d")
    if scene == "odd" { person.type("/state:any\rjjj") }
    if scene == "ill" { person.answer(error: .store("redis://127.0.0.1:6379/0 does not answer")) }
    try expectGolden(draw(person), "letters-\(scene)-\(size.columns)x\(size.rows)")
  }

  @Test(arguments: [(200, 60), (80, 24)])
  func `replays on the panel of dead letters`(columns: Int, rows: Int) throws {
    var person = Operator(columns, rows)
    person.see(SampleLetters.fleet(isIll: true))
    if columns == 80 { person.type("7") }
    try expectGolden(draw(person), "replays-panel-\(columns)x\(rows)")
  }

  @Test func `a paused screen says so and stays`() throws {
    var person = Operator(80, 24)
    person.type("p")
    person.see(SampleFleet.snapshot(seed: 8), after: .seconds(30))
    try expectGolden(draw(person, after: .seconds(30)), "paused-80x24")
  }

  @Test func `what a command did is shown for a while`() throws {
    var person = Operator(80, 24)
    _ = person.state.update(
      .commandFinished(.success(CommandReceipt(text: "breaker of mcp-github is forced open"))))
    try expectGolden(draw(person), "receipt-80x24")
    person.see(SampleFleet.standard, after: .seconds(9))
    #expect(!glyphPlane(draw(person)).contains("is forced open"))
  }

  @Test(arguments: ["", "\r", "R", "D", "/foo:"])
  func `in ascii the page of dead letters needs nothing more either`(keys: String) {
    var person = Operator(120, 40)
    person.queue.letters = SampleLetters.odd
    person.state.glyphs = .ascii
    person.see(SampleLetters.fleet(isIll: true))
    person.type("d  " + keys)
    #expect(draw(person).cells.allSatisfy { $0.scalar.isASCII })
  }

  @Test func `in ascii nothing of our own needs more`() throws {
    var person = Operator(120, 40)
    person.state.glyphs = .ascii
    try expectGolden(draw(person), "ascii-120x40")
  }
}
