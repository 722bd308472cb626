import FleetModel
import TerminalUI

/// Panel 7: what goes on with dead letters, where they wait, how their number went, and the newest.
struct DeadLetterSummary {
  let letters: DeadLetterSnapshot
  let servers: [ServerSnapshot]
  let notices: LetterNotices

  private static let noticeLimit = 3

  func draw(on drawing: inout Drawing, in rect: Rect, isFocused: Bool) {
    let age = letters.oldest.map { Figures.age(seconds: $0.seconds(until: drawing.now)) }
    let dropped =
      letters.dropped > 0 ? ", \(Figures.count(letters.dropped)) dropped" : ""
    // What a store in trouble has is not known: none would be a guess.
    let none = letters.trouble == nil ? "none" : "not known"
    let note =
      (letters.size > 0
        ? "\(Figures.count(letters.size)) waiting" + (age.map { ", oldest \($0)" } ?? "") : none)
      + dropped
    let frame = drawing.panel(
      .deadLetters, in: rect, note: note,
      noteRole: letters.size > 0 || letters.trouble != nil ? .warn : .muted,
      isFocused: isFocused)
    let (top, inside) = frame.split(top: min(notices.notices.count, Self.noticeLimit))
    notices.draw(on: &drawing, in: top)
    let holders = fullestFirst
    guard !holders.isEmpty else {
      let words = letters.trouble == nil ? "no dead letters" : "the store does not answer"
      return drawing.placeholder(words, in: inside)
    }
    let name = NameColumn.width(of: servers, in: inside)
    for (offset, server) in holders.prefix(max(0, inside.size.rows)).enumerated() {
      let row = inside.row + offset
      drawing.text(server.id.name, inside.column, row, name, .fg)
      drawing.right(
        Figures.count(server.deadLetterCount), inside.column + name + 1, row, 5, .warn)
      let column = inside.column + name + 8
      let counts = server.series.deadLetters.map(Double.init)
      drawing.canvas.sparkline(
        counts, maximum: counts.max() ?? 0, column: column, row: row,
        width: inside.right - column, glyphs: drawing.glyphs)
    }
    newest(on: &drawing, in: inside.split(top: holders.count + 1).1, name: name)
  }

  private func newest(on drawing: inout Drawing, in rect: Rect, name: Int) {
    guard rect.size.rows > 1 else { return }
    drawing.text("NEWEST", rect.column, rect.row, rect.size.columns, .header)
    for (offset, letter) in letters.recent.prefix(rect.size.rows - 1).enumerated() {
      let row = rect.row + 1 + offset
      let age = Figures.age(seconds: letter.createdAt.seconds(until: drawing.now))
      drawing.right(age, rect.column, row, 4, .muted)
      drawing.text(letter.server.name, rect.column + 5, row, name, .fg)
      let column = rect.column + 6 + name
      let used = drawing.text(letter.errorKind, column, row, min(16, rect.right - column), .bad)
      let rest = column + max(used, 13) + 1
      drawing.text(letter.target ?? letter.method, rest, row, rect.right - rest, .muted)
    }
  }

  private var fullestFirst: [ServerSnapshot] {
    servers.enumerated().filter { $0.element.deadLetterCount > 0 }.sorted { left, right in
      let (a, b) = (left.element.deadLetterCount, right.element.deadLetterCount)
      return a != b ? a > b : left.offset < right.offset
    }.map(\.element)
  }
}
