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

  private func holds(_ column: Int, _ row: Int) -> Bool {
    column >= 0 && row >= 0 && column < size.columns && row < size.rows
  }
}
