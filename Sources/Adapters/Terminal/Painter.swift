import CNCurses
import TerminalUI

/// Puts canvases into curses' window, only what changed since the last one; curses then finds the
/// fewest bytes for it.
struct Painter {
  /// What stands in for a scalar whose width is disputed: narrow everywhere.
  private static let replacement: Unicode.Scalar = "\u{FFFD}"

  private struct Look: Hashable {
    var role: Role
    var isSelected: Bool
  }

  let depth: ColorDepth
  private var templates: [Look: cchar_t] = [:]
  private var shown: Canvas?

  /// Needs a started curses; every role is plain until the first `setStyles`.
  init(allowsColor: Bool) {
    guard allowsColor, has_colors(), start_color() == OK else {
      depth = .mono
      return
    }
    use_default_colors()
    depth = ColorDepth(colors: cncurses_colors())
  }

  /// The next canvas is put down whole, on an empty window.
  mutating func forget() {
    shown = nil
    werase(cncurses_window())
  }

  mutating func setStyles(_ style: (Role, _ isSelected: Bool) -> Style) {
    forget()
    for role in Role.allCases {
      for isSelected in [false, true] {
        templates[Look(role: role, isSelected: isSelected)] = template(
          style(role, isSelected), isSelected: isSelected)
      }
    }
  }

  /// False if the window already shows this.
  mutating func put(_ canvas: Canvas) -> Bool {
    if canvas == shown { return false }
    if let shown, shown.size != canvas.size { forget() }
    var cells: [cchar_t] = []
    cells.reserveCapacity(canvas.size.columns)
    canvas.cells.withUnsafeBufferPointer { new in
      (shown?.cells ?? []).withUnsafeBufferPointer { old in
        for row in 0..<canvas.size.rows {
          let range = row * canvas.size.columns..<(row + 1) * canvas.size.columns
          let now = UnsafeBufferPointer(rebasing: new[range])
          let before = old.isEmpty ? nil : UnsafeBufferPointer(rebasing: old[range])
          // Rows and columns outside the window have no place to move to.
          guard let run = Self.changedRun(of: now, since: before),
            wmove(cncurses_window(), Int32(row), Int32(run.lowerBound)) == OK
          else { continue }
          render(now, run, into: &cells)
          wadd_wchnstr(cncurses_window(), cells, Int32(cells.count))
        }
      }
    }
    shown = canvas
    return true
  }

  /// From the first changed column to the last, without cutting a wide scalar of either canvas.
  private static func changedRun(
    of new: UnsafeBufferPointer<Cell>, since old: UnsafeBufferPointer<Cell>?
  ) -> Range<Int>? {
    guard let old else { return new.isEmpty ? nil : 0..<new.count }
    guard var start = new.indices.first(where: { new[$0] != old[$0] }),
      let last = new.indices.last(where: { new[$0] != old[$0] })
    else { return nil }
    var end = last + 1
    while start > 0, new[start].isContinuation || old[start].isContinuation { start -= 1 }
    while end < new.count, new[end].isContinuation || old[end].isContinuation { end += 1 }
    return start..<end
  }

  /// One curses cell for each scalar; a wide one takes the column of its continuation as well.
  private func render(
    _ row: UnsafeBufferPointer<Cell>, _ run: Range<Int>, into cells: inout [cchar_t]
  ) {
    cells.removeAll(keepingCapacity: true)
    var look = Look(role: row[run.lowerBound].role, isSelected: row[run.lowerBound].isSelected)
    var template = templates[look] ?? cncurses_cell(0, 0)
    var column = run.lowerBound
    func append(_ scalar: Unicode.Scalar) {
      var cell = template
      cell.chars.0 = wchar_t(bitPattern: scalar.value)
      cells.append(cell)
    }
    while column < run.upperBound {
      let cell = row[column]
      if cell.role != look.role || cell.isSelected != look.isSelected {
        look = Look(role: cell.role, isSelected: cell.isSelected)
        template = templates[look] ?? cncurses_cell(0, 0)
      }
      let isWide = column + 1 < run.upperBound && row[column + 1].isContinuation
      let width = isWide && !cell.isContinuation ? 2 : 1
      if cell.isContinuation {
        append(" ")
      } else if Self.width(of: cell.scalar) == width {
        append(cell.scalar)
      } else {
        append(Self.replacement)
        if isWide { append(" ") }
      }
      column += width
    }
  }

  private static func width(of scalar: Unicode.Scalar) -> Int {
    (0x20...0x7E).contains(scalar.value) ? 1 : Int(cncurses_width(scalar.value))
  }

  private func template(_ style: Style, isSelected: Bool) -> cchar_t {
    let style = depth.realize(style, isSelected: isSelected)
    let attributes = Self.attributes(style.attributes)
    // Pair 0 is the terminal's own colours.
    guard style.foreground >= 0 || style.background >= 0 else {
      return cncurses_cell(attributes, 0)
    }
    // Known colours have a pair already; where pairs are few the longest unused gives way.
    let pair = alloc_pair(style.foreground, style.background)
    guard pair > 0 else { return cncurses_cell(attributes, 0) }
    return cncurses_cell(attributes, pair)
  }

  private static func attributes(_ attributes: Style.Attributes) -> attr_t {
    var result: attr_t = 0
    if attributes.contains(.bold) { result |= cncurses_bold() }
    if attributes.contains(.dim) { result |= cncurses_dim() }
    if attributes.contains(.underline) { result |= cncurses_underline() }
    if attributes.contains(.reverse) { result |= cncurses_reverse() }
    if attributes.contains(.italic) { result |= cncurses_italic() }
    return result
  }
}
