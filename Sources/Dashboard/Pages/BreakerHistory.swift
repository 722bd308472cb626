import FleetModel
import TerminalUI

/// The newest changes of a breaker's state, newest on top, each with its reason.
struct BreakerHistory {
  let breaker: BreakerSnapshot

  /// Rows it wants with its frame; 0 when it never changed.
  var height: Int { breaker.transitions.isEmpty ? 0 : breaker.transitions.count + 2 }

  func draw(on drawing: inout Drawing, in rect: Rect) {
    let inside = drawing.frame(
      "breaker history", in: rect,
      note: "\(Figures.counted(breaker.transitionCount, "change")), newest first")
    for (offset, change) in breaker.transitions.reversed().prefix(max(0, inside.size.rows))
      .enumerated()
    {
      line(change, on: &drawing, inside, row: inside.row + offset)
    }
  }

  private func line(
    _ change: BreakerTransition, on drawing: inout Drawing, _ inside: Rect, row: Int
  ) {
    let end = inside.right
    var column = inside.column
    column += drawing.text(change.at.clockText, column, row, end - column, .muted) + 1
    for (state, gap) in [(change.from, " \(drawing.glyphs.crumb) "), (change.to, "  ")] {
      column += drawing.state(
        state.sign(drawing.glyphs), state.word, column, row, end - column, state.role)
      column += drawing.text(gap, column, row, end - column, .muted)
    }
    drawing.text(change.reason, column, row, end - column, .fg)
  }
}
