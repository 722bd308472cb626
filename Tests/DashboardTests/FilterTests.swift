import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct FilterTests {
  @Test(
    arguments: [
      ("", Array(0...11)), ("MCP", [0, 1]), ("mcp git", [0]), ("日本", [5]),
      ("is:open", [0, 7]), ("is:half", [1]), ("is:down", [3, 8]), ("is:idle", [4]),
      ("is:sick", [0]),
      ("is:dlq", [0, 1]), ("is:o mcp", [0]), ("is:nothing", []), ("nobody", []),
      ("is:", Array(0...11)), ("is:split", [9]), ("is:loop", [8]), ("is:held", [7, 10, 11]),
    ])
  func `a filter holds what every word asks for`(filter: String, rows: [Int]) {
    let fleet = FleetRows(
      SampleFleet.standard.servers, filter: filter, column: nil, isReversed: false)
    #expect(fleet.servers.map(\.id.name) == rows.map { SampleFleet.names[$0] })
  }

  @Test func `a filter works while it is typed, and escape clears it`() {
    var person = Operator()
    person.type("/slac")
    #expect(glyphPlane(draw(person)).contains("1 of 12"))
    person.press(.backspace)
    person.send(.paste("k\u{1B}"))
    #expect(person.state.filter == "slak")
    person.type("\u{1B}")
    #expect(person.state.filter == "")
    #expect(!person.state.isEditingFilter)
  }

  @Test func `enter keeps the filter and gives the keys back`() {
    var person = Operator()
    person.type("/mcp\rj")
    #expect(person.state.filter == "mcp")
    #expect(person.state.selection == ServerID("mcp-postgres"))
  }

  @Test func `a filter has an end`() {
    var person = Operator()
    person.type("/" + String(repeating: "x", count: 500))
    #expect(person.state.filter.count == Palette.queryLimit)
  }

  @Test(
    arguments: [
      (FleetColumn?.none, Array(0...11)), (.name, [9, 6, 2, 10, 0, 1, 8, 3, 4, 11, 7, 5]),
      (.breaker, [0, 7, 1, 10, 11, 2, 3, 4, 5, 6, 8, 9]),
      (.health, [8, 3, 0, 9, 4, 1, 2, 5, 6, 7, 10, 11]),
      (.success, [9, 0, 1, 2, 5, 6, 7, 10, 11, 3, 4, 8]),
      (.retries, [0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 3, 4]),
      (.amplification, [9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11]),
      (.latency, [0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 3, 4]),
      (.pool, [0, 1, 2, 5, 6, 7, 9, 10, 11, 3, 4, 8]), (.deadLetters, Array(0...11)),
    ])
  func `trouble sorts to the top, ties keep the configuration's order`(
    column: FleetColumn?, rows: [Int]
  ) {
    let fleet = FleetRows(
      SampleFleet.standard.servers, filter: "", column: column, isReversed: false)
    #expect(fleet.servers.map(\.id.name) == rows.map { SampleFleet.names[$0] })
  }

  @Test func `servers without a value stand last in either direction`() {
    let fleet = FleetRows(
      SampleFleet.standard.servers, filter: "", column: .latency, isReversed: true)
    #expect(fleet.servers.suffix(2).map(\.id.name) == ["search-eu", "slack"])
  }
}
