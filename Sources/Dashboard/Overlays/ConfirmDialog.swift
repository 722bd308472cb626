import FleetModel
import TerminalUI

/// Asks before a dangerous command: what will happen now, and No first.
struct ConfirmDialog {
  let confirmation: Confirmation
  /// The newest, even while the screen is paused: the answer acts on the world of now.
  let snapshot: Snapshot?

  private static let widthLimit = 72
  private static let lineLimit = 24

  func draw(on drawing: inout Drawing) {
    let size = drawing.canvas.size
    let facts = confirmation.facts(snapshot, now: drawing.now)
    let question = confirmation.question
    let widest = ([question] + facts).map(\.columnWidth).max() ?? 0
    let inner = min(max(widest, buttonWidth) + 4, Self.widthLimit, size.columns - 4) - 2
    let head = Figures.wrap(question, width: inner - 2, limit: 2)
    let lines = facts.flatMap {
      Figures.wrap($0, width: inner - 2, limit: Self.lineLimit)
    }
    let text = lines.prefix(max(0, size.rows - 3 - head.count))
    let isRoomy = size.rows >= text.count + head.count + 8
    let height = text.count + head.count + (isRoomy ? 6 : 3)
    let rect = Rect(
      column: (size.columns - inner - 2) / 2, row: max(0, (size.rows - height) / 2),
      columns: inner + 2, rows: height)
    drawing.canvas.clear(rect)
    let inside = drawing.frame("confirm", in: rect, role: .dialogDanger)
    let column = inside.column + 1
    let gap = isRoomy ? 1 : 0
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
    buttons(on: &drawing, column: column, row: row + gap, end: inside.right)
  }

  private static let labels: [(Confirmation.Answer, String)] = [
    (.no, "[ No (Esc) ]"), (.yes, "Yes (y)"),
  ]

  private var buttonWidth: Int { Self.labels.reduce(0) { $0 + $1.1.count + 2 } }

  /// No has the focus: Enter alone never does anything.
  private func buttons(on drawing: inout Drawing, column: Int, row: Int, end: Int) {
    var column = column
    for (answer, label) in Self.labels {
      let width = min(label.count, end - column)
      drawing.hits.append(
        Hit(rect: Rect(column: column, row: row, columns: width, rows: 1), target: .answer(answer)))
      drawing.text(
        label, column, row, width, answer == .no ? .title : .dialogDanger,
        isSelected: answer == .no)
      column += label.count + 2
    }
  }
}
