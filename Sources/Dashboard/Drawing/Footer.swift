import FleetModel
import TerminalUI

/// The bottom line: the keys of the page; or the filter while it is typed; or what a command did.
struct Footer {
  let state: ViewState

  func draw(on drawing: inout Drawing) {
    let row = drawing.canvas.size.rows - 1
    let width = drawing.canvas.size.columns - 2
    if state.isEditingFilter {
      filterLine(on: &drawing, row: row, width: width)
    } else if let answer = state.answer {
      let (sign, role): (Unicode.Scalar, Role) =
        switch answer.kind {
        case .done: (drawing.glyphs.up, .ok)
        case .partly: (drawing.glyphs.sick, .warn)
        case .refused: (drawing.glyphs.open, .bad)
        case .underWay: (drawing.glyphs.waiting, .info)
        }
      drawing.state(sign, answer.text, 1, row, width, role)
    } else {
      keys(on: &drawing, row: row, width: width)
    }
  }

  private func filterLine(on drawing: inout Drawing, row: Int, width: Int) {
    var (text, hint) = (
      state.filter, "Enter keeps  Esc clears  is:open is:half is:down is:idle is:dlq"
    )
    var role = Role.muted
    if case .deadLetters(let browser) = state.pages.last {
      text = browser.draft
      let words =
        browser.problem.map { ($0, true) }
        ?? LetterFilterHint(state.shown, browser.letters).words(for: text)
      (hint, role) = (words.0, words.1 ? .bad : .muted)
    }
    var column = 1 + drawing.text("/", 1, row, width, .key)
    // What is wrong must be seen, and the end of what is typed: that is where it is mended.
    let room = role == .bad ? max(10, width / 3) : max(10, width - 12)
    column += drawing.text(Self.tail(of: text, width: room), column, row, room, .title)
    drawing.canvas.put(" ", column: column, row: row, role: .fg, isSelected: true)
    drawing.text(hint, column + 3, row, width - column - 2, role)
  }

  private static func tail(of text: String, width: Int) -> String {
    var tail = text[...]
    while String(tail).columnWidth > width { tail = tail.dropFirst() }
    return String(tail)
  }

  /// As many keys as fit; the way out, back or quit, always does.
  private func keys(on drawing: inout Drawing, row: Int, width: Int) {
    let actions = ActionTable.actions.filter { action in
      !action.label.isEmpty && !action.scope.isDisjoint(with: state.scope)
        && action.id != (state.scope == .fleet ? .back : .quit)
    }
    var column = 1
    for action in actions {
      let key = action.chords.first.map { sign(of: $0, drawing.glyphs) } ?? ""
      let size = key.columnWidth + 1 + action.label.columnWidth
      let isLast = action.id == .quit || action.id == .back
      guard column + size + (isLast ? 0 : Self.reserved) <= width + 1 else { continue }
      drawing.hits.append(
        Hit(
          rect: Rect(column: column, row: row, columns: size, rows: 1), target: .action(action.id)))
      column += drawing.text(key, column, row, size, .key) + 1
      column += drawing.text(action.label, column, row, size, .muted) + 2
    }
  }

  /// Columns kept for `q quit` or `Esc back`.
  private static let reserved = 10

  private func sign(of chord: Chord, _ glyphs: Glyphs) -> String {
    chord.keys == [.enter] && glyphs.kind == .unicode ? "↵" : chord.label
  }
}
