import FleetModel
import TerminalUI

/// The dead letters that the store has, and everything known of the selected one.
struct LetterPage {
  let snapshot: Snapshot?
  let browser: DeadLetterBrowser
  let state: ViewState

  func draw(on drawing: inout Drawing) {
    let layout = DeadLetterLayout(state)
    crumb(on: &drawing, in: layout.crumb)
    let margin = layout.notices.size.columns - 2
    LetterNotices(state)?.draw(
      on: &drawing,
      in: Rect(
        column: 1, row: layout.notices.row, columns: margin, rows: layout.notices.size.rows))
    if browser.isReading, let letter = browser.selected, let snapshot {
      LetterReader(letter: letter, snapshot: snapshot, top: browser.readingTop)
        .draw(on: &drawing, in: layout.reading)
      return
    }
    let note = browser.letters.isEmpty ? "" : place(drawing.glyphs)
    let inside = drawing.frame(title, in: layout.list, note: note, role: .borderFocus)
    if browser.letters.isEmpty {
      emptiness(on: &drawing, in: inside)
    } else {
      list(on: &drawing, in: inside)
    }
    guard let payload = layout.payload, let facts = layout.facts else { return }
    self.payload(on: &drawing, in: payload)
    self.facts(on: &drawing, in: facts)
  }

  private var title: String {
    let store = snapshot?.deadLetters.store ?? ""
    let isLossy = snapshot?.deadLetters.durability?.grade == .lossy
    return "dead letters" + (store.isEmpty ? "" : " in \(store)")
      + (isLossy ? ", which may lose them" : "")
  }

  /// `3/214`; what is not known exactly has a mark.
  private func place(_ glyphs: Glyphs) -> String {
    let number = browser.window.above + browser.row + 1
    let total = browser.total(in: snapshot).map { Figures.grouped($0) } ?? "?"
    // Letters may have come since the upper ones were given up.
    let course = browser.isUnderWay ? "reading on\(glyphs.ellipsis) " : ""
    return course + (browser.window.isAtHead ? "" : "~") + "\(Figures.grouped(number))/\(total)"
  }

  // MARK: The line on top

  private func crumb(on drawing: inout Drawing, in line: Rect) {
    let end = line.right - 1
    var column = 1
    let path = ["fleet"] + (browser.server.map { [$0.name] } ?? [])
    for step in path {
      column += drawing.text(
        "\(step) \(drawing.glyphs.crumb) ", column, line.row, end - column, .muted)
    }
    column += drawing.text("dead letters", column, line.row, end - column, .title)
    let marks = markWords
    let words = [marks, amount, droppedWords].filter { !$0.isEmpty }.joined(separator: "  ")
    let filter = browser.query.text.isEmpty ? "" : "  /\(browser.query.text)"
    // The filter may be cut; how much there is of what is listed must stand.
    var width = words.columnWidth
    var shown = words
    if end - column - width < min(filter.columnWidth, 12) + 1 {
      shown = marks.isEmpty ? amount : marks
      width = shown.columnWidth
    }
    drawing.text(filter, column, line.row, end - column - width - 1, .key)
    guard end - width > column + 1 else { return }
    drawing.text(shown, end - width, line.row, width, browser.marks.isEmpty ? .muted : .warn)
  }

  private var markWords: String {
    let marks = browser.marks
    if marks.everything != nil { return "ALL that match marked" }
    guard marks.count > 0 else { return "" }
    let hidden = marks.hiddenCount
    return "\(Figures.grouped(marks.count)) marked"
      + (hidden > 0 ? ", \(Figures.grouped(hidden)) not listed" : "")
  }

  private var amount: String {
    let held = browser.letters.count
    guard browser.window.filter != nil else { return "" }
    guard let total = browser.total(in: snapshot) else {
      return "\(Figures.grouped(held)) listed, there are more"
    }
    return held < total
      ? "\(Figures.grouped(held)) of \(Figures.grouped(total))"
      : Figures.counted(total, "letter")
  }

  private var droppedWords: String {
    let dropped = snapshot?.deadLetters.dropped ?? 0
    return dropped > 0 ? "\(Figures.grouped(dropped)) dropped: the queue was full" : ""
  }

