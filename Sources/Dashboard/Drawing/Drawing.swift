import FleetModel
import TerminalUI

/// A frame while it is drawn: cells, what a click on them does, and what every panel needs to draw.
struct Drawing {
  var canvas: Canvas
  var hits: [Hit] = []
  let glyphs: Glyphs
  /// The time ages are told from.
  var now: Timestamp

  init(size: Size, glyphs: Glyphs.Kind, now: Timestamp) {
    canvas = Canvas(size: size)
    self.glyphs = Glyphs.of(glyphs)
    self.now = now
  }

  /// Frames a panel and returns its inside.
  mutating func panel(
    _ panel: Panel, in rect: Rect, title: String? = nil, note: String = "",
    noteRole: Role = .muted, isFocused: Bool
  ) -> Rect {
    hits.append(Hit(rect: rect, target: .panel(panel)))
    canvas.box(
      rect, glyphs: glyphs, title: title ?? panel.title, key: "\(panel.rawValue)", note: note,
      role: isFocused ? .borderFocus : .border, noteRole: noteRole)
    return rect.inset
  }

  /// Frames a part of a page that has no number.
  mutating func frame(
    _ title: String, in rect: Rect, note: String = "", role: Role = .border
  ) -> Rect {
    canvas.box(rect, glyphs: glyphs, title: title, note: note, role: role)
    return rect.inset
  }

  @discardableResult
  mutating func text(
    _ text: String, _ column: Int, _ row: Int, _ width: Int, _ role: Role = .fg,
    isSelected: Bool = false
  ) -> Int {
    canvas.text(
      text, column: column, row: row, width: width, role: role, isSelected: isSelected,
      ellipsis: glyphs.ellipsis)
  }

  mutating func right(
    _ text: String, _ column: Int, _ row: Int, _ width: Int, _ role: Role = .fg,
    isSelected: Bool = false
  ) {
    canvas.textRight(
      text, column: column, row: row, width: width, role: role, isSelected: isSelected,
      ellipsis: glyphs.ellipsis)
  }

  /// A sign and a word beside it, so that no state is told by colour alone.
  @discardableResult
  mutating func state(
    _ sign: Unicode.Scalar, _ word: String, _ column: Int, _ row: Int, _ width: Int,
    _ role: Role, isSelected: Bool = false
  ) -> Int {
    text("\(sign) \(word)", column, row, width, role, isSelected: isSelected)
  }

  /// The line panels show while there is nothing to draw.
  mutating func placeholder(_ words: String, in rect: Rect) {
    guard rect.size.rows > 0 else { return }
    let width = min(words.columnWidth, rect.size.columns)
    text(
      words, rect.column + (rect.size.columns - width) / 2, rect.row + (rect.size.rows - 1) / 2,
      width, .muted)
  }
}

extension Rect {
  /// Without the cells of its edge.
  var inset: Rect {
    Rect(column: column + 1, row: row + 1, columns: size.columns - 2, rows: size.rows - 2)
  }

  /// The row after the last.
  var bottom: Int { row + size.rows }

  /// The column after the last.
  var right: Int { column + size.columns }

  /// The upper `rows` and what is left below.
  func split(top rows: Int) -> (Rect, Rect) {
    let rows = min(max(0, rows), size.rows)
    return (
      Rect(column: column, row: row, columns: size.columns, rows: rows),
      Rect(column: column, row: row + rows, columns: size.columns, rows: size.rows - rows)
    )
  }

  /// The left `columns` and what is left beside.
  func split(left columns: Int) -> (Rect, Rect) {
    let columns = min(max(0, columns), size.columns)
    return (
      Rect(column: column, row: row, columns: columns, rows: size.rows),
      Rect(column: column + columns, row: row, columns: size.columns - columns, rows: size.rows)
    )
  }
}
