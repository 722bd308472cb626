import FleetModel
import TerminalUI

/// Calls by their four ends, never merged.
struct CallBars {
  let counts: CallCounts

  func draw(on drawing: inout Drawing, in rect: Rect) {
    let inside = drawing.frame("calls", in: rect, note: "\(Figures.count(counts.total)) in all")
    let ends: [(String, Int, Role)] = [
      ("success", counts.success, .ok), ("tool error", counts.toolError, .warn),
      ("protocol error", counts.protocolError, .warn),
      ("no answer", counts.transportFailure, .bad),
    ]
    for (offset, (words, count, role)) in ends.prefix(max(0, inside.size.rows)).enumerated() {
      let row = inside.row + offset
      drawing.text(words, inside.column, row, min(14, inside.size.columns), .fg)
      drawing.right(Figures.count(count), inside.column + 15, row, 6, count > 0 ? role : .muted)
      let share = counts.total > 0 ? Double(count) / Double(counts.total) : 0
      drawing.canvas.gauge(
        share, column: inside.column + 22, row: row, width: inside.size.columns - 22, role: role,
        glyphs: drawing.glyphs)
    }
  }
}
