import FleetModel
import TerminalUI

@testable import Dashboard

/// Someone in front of the dashboard: types, sees snapshots, and keeps the effects. Behind it stands
/// a store that answers at once, or when it is told to.
struct Operator {
  var state: ViewState
  private(set) var snapshot = SampleFleet.standard
  /// Without the questions to the store.
  private(set) var effects: [Effect] = []
  var queue = PretendQueue(letters: SampleLetters.all)
  /// Otherwise questions wait in `questions` for `answer`.
  var isAnswered = true
  private(set) var questions: [Effect] = []

  init(_ columns: Int = 80, _ rows: Int = 24) {
    state = ViewState(size: Size(columns: columns, rows: rows), owner: "anna")
    _ = state.update(.snapshot(snapshot))
  }

  private mutating func take(_ new: [Effect]) {
    for effect in new {
      guard effect.isQuestion else {
        effects.append(effect)
        continue
      }
      questions.append(effect)
      if isAnswered { answer(questions.count - 1) }
    }
  }

  /// Answers a question that waits.
  ///
  /// - Parameter error: the store's trouble; nil where it is well.
  mutating func answer(_ index: Int = 0, error: CommandError? = nil) {
    guard questions.indices.contains(index) else { return }
    let question = questions.remove(at: index)
    take(state.update(queue.answer(to: question, now: snapshot.at, error: error)))
  }

  /// Something that no input tells, such as a command's end.
  mutating func hear(_ message: Message) { take(state.update(message)) }

  /// The dead-letter page on top.
  var browser: DeadLetterBrowser? {
    if case .deadLetters(let browser) = state.pages.last { browser } else { nil }
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

  mutating func send(_ input: Input) { take(state.update(.input(input))) }

  mutating func see(_ snapshot: Snapshot, after duration: Duration = .zero) {
    self.snapshot = snapshot
    self.snapshot.at = SampleFleet.now + duration
    take(state.update(.snapshot(self.snapshot)))
  }
}

/// The screen the operator has.
func draw(_ person: Operator, after duration: Duration = .zero) -> Canvas {
  frame(
    snapshot: person.snapshot, state: person.state, size: person.state.size,
    now: SampleFleet.now + duration
  ).0
}
