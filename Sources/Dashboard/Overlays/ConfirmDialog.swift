import FleetModel
import TerminalUI

/// Asks before a dangerous command: what will happen now, and No first.
struct ConfirmDialog {
  let confirmation: Confirmation
  /// The newest, even while the screen is paused: the answer acts on the world of now.
  let snapshot: Snapshot?

  func draw(on drawing: inout Drawing) {
    QuestionBox(
      question: confirmation.question, facts: confirmation.facts(snapshot, now: drawing.now),
      buttons: [
        .no, QuestionBox.Button(label: "Yes (y)", target: .answer(.yes), role: .dialogDanger),
      ]
    ).draw(on: &drawing)
  }
}
