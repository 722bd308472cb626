import TerminalUI

/// The canvas as lines of text, continuations left out.
func picture(_ canvas: Canvas) -> [String] {
  (0..<canvas.size.rows).map { row in
    var line = String.UnicodeScalarView()
    for column in 0..<canvas.size.columns where !canvas[column, row].isContinuation {
      line.append(canvas[column, row].scalar)
    }
    return String(line)
  }
}

/// What is wrong with a canvas: controls, or halves of wide scalars alone.
func faults(_ canvas: Canvas) -> [String] {
  var found: [String] = []
  for row in 0..<canvas.size.rows {
    for column in 0..<canvas.size.columns {
      let cell = canvas[column, row]
      let shown = ScreenScalar(cell.scalar)
      let next = canvas[column + 1, row].isContinuation
      if cell.isContinuation {
        if column == 0 || ScreenScalar(canvas[column - 1, row].scalar).width != 2 {
          found.append("half alone at \(column),\(row)")
        }
      } else if shown.scalar != cell.scalar || shown.width == 0 {
        found.append("raw scalar \(cell.scalar.value) at \(column),\(row)")
      } else if (shown.width == 2) != next {
        found.append("width \(shown.width) against continuation \(next) at \(column),\(row)")
      }
    }
  }
  return found
}

extension Canvas {
  init(_ columns: Int, _ rows: Int) { self.init(size: Size(columns: columns, rows: rows)) }
}
