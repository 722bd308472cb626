import FleetModel
import TerminalUI

/// Panel 5: every breaker with its recent states, the worst on top, and why it is not closed.
struct BreakerList {
  let servers: [ServerSnapshot]

  func draw(on drawing: inout Drawing, in rect: Rect, isFocused: Bool) {
    let inside = drawing.panel(
      .breakers, in: rect, note: note, isFocused: isFocused)
    let name = NameColumn.width(of: servers, in: inside)
    let words = servers.contains { $0.breaker.override != nil } ? Self.heldWidth : Self.stateWidth
    var row = inside.row
    for server in worstFirst where row < inside.bottom {
      let breaker = server.breaker
      drawing.text(server.id.name, inside.column, row, name, .fg)
      var column = inside.column + name + 1
      drawing.state(
        breaker.sign(drawing.glyphs), breaker.short(now: drawing.now), column, row, words,
        breaker.role)
      column += words + 1
      BreakerStrip(states: server.series.breaker)
        .draw(on: &drawing, column: column, row: row, width: inside.right - column)
      row += 1
      guard breaker.gravity > 0, let reason = breaker.why, row < inside.bottom else {
        continue
      }
      drawing.text(reason, inside.column + 2, row, inside.size.columns - 2, .muted)
      row += 1
    }
    if servers.isEmpty { drawing.placeholder("no servers", in: inside) }
  }

  private static let stateWidth = 10
  private static let heldWidth = 12

  private var note: String {
    let closed = servers.count { $0.breaker.state == .closed }
    let held = servers.count { $0.breaker.override != nil }
    return "\(closed) of \(servers.count) closed" + (held > 0 ? ", \(held) by hand" : "")
  }

  private var worstFirst: [ServerSnapshot] {
    servers.enumerated().sorted { left, right in
      let (a, b) = (left.element.breaker.gravity, right.element.breaker.gravity)
      return a != b ? a > b : left.offset < right.offset
    }.map(\.element)
  }
}

/// Recent states of a breaker in one line, newest at the right; each has its own sign.
struct BreakerStrip {
  let states: [BreakerSnapshot.State]

  func draw(on drawing: inout Drawing, column: Int, row: Int, width: Int) {
    guard width > 0 else { return }
    let recent = states.suffix(width)
    let start = column + width - recent.count
    for (offset, state) in recent.enumerated() {
      let sign = state == .closed ? drawing.glyphs.strip : state.sign(drawing.glyphs)
      drawing.canvas.put(sign, column: start + offset, row: row, role: state.role)
    }
  }
}

/// The column of names in the smaller lists.
enum NameColumn {
  static func width(of servers: [ServerSnapshot], in rect: Rect) -> Int {
    let widest = servers.prefix(200).map(\.id.name.columnWidth).max() ?? 0
    return min(widest, max(8, rect.size.columns / 3), max(0, rect.size.columns))
  }
}
