import FleetModel
import TerminalUI

/// The dead letters, and everything known of the selected one.
struct DeadLetterPage {
  let snapshot: Snapshot?
  let browser: DeadLetterBrowser

  /// Bytes of a payload that are looked at; the screen holds fewer.
  private static let payloadLimit = 16_384

  func draw(on drawing: inout Drawing) {
    let layout = DeadLetterLayout(drawing.canvas.size)
    let letters = snapshot.map { browser.letters(in: $0) } ?? []
    let selected = browser.index(in: letters)
    crumb(letters, on: &drawing, in: layout.crumb)
    let note = selected.map { "\($0 + 1)/\(letters.count)" } ?? ""
    let inside = drawing.frame("dead letters", in: layout.list, note: note, role: .borderFocus)
    if letters.isEmpty {
      let words =
        browser.filter.isEmpty ? "no dead letters" : "no letter fits the filter, Esc clears it"
      drawing.placeholder(words, in: inside)
    } else {
      list(letters, selected, on: &drawing, in: inside)
    }
    guard let payload = layout.payload, let attempts = layout.attempts else { return }
    let letter = selected.map { letters[$0] }
    self.payload(letter, on: &drawing, in: payload)
    self.attempts(letter, on: &drawing, in: attempts)
  }

  private func crumb(_ letters: [DeadLetter], on drawing: inout Drawing, in line: Rect) {
    let end = line.right - 1
    var column = 1
    let path = ["fleet"] + (browser.server.map { [$0.name] } ?? [])
    for step in path {
      column += drawing.text(
        "\(step) \(drawing.glyphs.crumb) ", column, line.row, end - column, .muted)
    }
    column += drawing.text("dead letters", column, line.row, end - column, .title)
    if !browser.filter.isEmpty {
      column += drawing.text("  /\(browser.filter)", column, line.row, end - column, .key)
    }
    let marks = letters.count { browser.marked.contains($0.id) }
    let all =
      browser.server.map { snapshot?.server($0)?.deadLetterCount ?? 0 }
      ?? snapshot?.deadLetters.size ?? 0
    let words =
      (marks > 0 ? "\(marks) marked  " : "")
      + (letters.count < all
        ? "newest \(letters.count) of \(Figures.count(all))" : Figures.counted(all, "letter"))
    let width = words.columnWidth
    guard end - width > column + 1 else { return }
    drawing.text(words, end - width, line.row, width, marks > 0 ? .warn : .muted)
  }

  private func list(
    _ letters: [DeadLetter], _ selected: Int?, on drawing: inout Drawing, in inside: Rect
  ) {
    let columns = LetterColumns(width: inside.size.columns, letters: letters)
    columns.header(on: &drawing, in: inside)
    let height = max(0, inside.size.rows - 1)
    let top = Scroll.top(browser.top, selected: selected, count: letters.count, rows: height)
    for (offset, letter) in letters.dropFirst(top).prefix(height).enumerated() {
      let line = Rect(
        column: inside.column, row: inside.row + 1 + offset, columns: inside.size.columns, rows: 1)
      drawing.hits.append(Hit(rect: line, target: .letter(letter.id)))
      columns.row(
        letter, isMarked: browser.marked.contains(letter.id),
        isSelected: top + offset == selected, on: &drawing, in: line)
    }
  }

  private func payload(_ letter: DeadLetter?, on drawing: inout Drawing, in rect: Rect) {
    let title = letter.map { "payload of \($0.target ?? $0.method)" } ?? "payload"
    let inside = drawing.frame(title, in: rect)
    guard let letter, inside.size.columns > 0, inside.size.rows > 0 else { return }
    let text = String(decoding: letter.params.bytes.prefix(Self.payloadLimit), as: UTF8.self)
    var (column, row) = (0, 0)
    for raw in text.unicodeScalars {
      let shown = ScreenScalar(raw)
      if column + shown.width > inside.size.columns { (column, row) = (0, row + 1) }
      guard row < inside.size.rows else { return }
      guard shown.width > 0 else { continue }
      drawing.canvas.put(
        shown.scalar, width: shown.width, column: inside.column + column, row: inside.row + row,
        role: .fg)
      column += shown.width
    }
  }

  private func attempts(_ letter: DeadLetter?, on drawing: inout Drawing, in rect: Rect) {
    let inside = drawing.frame(
      "attempts", in: rect, note: letter.map { "\($0.attempts.count)" } ?? "")
    guard let letter, inside.size.rows > 0 else { return }
    var lines: [(String, Role)] = [
      ("\(letter.errorKind): \(letter.errorMessage)", .bad),
      (
        "\(letter.delivery.certainty), \(letter.isIdempotent ? "" : "not ")declared idempotent"
          + (letter.isUnsafeToReplay ? ": a replay leaves it out" : ""),
        letter.isUnsafeToReplay ? .warn : .ok
      ),
      (
        "from \(letter.client), \(letter.method), replayed "
          + "\(Figures.counted(letter.replayCount, "time"))", .muted
      ),
    ]
    let room = max(0, inside.size.rows - lines.count)
    for (index, attempt) in letter.attempts.enumerated().suffix(room) {
      let wait =
        attempt.backoff > .zero ? "  after \(Figures.latency(attempt.backoff))" : ""
      lines.append(
        (
          "\(index + 1)  \(attempt.startedAt.clockText)  \(attempt.result), "
            + "\(Figures.latency(attempt.duration))\(wait)", .fg
        ))
    }
    for (offset, (words, role)) in lines.prefix(inside.size.rows).enumerated() {
      drawing.text(words, inside.column, inside.row + offset, inside.size.columns, role)
    }
  }
}
