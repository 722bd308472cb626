import FleetModel
import TerminalUI

/// Panel 8: what happened, newest at the bottom.
struct EventList {
  let notices: [Notice]
  /// The number of the lowest event shown; nil follows the newest.
  let anchor: UInt64?
  /// Not on the page of one server.
  var namesServer = true

  /// Where the anchor stands; the oldest when it fell out of the list.
  static func bottom(of notices: [Notice], anchor: UInt64?) -> Int {
    guard let anchor else { return notices.count - 1 }
    return notices.lastIndex { $0.number <= anchor } ?? 0
  }

  func draw(on drawing: inout Drawing, in rect: Rect, isFocused: Bool) {
    let bottom = Self.bottom(of: notices, anchor: anchor)
    let newer = notices.count - 1 - bottom
    let inside = drawing.panel(
      .events, in: rect, note: newer > 0 ? "\(newer) newer, End follows" : "following",
      noteRole: newer > 0 ? .warn : .muted, isFocused: isFocused)
    lines(on: &drawing, in: inside, bottom: bottom)
  }

  func lines(on drawing: inout Drawing, in inside: Rect, bottom: Int) {
    let height = inside.size.rows
    guard height > 0 else { return }
    guard !notices.isEmpty else { return drawing.placeholder("nothing happened yet", in: inside) }
    let last = min(max(bottom, height - 1), notices.count - 1)
    for (offset, notice) in notices[max(0, last - height + 1)...last].enumerated() {
      line(notice, on: &drawing, inside, row: inside.row + offset)
    }
  }

  private func line(_ notice: Notice, on drawing: inout Drawing, _ inside: Rect, row: Int) {
    var column = inside.column
    column += drawing.text(notice.at.clockText, column, row, inside.right - column, .muted) + 1
    let (word, role, body) = notice.severity.look
    column += drawing.text(word, column, row, inside.right - column, role) + 1
    if namesServer, let server = notice.server, !notice.text.hasPrefix(server.name) {
      column += drawing.text(server.name, column, row, inside.right - column, .accent)
      column += drawing.text(": ", column, row, inside.right - column, body)
    }
    drawing.text(notice.text, column, row, inside.right - column, body)
  }
}

extension Notice.Severity {
  /// The word, its look, and the look of the text behind it: what matters less fades.
  var look: (String, Role, Role) {
    switch self {
    case .info: ("INF", .logInfo, .muted)
    case .warning: ("WRN", .logWarning, .fg)
    case .error: ("ERR", .logError, .fg)
    }
  }
}
