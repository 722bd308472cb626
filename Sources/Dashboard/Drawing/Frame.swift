package import FleetModel
package import TerminalUI

/// Draws the whole screen: a function of its arguments and nothing else.
///
/// - Parameters:
///   - snapshot: the newest; nil before the first, when the configured servers stand for it.
///   - now: civil time, for the clock and for ages.
/// - Returns: the cells, and what a click on them does.
package func frame(
  snapshot: Snapshot?, state: ViewState, size: Size, now: Timestamp
) -> (Canvas, [Hit]) {
  var state = state
  state.size = size
  var drawing = Drawing(size: size, glyphs: state.glyphs, now: now)
  // A paused screen stands still: its ages are those of its picture.
  drawing.now = state.frozen?.at ?? now
  guard !state.isTooSmall else {
    SizeNotice().draw(on: &drawing)
    return (drawing.canvas, [])
  }
  let shown = state.frozen ?? snapshot
  StatusLine(snapshot: shown, newest: snapshot, state: state, now: now).draw(on: &drawing)
  switch state.pages.last {
  case nil: FleetPage(snapshot: shown, state: state).draw(on: &drawing)
  case .server(let id): ServerPage(snapshot: shown, server: id, state: state).draw(on: &drawing)
  case .deadLetters(let browser):
    LetterPage(snapshot: shown, browser: browser, state: state).draw(on: &drawing)
  }
  Footer(state: state).draw(on: &drawing)
  if let overlay = state.overlay {
    drawing.canvas.fade(to: .muted)
    drawing.hits = []
    drawing.now = now
    switch overlay {
    case .help(let top): HelpOverlay(scope: state.scope, size: size).draw(on: &drawing, top: top)
    case .sources(let top):
      SourcesOverlay(sources: snapshot?.sources ?? [], size: size).draw(on: &drawing, top: top)
    case .palette(let palette):
      PaletteOverlay(palette: palette, scope: state.scope).draw(on: &drawing)
    case .confirm(let confirmation):
      ConfirmDialog(confirmation: confirmation, snapshot: snapshot).draw(on: &drawing)
    case .letters(let dialog):
      LetterDialogBox(dialog: dialog, snapshot: snapshot).draw(on: &drawing)
    case .override(let request):
      OverrideDialog(request: request, owner: state.owner, snapshot: snapshot).draw(on: &drawing)
    }
  }
  return (drawing.canvas, drawing.hits)
}

/// What a screen too small for the dashboard shows: the size it takes.
private struct SizeNotice {
  func draw(on drawing: inout Drawing) {
    let size = drawing.canvas.size
    let needed = Breakpoint.tiny.minimum
    let lines =
      size.columns >= 25
      ? ["too small: \(size.columns)x\(size.rows)", "needs \(needed.columns)x\(needed.rows)"]
      : ["needs", "\(needed.columns)x\(needed.rows)"]
    let top = max(0, (size.rows - lines.count) / 2)
    for (index, line) in lines.enumerated() {
      let column = max(0, (size.columns - line.columnWidth) / 2)
      drawing.text(line, column, top + index, size.columns - column, index == 0 ? .fg : .title)
    }
  }
}
