import FleetModel
import TerminalUI

/// Asks for the reason and the time to live of an override, and says what it will do.
struct OverrideDialog {
  let request: OverrideRequest
  let owner: String
  /// The newest, even while the screen is paused: the answer acts on the world of now.
  let snapshot: Snapshot?

  private static let innerWidth = 68
  private static let factLimit = 8
  private static let labelWidth = 8
  /// Reason, time to live, owner, buttons.
  private static let fieldRows = 4

  func draw(on drawing: inout Drawing) {
    let size = drawing.canvas.size
    let inner = min(Self.innerWidth, size.columns - 4)
    let width = inner - 2
    let head = Figures.wrap(request.question, width: width, limit: 2)
    let facts = request.facts(snapshot, now: drawing.now)
      .flatMap { Figures.wrap($0, width: width, limit: Self.factLimit) }
    let room = size.rows - 2 - head.count - Self.fieldRows
    let text = facts.prefix(max(0, min(room, Self.factLimit)))
    let isRoomy = room >= text.count + 4
    let gap = isRoomy ? 1 : 0
    let height = head.count + text.count + Self.fieldRows + 2 + 4 * gap
    let rect = Rect(
      column: (size.columns - inner - 2) / 2, row: max(0, (size.rows - height) / 2),
      columns: inner + 2, rows: height)
    drawing.canvas.clear(rect)
    let inside = drawing.frame("breaker override", in: rect, role: .dialogDanger)
    let column = inside.column + 1
    var row = inside.row
    for (lines, role) in [(head, Role.title), (Array(text), .fg)] {
      row += lines.isEmpty ? 0 : gap
      for line in lines {
        drawing.text(line, column, row, width, role)
        row += 1
      }
    }
    fields(
      on: &drawing, in: Rect(column: column, row: row + gap, columns: width, rows: 3))
    buttons(on: &drawing, column: column, row: row + 3 + 2 * gap, end: inside.right)
  }

  private func fields(on drawing: inout Drawing, in rect: Rect) {
    let column = rect.column + Self.labelWidth
    let room = rect.size.columns - Self.labelWidth
    for (offset, label) in ["reason", "for", "by"].enumerated() {
      drawing.text(label, rect.column, rect.row + offset, Self.labelWidth, .header)
    }
    let tail = Self.tail(of: request.reason, width: room - 1)
    let used = drawing.text(tail, column, rect.row, room - 1, .title)
    drawing.canvas.put(" ", column: column + used, row: rect.row, role: .fg, isSelected: true)
    if request.reason.isEmpty {
      drawing.text("may stay empty", column + 2, rect.row, room - 2, .muted)
    }
    lifetimes(on: &drawing, column: column, row: rect.row + 1, width: room)
    drawing.text(owner, column, rect.row + 2, room, .fg)
  }

  /// All of them, or the chosen one alone where they do not fit.
  private func lifetimes(on drawing: inout Drawing, column: Int, row: Int, width: Int) {
    let all = OverrideRequest.lifetimes.enumerated().map { ($0.offset, " \($0.element.label) ") }
    let fits = all.reduce(0) { $0 + $1.1.count } <= width
    var column = column
    for (index, label) in all where fits || index == request.lifetimeIndex {
      let isChosen = index == request.lifetimeIndex
      drawing.hits.append(
        Hit(
          rect: Rect(column: column, row: row, columns: label.count, rows: 1),
          target: .lifetime(index)))
      column += drawing.text(
        label, column, row, label.count, isChosen ? .title : .muted, isSelected: isChosen)
    }
  }

  private func buttons(on drawing: inout Drawing, column: Int, row: Int, end: Int) {
    var column = column
    let labels: [(Confirmation.Answer, String, Role)] = [
      (.yes, "[ Do it (Enter) ]", .dialogDanger), (.no, "Leave (Esc)", .title),
    ]
    for (answer, label, role) in labels {
      let width = max(0, min(label.count, end - column))
      drawing.hits.append(
        Hit(rect: Rect(column: column, row: row, columns: width, rows: 1), target: .answer(answer)))
      drawing.text(label, column, row, width, role)
      column += label.count + 2
    }
    let hint = "Tab: another time"
    if column + hint.count < end { drawing.text(hint, column, row, hint.count, .muted) }
  }

  /// The end of a text that is longer than its field, where the cursor is.
  private static func tail(of text: String, width: Int) -> String {
    var tail = text[...]
    while String(tail).columnWidth > width { tail = tail.dropFirst() }
    return String(tail)
  }
}
