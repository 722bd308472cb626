import FleetModel
import TerminalUI

/// Where servers come from, two lines a source: which and how many, then how it is.
struct SourceList {
  let sources: [SourceSnapshot]

  static let linesPerSource = 2

  /// - Parameter top: the first line on the screen.
  func draw(on drawing: inout Drawing, in rect: Rect, top: Int) {
    for (offset, line) in (top..<max(top, sources.count * Self.linesPerSource))
      .prefix(max(0, rect.size.rows)).enumerated()
    {
      let source = sources[line / Self.linesPerSource]
      let row = rect.row + offset
      if line % Self.linesPerSource == 0 {
        head(source, on: &drawing, in: rect, row: row)
      } else {
        drawing.text(
          source.text, rect.column + 2, row, rect.size.columns - 2,
          source.isWell ? .muted : .bad)
      }
    }
  }

  /// What an empty fleet waits for, as much as there is room for.
  func awaited(on drawing: inout Drawing, in rect: Rect) {
    guard rect.size.rows > 0 else { return }
    // A table of no servers is small: a line each where two do not fit.
    let isRoomy = rect.size.rows > sources.count * Self.linesPerSource
    var row = rect.row
    if isRoomy {
      drawing.text("no servers yet; looked at:", rect.column, row, rect.size.columns, .muted)
      return draw(on: &drawing, in: rect.split(top: 1).1, top: 0)
    }
    // Those that are ill first: they are what keeps the fleet empty.
    let ordered = sources.filter { !$0.isWell } + sources.filter(\.isWell)
    for (index, source) in ordered.enumerated() where row < rect.bottom {
      let rest = ordered.count - index
      guard row < rect.bottom - 1 || rest == 1 else {
        drawing.text(
          "no servers yet from \(rest) sources, f shows them", rect.column, row,
          rect.size.columns, .muted)
        return
      }
      drawing.text(
        "no servers from \(source.name): \(source.text)", rect.column, row, rect.size.columns,
        source.isWell ? .muted : .warn)
      row += 1
    }
  }

  private func head(
    _ source: SourceSnapshot, on drawing: inout Drawing, in rect: Rect, row: Int
  ) {
    let sign = source.isWell ? drawing.glyphs.up : drawing.glyphs.down
    let count = Figures.counted(source.serverCount, "server")
    let words = source.kind == .file ? count : "\(source.kind.words), \(count)"
    let room = max(0, rect.size.columns - words.columnWidth - 1)
    var column = rect.column
    column += drawing.text("\(sign) ", column, row, room, source.isWell ? .ok : .bad)
    drawing.text(source.name, column, row, max(0, room - 2), .title)
    drawing.right(words, rect.column, row, rect.size.columns, .fg)
  }
}

extension SourceSnapshot.Kind {
  var words: String {
    switch self {
    case .file: "file"
    case .toolhive: "ToolHive"
    case .kubernetes: "Kubernetes"
    }
  }
}
