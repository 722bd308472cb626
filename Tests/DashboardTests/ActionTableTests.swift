import TerminalUI
import Testing

@testable import Dashboard

@Suite struct ActionTableTests {
  @Test func `every action is in the table once, with keys and a word of help`() {
    #expect(
      ActionTable.actions.map(\.id.rawValue).sorted() == Action.ID.allCases.map(\.rawValue).sorted()
    )
    #expect(ActionTable.actions.allSatisfy { !$0.chords.isEmpty && !$0.help.isEmpty })
  }

  @Test(arguments: [Action.Scope.fleet, .server, .deadLetters])
  func `no two actions of a page share a key`(scope: Action.Scope) {
    let chords = ActionTable.actions.filter { !$0.scope.isDisjoint(with: scope) }
      .flatMap(\.chords)
    for (index, chord) in chords.enumerated() {
      for other in chords[(index + 1)...] {
        #expect(!other.keys.starts(with: chord.keys) && !chord.keys.starts(with: other.keys))
      }
    }
  }

  @Test func `what asks first is what can do harm`() {
    let asking = ActionTable.actions.filter { $0.danger == .confirm }.map(\.id)
    #expect(
      Set(asking) == [
        .replay, .discard, .deleteLetters, .trip, .close, .disable, .reset, .reconnect, .trust,
        .clearCache,
      ])
  }

  @Test func `the key table has a line for every action`() {
    let lines = ActionTable.keyTable.split(separator: "\n")
    #expect(lines.count == Action.ID.allCases.count)
    #expect(lines.contains { $0.hasPrefix("gg Home") && $0.contains("first row") })
    #expect(lines.contains { $0.contains("force the breaker open, asks first (fleet, server)") })
  }

  @Test(arguments: [Action.Scope.fleet, .server, .deadLetters])
  func `help shows every action of the page`(scope: Action.Scope) {
    var person = Operator(120, 40)
    if scope == .server { person.type("\r") }
    if scope == .deadLetters { person.type("d") }
    person.type("?")
    let screen = glyphPlane(draw(person))
    for action in ActionTable.actions
    where !action.scope.isDisjoint(with: scope) && action.id.panel == nil {
      #expect(screen.contains(action.help), "\(action.id)")
    }
  }

  @Test func `the palette runs what it shows`() {
    var person = Operator()
    person.type(":browse\r")
    #expect(person.state.pages.count == 1)
    person.type(":next theme\r")
    #expect(person.effects == [.setTheme("night")])
  }

  @Test(
    arguments: [
      (Size(columns: 39, rows: 60), Breakpoint.tooSmall), (Size(columns: 200, rows: 9), .tooSmall),
      (Size(columns: 40, rows: 10), .tiny), (Size(columns: 69, rows: 20), .tiny),
      (Size(columns: 70, rows: 20), .compact), (Size(columns: 110, rows: 33), .compact),
      (Size(columns: 110, rows: 34), .medium), (Size(columns: 179, rows: 50), .medium),
      (Size(columns: 180, rows: 50), .large),
    ])
  func `a screen gets the largest layout that fits`(size: Size, breakpoint: Breakpoint) {
    #expect(Breakpoint(size) == breakpoint)
  }
}
