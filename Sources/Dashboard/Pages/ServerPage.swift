import FleetModel
import TerminalUI

/// The page of one server: what it is, how it does, and what happened to it.
struct ServerPage {
  let snapshot: Snapshot?
  let server: ServerID
  let state: ViewState

  private static let callRows = 6
  private static let factRows = 13
  private static let graphRows = 9

  func draw(on drawing: inout Drawing) {
    let size = drawing.canvas.size
    let body = Rect(column: 0, row: 1, columns: size.columns, rows: size.rows - 2)
    let (top, rest) = body.split(top: 1)
    guard let snapshot, let picture = snapshot.server(server) else {
      crumb(nil, on: &drawing, in: top)
      return drawing.placeholder("\(server) is not in the fleet any more, Esc goes back", in: rest)
    }
    crumb(picture, on: &drawing, in: top)
    guard Breakpoint(size) != .tiny else {
      return ServerFacts(server: picture)
        .draw(on: &drawing, in: drawing.frame("now", in: rest, role: .borderFocus))
    }
    let (upper, below) = rest.split(top: min(Self.factRows, rest.size.rows * 3 / 5))
    let (left, right) = upper.split(left: min(size.columns * 3 / 5, 90))
    ServerFacts(server: picture)
      .draw(on: &drawing, in: drawing.frame("now", in: left, role: .borderFocus))
    let (calls, history) = right.split(top: Self.callRows)
    CallBars(counts: picture.calls).draw(on: &drawing, in: calls)
    breaker(picture, on: &drawing, in: history)
    var lists = below
    if below.size.rows >= Self.graphRows * 2 {
      let (graphs, remainder) = below.split(top: min(below.size.rows / 3, Self.graphRows * 2))
      self.graphs(picture.series, on: &drawing, in: graphs)
      lists = remainder
    }
    let (events, letters) = lists.split(left: size.columns * 3 / 5)
    EventList(
      notices: snapshot.notices.filter { $0.server == server }, anchor: nil, namesServer: false
    )
    .lines(on: &drawing, in: drawing.frame("its events", in: events), bottom: Int.max)
    LetterLines(letters: snapshot.deadLetters.recent.filter { $0.server == server })
      .draw(
        on: &drawing,
        in: drawing.frame(
          "its dead letters", in: letters, note: "\(Figures.count(picture.deadLetterCount))"))
  }

  private func crumb(_ picture: ServerSnapshot?, on drawing: inout Drawing, in line: Rect) {
    let end = line.right - 1
    var column = 1
    column += drawing.text("fleet ", column, line.row, end - column, .muted)
    column += drawing.text("\(drawing.glyphs.crumb) ", column, line.row, end - column, .muted)
    column += drawing.text(server.name, column, line.row, end - column, .title)
    guard let picture else { return }
    let words = picture.breaker.sentence(now: drawing.now)
    let sign = picture.breaker.state.sign(drawing.glyphs)
    let width = words.columnWidth + 2
    guard end - width > column + 2 else { return }
    drawing.state(sign, words, end - width, line.row, width, picture.breaker.state.role)
  }

  private func breaker(_ picture: ServerSnapshot, on drawing: inout Drawing, in rect: Rect) {
    let changes = zip(picture.series.breaker, picture.series.breaker.dropFirst())
      .count { $0 != $1 && $1 == .open }
    let inside = drawing.frame(
      "breaker", in: rect, note: changes > 0 ? "opened \(Figures.counted(changes, "time"))" : "")
    guard inside.size.rows > 0 else { return }
    BreakerStrip(states: picture.series.breaker)
      .draw(on: &drawing, column: inside.column, row: inside.row, width: inside.size.columns)
    let reason = picture.breaker.reason ?? "never left closed"
    let lines = Figures.wrap(reason, width: inside.size.columns, limit: inside.size.rows - 1)
    for (offset, line) in lines.enumerated() {
      drawing.text(line, inside.column, inside.row + 1 + offset, inside.size.columns, .muted)
    }
  }

  private func graphs(_ series: ServerSeries, on drawing: inout Drawing, in rect: Rect) {
    let (left, right) = rect.split(left: rect.size.columns / 2)
    for (title, values, place) in [
      ("retries", series.retriesPerSecond, left), ("calls", series.callsPerSecond, right),
    ] {
      let visible = values.suffix(max(0, place.size.columns - 2) * 2)
      let peak = visible.filter(\.isFinite).max() ?? 0
      let note = values.last.map { "now \(Figures.rate($0))/s  max \(Figures.rate(peak))" } ?? ""
      let inside = drawing.frame(title, in: place, note: note)
      guard peak > 0 else {
        drawing.placeholder("no \(title)", in: inside)
        continue
      }
      drawing.canvas.areaGraph(values, maximum: peak, in: inside, glyphs: drawing.glyphs)
    }
  }
}

/// Calls by their four ends, never merged.
private struct CallBars {
  let counts: CallCounts

  func draw(on drawing: inout Drawing, in rect: Rect) {
    let inside = drawing.frame("calls", in: rect, note: "\(Figures.count(counts.total)) in all")
    let ends: [(String, Int, Role)] = [
      ("success", counts.success, .ok), ("tool error", counts.toolError, .warn),
      ("protocol error", counts.protocolError, .warn),
      ("no answer", counts.transportFailure, .bad),
    ]
    for (offset, (words, count, role)) in ends.prefix(max(0, inside.size.rows)).enumerated() {
      let row = inside.row + offset
      drawing.text(words, inside.column, row, min(14, inside.size.columns), .fg)
      drawing.right(Figures.count(count), inside.column + 15, row, 6, count > 0 ? role : .muted)
      let share = counts.total > 0 ? Double(count) / Double(counts.total) : 0
      drawing.canvas.gauge(
        share, column: inside.column + 22, row: row, width: inside.size.columns - 22, role: role,
        glyphs: drawing.glyphs)
    }
  }
}

/// A server's newest dead letters, a line each.
private struct LetterLines {
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
