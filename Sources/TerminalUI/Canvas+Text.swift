extension Canvas {
  /// Draws one line of any text, cleaned, in at most `width` columns; what does not fit ends in an
  /// ellipsis. Returns the columns used.
  @discardableResult
  package mutating func text(
    _ text: String, column: Int, row: Int, width: Int, role: Role = .fg,
    isSelected: Bool = false, ellipsis: Unicode.Scalar = "…"
  ) -> Int {
    guard width > 0 else { return 0 }
    var used = 0
    for raw in text.unicodeScalars.prefix(String.screenScalarLimit) {
      let shown = ScreenScalar(raw)
      guard shown.width > 0 else { continue }
      guard used + shown.width <= width else {
        put(ellipsis, column: column + width - 1, row: row, role: role, isSelected: isSelected)
        return width
      }
      put(
        shown.scalar, width: shown.width, column: column + used, row: row, role: role,
        isSelected: isSelected)
      used += shown.width
    }
    return used
  }

  /// As `text`, ending at the right edge of its `width` columns.
  package mutating func textRight(
    _ text: String, column: Int, row: Int, width: Int, role: Role = .fg,
    isSelected: Bool = false, ellipsis: Unicode.Scalar = "…"
  ) {
    let start = max(0, width - text.columnWidth)
    self.text(
      text, column: column + start, row: row, width: width - start, role: role,
      isSelected: isSelected, ellipsis: ellipsis)
  }

  /// A frame with its title and the number key that leads to it on the upper edge, a note at the
  /// upper right; the inside is left as it is. Nothing at all below 2×2.
  package mutating func box(
    _ rect: Rect, glyphs: Glyphs, title: String = "", key: String = "", note: String = "",
    role: Role = .border, noteRole: Role = .muted
  ) {
    let (columns, rows) = (rect.size.columns, rect.size.rows)
    guard columns >= 2, rows >= 2 else { return }
    let (right, bottom) = (rect.column + columns - 1, rect.row + rows - 1)
    for column in rect.column + 1..<right {
      put(glyphs.horizontal, column: column, row: rect.row, role: role)
      put(glyphs.horizontal, column: column, row: bottom, role: role)
    }
    for row in rect.row + 1..<bottom {
      put(glyphs.vertical, column: rect.column, row: row, role: role)
      put(glyphs.vertical, column: right, row: row, role: role)
    }
    put(glyphs.topLeft, column: rect.column, row: rect.row, role: role)
    put(glyphs.topRight, column: right, row: rect.row, role: role)
    put(glyphs.bottomLeft, column: rect.column, row: bottom, role: role)
    put(glyphs.bottomRight, column: right, row: bottom, role: role)
    edge(rect, glyphs: glyphs, title: title, key: key, note: note, noteRole: noteRole)
  }

  private mutating func edge(
    _ rect: Rect, glyphs: Glyphs, title: String, key: String, note: String, noteRole: Role
  ) {
    var column = rect.column + 2
    let end = rect.column + rect.size.columns - 2
    column += text(key, column: column, row: rect.row, width: end - column, role: .key)
    if !title.isEmpty {
      column += blank(column, rect.row, before: end)
      column += text(
        title, column: column, row: rect.row, width: end - column, role: .title,
        ellipsis: glyphs.ellipsis)
      column += blank(column, rect.row, before: end)
    }
    let width = note.columnWidth
    guard width > 0, end - width - 2 > column else { return }
    text(" " + note + " ", column: end - width - 2, row: rect.row, width: width + 2, role: noteRole)
  }

  private mutating func blank(_ column: Int, _ row: Int, before end: Int) -> Int {
    guard column < end else { return 0 }
    put(" ", column: column, row: row, role: .border)
    return 1
  }
}
