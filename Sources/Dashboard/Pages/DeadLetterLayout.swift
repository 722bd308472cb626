import TerminalUI

/// Where the parts of the dead-letter page are.
struct DeadLetterLayout {
  let crumb: Rect
  let list: Rect
  /// Nil on a screen that has room for the list alone.
  let payload: Rect?
  let attempts: Rect?

  init(_ size: Size) {
    let body = Rect(column: 0, row: 1, columns: size.columns, rows: size.rows - 2)
    let (top, rest) = body.split(top: 1)
    crumb = top
    guard Breakpoint(size) != .tiny, Breakpoint(size) != .tooSmall else {
      (list, payload, attempts) = (rest, nil, nil)
      return
    }
    let (upper, lower) = rest.split(top: rest.size.rows * 3 / 5)
    let (left, right) = lower.split(left: size.columns / 2)
    (list, payload, attempts) = (upper, left, right)
  }

  /// Rows of letters the list holds, without its frame and its header.
  var listRowCount: Int { max(0, list.size.rows - 3) }
}
