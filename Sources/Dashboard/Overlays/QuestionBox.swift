import TerminalUI

/// The box of a question: what is asked, what is known of it, a field where one has to type, and
/// buttons.
struct QuestionBox {
  struct Button {
    var label: String
    var target: Hit.Target
    var role: Role
    var isSelected = false

    /// It has the focus: Enter alone never does anything.
    static let no = Button(
      label: "[ No (Esc) ]", target: .answer(.no), role: .title, isSelected: true)
  }

  let question: String
  /// A line each, wrapped where it is longer.
  let facts: [String]
  let buttons: [Button]
  /// Columns of text at least, so that the box does not change with its words.
  var leastWidth = 0
  /// Rows between the facts and the buttons, which the caller fills.
  var fieldRows = 0

  /// Columns of text at most, and the two on either side of it.
  static let widthLimit = 72
  private static let margin = 4
  private static let lineLimit = 24

  /// Draws all but the field.
  ///
  /// - Returns: the place of the field.
  @discardableResult
  func draw(on drawing: inout Drawing) -> Rect {
    let size = drawing.canvas.size
    let widest = max(leastWidth, ([question] + facts).map(\.columnWidth).max() ?? 0)
    let width = min(widest, Self.widthLimit, size.columns - 2 - Self.margin)
    let head = Figures.wrap(question, width: width, limit: 2)
    let lines = facts.flatMap { Figures.wrap($0, width: width, limit: Self.lineLimit) }
    let rows = buttonRows(width: width)
    let room = size.rows - 2 - head.count - fieldRows - rows.count
    let text = lines.prefix(max(0, min(room, Self.lineLimit)))
    let gaps = fieldRows > 0 ? 4 : 3
    let gap = room >= text.count + gaps ? 1 : 0
    let height = min(
      2 + head.count + text.count + fieldRows + rows.count + gaps * gap, size.rows)
    let rect = Rect(
      column: (size.columns - width - Self.margin) / 2, row: (size.rows - height) / 2,
      columns: width + Self.margin, rows: height)
    drawing.canvas.clear(rect)
    let inside = drawing.frame("confirm", in: rect, role: .dialogDanger)
    let column = inside.column + 1
    var row = inside.row
    for (lines, role) in [(head, Role.title), (Array(text), .fg)] {
      row += gap
      for line in lines {
        drawing.text(line, column, row, width, role)
        row += 1
      }
    }
    row += fieldRows > 0 ? gap : 0
    let field = Rect(column: column, row: row, columns: width, rows: fieldRows)
    for (offset, buttons) in rows.enumerated() {
      place(buttons, on: &drawing, column, row + fieldRows + gap + offset)
    }
    return field
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

  private func place(
    _ buttons: [Button], on drawing: inout Drawing, _ column: Int, _ row: Int
  ) {
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
