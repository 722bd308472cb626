import FleetModel
import TerminalUI

/// A server's newest dead letters, a line each.
struct LetterLines {
  let letters: [DeadLetter]

  func draw(on drawing: inout Drawing, in inside: Rect) {
    guard !letters.isEmpty else { return drawing.placeholder("none", in: inside) }
    for (offset, letter) in letters.prefix(max(0, inside.size.rows)).enumerated() {
      let row = inside.row + offset
      let age = Figures.age(seconds: letter.createdAt.seconds(until: drawing.now))
      drawing.right(age, inside.column, row, 4, .muted)
      let column = inside.column + 5
      let used = drawing.text(letter.errorKind, column, row, min(14, inside.right - column), .bad)
      let rest = column + max(used, 12) + 1
      drawing.text(letter.target ?? letter.method, rest, row, inside.right - rest, .fg)
    }
  }
}
