/// A rectangle of cells that panels draw on and a terminal, a test or a picture reads.
package struct Canvas: Hashable, Sendable {
  package let size: Size
  /// Row by row; `size.columns * size.rows` of them.
  package private(set) var cells: [Cell]

  package init(size: Size) {
    self.size = size
    cells = Array(repeating: Cell(), count: size.columns * size.rows)
  }

  /// Outside the canvas a read is a blank and a write is dropped.
  package subscript(column: Int, row: Int) -> Cell {
    get { holds(column, row) ? cells[row * size.columns + column] : Cell() }
    set { if holds(column, row) { cells[row * size.columns + column] = newValue } }
  }

  /// Writes one scalar of width 1 or 2 so that no half of a wide scalar is ever left alone: halves
  /// it cuts become blanks, and a wide scalar that does not fit becomes a blank itself.
  package mutating func put(
    _ scalar: Unicode.Scalar, width: Int = 1, column: Int, row: Int, role: Role,
    isSelected: Bool = false
  ) {
    guard holds(column, row) else { return }
    let index = row * size.columns + column
    split(index)
    guard width == 2 else {
      cells[index] = Cell(scalar, role: role, isSelected: isSelected)
      return
    }
    guard column + 1 < size.columns else {
      cells[index] = Cell(" ", role: role, isSelected: isSelected)
      return
    }
    split(index + 1)
    cells[index] = Cell(scalar, role: role, isSelected: isSelected)
    cells[index + 1] = Cell(" ", role: role, isSelected: isSelected, isContinuation: true)
  }

  /// Blanks a rectangle.
  package mutating func clear(_ rect: Rect, role: Role = .fg, isSelected: Bool = false) {
    for row in rect.row..<rect.row + rect.size.rows {
      for column in rect.column..<rect.column + rect.size.columns {
        put(" ", column: column, row: row, role: role, isSelected: isSelected)
      }
    }
  }

  /// Gives every cell one role and leaves its sign, as the background of a dialog.
  package mutating func fade(to role: Role) {
    for index in cells.indices {
      cells[index].role = role
      cells[index].isSelected = false
    }
  }

  /// Before a cell is written: the other half of a wide scalar that covers it becomes a blank.
  private mutating func split(_ index: Int) {
    if cells[index].isContinuation {
      cells[index - 1].scalar = " "
      cells[index].isContinuation = false
    } else if index + 1 < cells.count, cells[index + 1].isContinuation {
      cells[index + 1].isContinuation = false
    }
  }

  private func holds(_ column: Int, _ row: Int) -> Bool {
    column >= 0 && row >= 0 && column < size.columns && row < size.rows
  }
}
