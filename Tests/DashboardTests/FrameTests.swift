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

  @Test func `in ascii nothing of our own needs more`() throws {
    var person = Operator(120, 40)
    person.state.glyphs = .ascii
    try expectGolden(draw(person), "ascii-120x40")
  }
}
