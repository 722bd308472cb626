import TerminalUI

/// The command palette: actions by name, filtered by what is typed.
struct PaletteOverlay {
  let palette: Palette
  let scope: Action.Scope

  private static let width = 56
  private static let listLimit = 16

  func draw(on drawing: inout Drawing) {
    let size = drawing.canvas.size
    let actions = palette.actions(in: scope)
    let rows = min(max(actions.count, 1), Self.listLimit, size.rows - 6)
    let width = min(Self.width, size.columns)
    let rect = Rect(
      column: (size.columns - width) / 2, row: min(3, max(1, (size.rows - rows - 3) / 2)),
      columns: width, rows: rows + 3)
    drawing.canvas.clear(rect)
    let inside = drawing.frame(
      "command", in: rect, note: "Enter runs, Esc closes", role: .borderFocus)
    var column = inside.column
    column += drawing.text(":", column, inside.row, 1, .key)
    column += drawing.text(palette.query, column, inside.row, inside.right - column - 1, .title)
    drawing.canvas.put(" ", column: column, row: inside.row, role: .fg, isSelected: true)
    let list = inside.split(top: 1).1
    guard !actions.isEmpty else {
      drawing.text("no such action", list.column, list.row, list.size.columns, .muted)
      return
    }
    let top = Scroll.top(0, selected: palette.index, count: actions.count, rows: list.size.rows)
    for (offset, action) in actions.dropFirst(top).prefix(list.size.rows).enumerated() {
      let line = Rect(
        column: list.column, row: list.row + offset, columns: list.size.columns, rows: 1)
      row(action, isSelected: top + offset == palette.index, on: &drawing, in: line)
      drawing.hits.append(Hit(rect: line, target: .paletteRow(top + offset)))
    }
  }

  private func row(
    _ action: Action, isSelected: Bool, on drawing: inout Drawing, in line: Rect
  ) {
    if isSelected { drawing.canvas.clear(line, isSelected: true) }
    let keys = action.keyLabel
    let width = line.size.columns
    let isDangerous = action.danger == .confirm
    let used = drawing.text(
      action.help, line.column, line.row, max(0, width - keys.columnWidth - 1), .fg,
      isSelected: isSelected)
    if isDangerous {
      drawing.text(
        ", asks first", line.column + used, line.row, width - used - keys.columnWidth - 1, .warn,
        isSelected: isSelected)
    }
    drawing.right(keys, line.column, line.row, width, .key, isSelected: isSelected)
  }
}
