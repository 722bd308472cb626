import FleetModel
import TerminalUI

/// Where the servers come from, in the order of precedence; scrolled.
struct SourcesOverlay {
  let sources: [SourceSnapshot]
  let size: Size

  private static let widthLimit = 110

  private var lineCount: Int { max(1, sources.count * SourceList.linesPerSource) }

  private var height: Int { min(lineCount + 2, size.rows - 2) }

  /// The furthest it can be scrolled.
  var lastTop: Int { max(0, lineCount + 2 - height) }

  func draw(on drawing: inout Drawing, top: Int) {
    let width = min(size.columns, Self.widthLimit)
    let rect = Rect(
      column: (size.columns - width) / 2, row: 1 + max(0, size.rows - 2 - height) / 2,
      columns: width, rows: height)
    drawing.canvas.clear(rect)
    let inside = drawing.frame(
      "where servers come from", in: rect,
      note: lastTop > 0 ? "j k scroll, Esc closes" : "Esc closes", role: .borderFocus)
    guard !sources.isEmpty else { return drawing.placeholder("no sources", in: inside) }
    SourceList(sources: sources).draw(on: &drawing, in: inside, top: min(top, lastTop))
  }
}
