import FleetModel
import TerminalUI

/// The page of one server: what it is, how it does, and what happened to it; as long as it needs,
/// and scrolled.
struct ServerPage {
  let snapshot: Snapshot?
  let server: ServerID
  let state: ViewState

  func draw(on drawing: inout Drawing) {
    let (top, rest) = ServerLayout.body(of: drawing.canvas.size).split(top: 1)
    guard let snapshot, let picture = snapshot.server(server) else {
      crumb(nil, below: 0, on: &drawing, in: top)
      return drawing.placeholder("\(server) is not in the fleet any more, Esc goes back", in: rest)
    }
    let layout = ServerLayout(size: drawing.canvas.size, server: picture, now: snapshot.at)
    let first = min(max(0, state.serverTop), layout.lastTop)
    crumb(picture, below: layout.lastTop - first, on: &drawing, in: top)
    let columns = rest.size.columns
    var sheet = Drawing(
      size: Size(columns: columns, rows: layout.height), glyphs: drawing.glyphs.kind,
      now: drawing.now)
    for place in layout.places { draw(place, of: picture, in: snapshot, on: &sheet) }
    for row in 0..<min(rest.size.rows, layout.height - first) {
      for column in 0..<columns {
        drawing.canvas[column, rest.row + row] =
          sheet.canvas[column, first + row]
      }
    }
  }

  private func draw(
    _ place: ServerLayout.Place, of picture: ServerSnapshot, in snapshot: Snapshot,
    on sheet: inout Drawing
  ) {
    let rect = place.rect
    switch place.block {
    case .facts:
      let inside = sheet.frame("now", in: rect, role: .borderFocus)
      FactList(facts: ServerFacts(server: picture).facts(now: sheet.now, sheet.glyphs)).draw(
        on: &sheet, in: inside)
    case .calls: CallBars(counts: picture.calls).draw(on: &sheet, in: rect)
    case .breaker: breaker(picture, on: &sheet, in: rect)
    case .history: BreakerHistory(breaker: picture.breaker).draw(on: &sheet, in: rect)
    case .operations: OperationTable(operations: picture.operations).draw(on: &sheet, in: rect)
    case .traffic:
      let inside = sheet.frame("connections and load", in: rect)
      FactList(facts: TrafficFacts(server: picture).facts).draw(on: &sheet, in: inside)
    case .cache: CacheEntries(cache: picture.cache).draw(on: &sheet, in: rect)
    case .retryGraph:
      graph("retries", picture.series.retriesPerSecond, on: &sheet, in: rect)
    case .callGraph: graph("calls", picture.series.callsPerSecond, on: &sheet, in: rect)
    case .events:
      EventList(
        notices: snapshot.notices.filter { $0.server == server }, anchor: nil, namesServer: false
      )
      .lines(on: &sheet, in: sheet.frame("its events", in: rect), bottom: Int.max)
    case .letters:
      let note = Figures.count(picture.deadLetterCount)
      LetterLines(letters: snapshot.deadLetters.recent.filter { $0.server == server })
        .draw(on: &sheet, in: sheet.frame("its dead letters", in: rect, note: note))
    }
  }

  /// - Parameter below: rows under the screen's last.
  private func crumb(
    _ picture: ServerSnapshot?, below: Int, on drawing: inout Drawing, in line: Rect
  ) {
    var end = line.right - 1
    var column = 1
    column += drawing.text("fleet ", column, line.row, end - column, .muted)
    column += drawing.text("\(drawing.glyphs.crumb) ", column, line.row, end - column, .muted)
    column += drawing.text(server.name, column, line.row, end - column, .title)
    guard let picture else { return }
    if below > 0 {
      let more = "\(drawing.glyphs.falling) \(below) more"
      guard end - more.columnWidth > column + 2 else { return }
      drawing.right(more, line.column, line.row, end, .key)
      end -= more.columnWidth + 3
    }
    let words = picture.breaker.sentence(now: drawing.now)
    let sign = picture.breaker.sign(drawing.glyphs)
    let width = words.columnWidth + 2
    guard end - width > column + 2 else { return }
    drawing.state(sign, words, end - width, line.row, width, picture.breaker.role)
  }

  private func breaker(_ picture: ServerSnapshot, on drawing: inout Drawing, in rect: Rect) {
    let changes = zip(picture.series.breaker, picture.series.breaker.dropFirst())
      .count { $0 != $1 && $1 == .open }
    let inside = drawing.frame(
      "breaker", in: rect, note: changes > 0 ? "opened \(Figures.counted(changes, "time"))" : "")
    guard inside.size.rows > 0 else { return }
    BreakerStrip(states: picture.series.breaker)
      .draw(on: &drawing, column: inside.column, row: inside.row, width: inside.size.columns)
    let reason = picture.breaker.why ?? "never left closed"
    let lines = Figures.wrap(reason, width: inside.size.columns, limit: inside.size.rows - 1)
    for (offset, line) in lines.enumerated() {
      drawing.text(line, inside.column, inside.row + 1 + offset, inside.size.columns, .muted)
    }
  }

  private func graph(
    _ title: String, _ values: [Double], on drawing: inout Drawing, in rect: Rect
  ) {
    let visible = values.suffix(max(0, rect.size.columns - 2) * 2)
    let peak = visible.filter(\.isFinite).max() ?? 0
    let note = values.last.map { "now \(Figures.rate($0))/s  max \(Figures.rate(peak))" } ?? ""
    let inside = drawing.frame(title, in: rect, note: note)
    guard peak > 0 else { return drawing.placeholder("no \(title)", in: inside) }
    drawing.canvas.areaGraph(values, maximum: peak, in: inside, glyphs: drawing.glyphs)
  }
}
