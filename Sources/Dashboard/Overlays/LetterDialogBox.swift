import FleetModel
import TerminalUI

/// Asks before something is done to dead letters: to how many, where to, what will happen, and No
/// first.
struct LetterDialogBox {
  let dialog: LetterDialog
  /// The newest, even while the screen is paused: the answer acts on the world of now.
  let snapshot: Snapshot?

  private struct Button {
    var label: String
    var target: Hit.Target
    var role: Role
    var isSelected = false
  }

  private static let widthLimit = 76
  private static let lineLimit = 24

  func draw(on drawing: inout Drawing) {
    let size = drawing.canvas.size
    let facts = dialog.facts(snapshot, now: drawing.now)
    let widest = ([dialog.question, Self.typing + LetterDialog.word] + facts).map(\.columnWidth)
    let wanted = max(widest.max() ?? 0, dialog.deed == .replay ? 56 : 36)
    let inner = min(wanted + 4, Self.widthLimit, size.columns - 2) - 2
    let head = Figures.wrap(dialog.question, width: inner - 2, limit: 2).prefix(2)
    let rows = buttonRows(width: inner - 2)
    let typingRows = dialog.isTyped ? 1 : 0
    let room = size.rows - 2 - head.count - rows.count - typingRows
    let lines = facts.flatMap { Figures.wrap($0, width: inner - 2, limit: Self.lineLimit) }
    let text = lines.prefix(max(0, min(room, Self.lineLimit)))
    let gap = room >= text.count + 4 ? 1 : 0
    let height = head.count + text.count + typingRows + rows.count + 2 + 4 * gap
    let rect = Rect(
      column: (size.columns - inner - 2) / 2, row: max(0, (size.rows - height) / 2),
      columns: inner + 2, rows: min(height, size.rows))
    drawing.canvas.clear(rect)
    let inside = drawing.frame("confirm", in: rect, role: .dialogDanger)
    let column = inside.column + 1
    var row = inside.row + gap
    for line in head {
      drawing.text(line, column, row, inner - 2, .title)
      row += 1
    }
    row += gap
    for line in text {
      drawing.text(line, column, row, inner - 2, .fg)
      row += 1
    }
    if dialog.isTyped {
      typing(on: &drawing, column: column, row: row, width: inner - 2)
      row += 1
    }
    row += gap
    for buttons in rows {
      place(buttons, on: &drawing, column: column, row: row)
      row += 1
    }
  }

  private static let typing = "type \(LetterDialog.word) to do it: "

  private func typing(on drawing: inout Drawing, column: Int, row: Int, width: Int) {
    var used = drawing.text(Self.typing, column, row, width, .warn)
    used += drawing.text(dialog.typed, column + used, row, width - used, .title)
    if used < width {
      drawing.canvas.put(" ", column: column + used, row: row, role: .fg, isSelected: true)
    }
  }

  /// No has the focus: Enter alone never does anything.
  private var buttons: [Button] {
    var buttons = [
      Button(label: "[ No (Esc) ]", target: .answer(.no), role: .title, isSelected: true),
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

  /// The buttons in as many rows as they need.
  private func buttonRows(width: Int) -> [[Button]] {
    var rows: [[Button]] = [[]]
    var used = 0
    for button in buttons {
      if used > 0, used + button.label.count > width {
        rows.append([])
        used = 0
      }
      rows[rows.count - 1].append(button)
      used += button.label.count + 2
    }
    return rows
  }

  private func place(_ buttons: [Button], on drawing: inout Drawing, column: Int, row: Int) {
    var column = column
    let end = drawing.canvas.size.columns - 1
    for button in buttons where row < drawing.canvas.size.rows {
      let width = max(0, min(button.label.count, end - column))
      drawing.hits.append(
        Hit(rect: Rect(column: column, row: row, columns: width, rows: 1), target: button.target))
      drawing.text(
        button.label, column, row, width, button.role, isSelected: button.isSelected)
      column += button.label.count + 2
    }
  }
}
