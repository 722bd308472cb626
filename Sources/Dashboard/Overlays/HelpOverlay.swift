import TerminalUI

/// All keys, made from the action table: those of the page, then those that hold everywhere.
struct HelpOverlay {
  private struct Line {
    var keys: String
    var words: String
    var isHeading = false
  }

  private let here: [Line]
  private let everywhere: [Line]
  private let place: String
  private let size: Size

  private static let columnWidth = 38
  private static let keyWidth = 8

  init(scope: Action.Scope, size: Size) {
    self.size = size
    place = scope == .fleet ? "fleet" : scope == .server ? "server" : "dead letters"
    let actions = ActionTable.actions.filter { !$0.scope.isDisjoint(with: scope) }
    here = actions.filter { $0.scope != .everywhere }.compactMap(Self.line)
    everywhere = actions.filter { $0.scope == .everywhere }.compactMap(Self.line)
  }

  private static func line(_ action: Action) -> Line? {
    if let panel = action.id.panel {
      return panel == .fleet ? Line(keys: "1 ... 8", words: "a panel; again: zoom") : nil
    }
    let asks = action.danger == .confirm ? ", asks" : ""
    return Line(keys: action.keyLabel, words: action.help + asks)
  }

  private var isWide: Bool { size.columns >= Self.columnWidth * 2 + 4 }

  private var lineCount: Int {
    isWide ? max(here.count, everywhere.count) + 1 : here.count + everywhere.count + 2
  }

  private var height: Int { min(lineCount + 2, size.rows - 2) }

  /// The furthest it can be scrolled.
  var lastTop: Int { max(0, lineCount + 2 - height) }

  func draw(on drawing: inout Drawing, top: Int) {
    let width = min(size.columns, isWide ? Self.columnWidth * 2 + 4 : Self.columnWidth + 2)
    let rect = Rect(
      column: (size.columns - width) / 2, row: 1 + max(0, size.rows - 2 - height) / 2,
      columns: width, rows: height)
    drawing.canvas.clear(rect)
    let inside = drawing.frame(
      "help", in: rect, note: lastTop > 0 ? "j k scroll, Esc closes" : "Esc closes",
      role: .borderFocus)
    let headings = [
      Line(keys: "on this page: \(place)", words: "", isHeading: true),
      Line(keys: "everywhere", words: "", isHeading: true),
    ]
    if isWide {
      lines([headings[0]] + here, on: &drawing, inside, inside.column + 1, top)
      lines(
        [headings[1]] + everywhere, on: &drawing, inside, inside.column + 1 + Self.columnWidth, top)
    } else {
      lines(
        [headings[0]] + here + [headings[1]] + everywhere, on: &drawing, inside, inside.column, top)
    }
  }

  private func lines(
    _ lines: [Line], on drawing: inout Drawing, _ inside: Rect, _ column: Int, _ top: Int
  ) {
    for (offset, line) in lines.dropFirst(top).prefix(max(0, inside.size.rows)).enumerated() {
      let row = inside.row + offset
      let width = min(Self.columnWidth - 1, inside.right - column)
      guard !line.isHeading else {
        drawing.text(line.keys, column, row, width, .header)
        continue
      }
      drawing.text(line.keys, column, row, Self.keyWidth, .key)
      drawing.text(
        line.words, column + Self.keyWidth + 1, row, width - Self.keyWidth - 1, .fg)
    }
  }
}
