import FleetModel
import TerminalUI

/// Panel 6: how full every server's pool is, and who waits for it.
struct PoolList {
  let servers: [ServerSnapshot]

  func draw(on drawing: inout Drawing, in rect: Rect, isFocused: Bool) {
    let active = servers.reduce(0) { $0 + $1.pool.active }
    let waiting = servers.reduce(0) { $0 + $1.pool.waiting }
    let inside = drawing.panel(
      .pools, in: rect,
      note: waiting > 0 ? "\(active) busy, \(waiting) waiting" : "\(active) busy",
      noteRole: waiting > 0 ? .bad : .muted, isFocused: isFocused)
    let name = NameColumn.width(of: servers, in: inside)
    let figures = servers.map { figure($0.pool).columnWidth }.max() ?? 0
    for (offset, server) in servers.prefix(max(0, inside.size.rows)).enumerated() {
      let row = inside.row + offset
      drawing.text(server.id.name, inside.column, row, name, .fg)
      let column = inside.column + name + 1
      let pool = server.pool
      let share = pool.max > 0 ? Double(pool.active) / Double(pool.max) : 0
      let role = pool.leaks > 0 ? .bad : Thresholds.pool(pool)
      drawing.canvas.gauge(
        share, column: column, row: row, width: inside.right - figures - 1 - column,
        role: role == .fg ? .graphLow : role, glyphs: drawing.glyphs)
      drawing.right(figure(pool), inside.right - figures, row, figures, role)
    }
    if servers.isEmpty { drawing.placeholder("no servers", in: inside) }
  }

  private func figure(_ pool: PoolSnapshot) -> String {
    let waiting = pool.waiting > 0 ? " +\(Figures.count(pool.waiting))" : ""
    let leaks = pool.leaks > 0 ? " \(Figures.count(pool.leaks)) leaked" : ""
    return "\(pool.active)/\(pool.max)\(waiting)\(leaks)"
  }
}