  // MARK: The list

  /// Loading is not empty, and neither is a store that does not answer.
  private func emptiness(on drawing: inout Drawing, in inside: Rect) {
    if let failure = browser.window.failure {
      let lines = Figures.wrap(failure, width: inside.size.columns - 2, limit: 3)
      var row = inside.row + max(0, (inside.size.rows - lines.count - 1) / 2)
      for line in lines + ["asked again every few seconds"] where row < inside.bottom {
        let isLast = row - inside.row >= lines.count && line.hasPrefix("asked again")
        drawing.text(line, inside.column + 1, row, inside.size.columns - 2, isLast ? .muted : .bad)
        row += 1
      }
    } else if browser.isLoading {
      drawing.placeholder("asking the store\(drawing.glyphs.ellipsis)", in: inside)
    } else if browser.query.isEmpty {
      drawing.placeholder("no dead letters", in: inside)
    } else {
      drawing.placeholder("no letter fits the filter, Esc clears it", in: inside)
    }
  }

  private func list(on drawing: inout Drawing, in inside: Rect) {
    let letters = browser.letters
    let height = max(0, inside.size.rows - 1)
    let top = Scroll.top(browser.top, selected: browser.row, count: letters.count, rows: height)
    let shown = letters[top..<min(letters.count, top + height)]
    let columns = LetterColumns(width: inside.size.columns, letters: Array(shown))
    columns.header(on: &drawing, in: inside)
    for (offset, letter) in shown.enumerated() {
      let line = Rect(
        column: inside.column, row: inside.row + 1 + offset, columns: inside.size.columns, rows: 1)
      drawing.hits.append(Hit(rect: line, target: .letter(letter.id)))
      columns.row(
        letter, isMarked: browser.marks.contains(letter),
        isSelected: top + offset == browser.row, on: &drawing, in: line)
    }
    if browser.window.isAsking, browser.window.hasMore, top + height >= letters.count {
      let row = inside.row + 1 + shown.count
      if row < inside.bottom {
        let words = "reading on\(drawing.glyphs.ellipsis)"
        drawing.text(words, inside.column + 2, row, inside.size.columns, .muted)
      }
    }
  }

  // MARK: The selected letter

  private func payload(on drawing: inout Drawing, in rect: Rect) {
    let letter = browser.selected
    let edited = letter?.original == nil ? "" : ", edited"
    let title = letter.map { "params of \($0.target ?? $0.method)\(edited)" } ?? "params"
    guard let letter, let snapshot else {
      _ = drawing.frame(title, in: rect)
      return
    }
    // A line more than fits shows that there is more.
    let text = LetterSheet(letter, in: snapshot, width: rect.inset.size.columns)
      .payload(rows: rect.inset.size.rows + 1)
    let isCut = text.lines.count > rect.inset.size.rows
    let inside = drawing.frame(title, in: rect, note: isCut ? "Enter: all" : "")
    text.draw(on: &drawing, in: inside)
  }

  private func facts(on drawing: inout Drawing, in rect: Rect) {
    let letter = browser.selected
    let note = letter.map { Figures.counted($0.attempts.count, "attempt") } ?? ""
    let inside = drawing.frame("letter", in: rect, note: note)
    guard let letter, let snapshot else { return }
    LetterSheet(letter, in: snapshot, width: inside.size.columns)
      .summary(rows: inside.size.rows, now: drawing.now).draw(on: &drawing, in: inside)
  }
}

/// One letter over the whole page, scrolled.
struct LetterReader {
  let letter: DeadLetter
  let snapshot: Snapshot
  let top: Int

  func draw(on drawing: inout Drawing, in rect: Rect) {
    let sheet = LetterSheet(letter, in: snapshot, width: rect.size.columns - 2)
    let lines = sheet.lines(now: snapshot.at)
    let below = max(0, lines.count - top - (rect.size.rows - 2))
    let inside = drawing.frame(
      "letter \(letter.id)", in: rect, note: below > 0 ? "\(below) more lines" : "Esc closes",
      role: .borderFocus)
    LetterText(lines: Array(lines.dropFirst(max(0, top)))).draw(on: &drawing, in: inside)
  }
}
