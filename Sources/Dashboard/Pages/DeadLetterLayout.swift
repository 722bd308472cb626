import FleetModel
import TerminalUI

/// Where the parts of the dead-letter page are.
struct DeadLetterLayout {
  let crumb: Rect
  /// What has to be said above the list: trouble, replays.
  let notices: Rect
  let list: Rect
  /// The place of a letter that fills the page: all below the notices.
  let reading: Rect
  /// Nil on a screen that has room for the list alone.
  let payload: Rect?
  let facts: Rect?

  init(_ state: ViewState) {
    self.init(state.size, noticeCount: LetterNotices(state)?.notices.count ?? 0)
  }

  init(_ size: Size, noticeCount: Int) {
    let body = Rect(column: 0, row: 1, columns: size.columns, rows: size.rows - 2)
    let (top, rest) = body.split(top: 1)
    crumb = top
    let (said, below) = rest.split(top: min(noticeCount, Self.noticeLimit(size)))
    (notices, reading) = (said, below)
    guard Breakpoint(size) != .tiny, Breakpoint(size) != .tooSmall else {
      (list, payload, facts) = (below, nil, nil)
      return
    }
    let (upper, lower) = below.split(top: below.size.rows * 3 / 5)
    let (left, right) = lower.split(left: size.columns / 2)
    (list, payload, facts) = (upper, left, right)
  }

  /// Lines above the list, so that enough is left of it.
  private static func noticeLimit(_ size: Size) -> Int {
    switch Breakpoint(size) {
    case .tooSmall: 0
    case .tiny: 1
    case .compact: 2
    case .medium, .large: 4
    }
  }

  /// Rows of letters the list holds, without its frame and its header.
  var listRowCount: Int { max(0, list.size.rows - 3) }
}
