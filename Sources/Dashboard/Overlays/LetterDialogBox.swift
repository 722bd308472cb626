import FleetModel
import TerminalUI

/// Asks before something is done to dead letters: to how many, where to, what will happen, and No
/// first.
struct LetterDialogBox {
  let dialog: LetterDialog
  /// The newest, even while the screen is paused: the answer acts on the world of now.
  let snapshot: Snapshot?

  private static let typing = "type \(LetterDialog.word) to do it: "

  func draw(on drawing: inout Drawing) {
    let field = QuestionBox(
      question: dialog.question, facts: dialog.facts(snapshot, now: drawing.now),
      buttons: buttons,
      // What is chosen in the question of a replay changes its words while one looks at it.
      leastWidth: dialog.deed == .replay
        ? QuestionBox.widthLimit : Self.typing.count + LetterDialog.word.count + 1,
      fieldRows: dialog.isTyped ? 1 : 0
    ).draw(on: &drawing)
    if dialog.isTyped { typing(on: &drawing, in: field) }
  }

  private func typing(on drawing: inout Drawing, in field: Rect) {
    let width = field.size.columns
    var used = drawing.text(Self.typing, field.column, field.row, width, .warn)
    used += drawing.text(dialog.typed, field.column + used, field.row, width - used, .title)
    if used < width {
      drawing.canvas.put(
        " ", column: field.column + used, row: field.row, role: .fg, isSelected: true)
    }
  }

  private var buttons: [QuestionBox.Button] {
    typealias Button = QuestionBox.Button
    var buttons = [
      Button.no,
      Button(
        label: dialog.isTyped ? "Delete (Enter)" : "Yes (y)", target: .answer(.yes),
        role: dialog.isArmed ? .dialogDanger : .muted),
    ]
    if dialog.isForceOffered {
      buttons.append(Button(label: "Force (F)", target: .answer(.force), role: .dialogDanger))
    }
    guard dialog.deed == .replay else { return buttons }
    let wait = dialog.waitsForBreaker ? "yes" : "no"
    return buttons + [
      Button(label: "dry run (d)", target: .option(.rehearse), role: .key),
      Button(label: "pace \(dialog.paceWords) (p)", target: .option(.pace), role: .key),
      Button(label: "wait for breaker: \(wait) (w)", target: .option(.wait), role: .key),
    ]
  }
}
