import FleetModel
import TerminalUI

@testable import Dashboard

/// Someone in front of the dashboard: types, sees snapshots, and keeps the effects.
struct Operator {
  var state: ViewState
  private(set) var snapshot = SampleFleet.standard
  private(set) var effects: [Effect] = []

  init(_ columns: Int = 80, _ rows: Int = 24) {
    state = ViewState(size: Size(columns: columns, rows: rows), owner: "anna")
    _ = state.update(.snapshot(snapshot))
  }

  /// Each character is a key; `\r` is Enter, `\u{1B}` Escape, `\t` Tab.
  mutating func type(_ keys: String) {
    for character in keys {
      switch character {
      case "\r": press(.enter)
      case "\u{1B}": press(.escape)
      case "\t": press(.tab)
      default: press(.character(character))
      }
    }
  }

  mutating func press(_ key: Key) { send(.key(key)) }

  mutating func send(_ input: Input) { effects += state.update(.input(input)) }

  mutating func see(_ snapshot: Snapshot, after duration: Duration = .zero) {
    self.snapshot = snapshot
    self.snapshot.at = SampleFleet.now + duration
    effects += state.update(.snapshot(self.snapshot))
  }
}

/// The screen the operator has.
func draw(_ person: Operator, after duration: Duration = .zero) -> Canvas {
  frame(
    snapshot: person.snapshot, state: person.state, size: person.state.size,
    now: SampleFleet.now + duration
  ).0
}
