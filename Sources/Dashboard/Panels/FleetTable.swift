import FleetModel
import TerminalUI

/// Panel 1: a row a server.
struct FleetTable {
  let rows: FleetRows
  /// All servers, filtered or not: columns and scales do not jump while a filter is typed.
  let servers: [ServerSnapshot]
  /// What is waited for while there are no servers.
  let sources: [SourceSnapshot]
  /// The row.
  let selected: Int?
  let top: Int
  let column: FleetColumn?
  let isReversed: Bool
  let filter: String
  let isStarting: Bool
  let sampleInterval: Duration

  func draw(on drawing: inout Drawing, in rect: Rect, isFocused: Bool) {
    let inside = drawing.panel(
      .fleet, in: rect, title: title, note: note, isFocused: isFocused)
    guard inside.size.rows > 0, inside.size.columns > 0 else { return }
    let plan = FleetColumns(width: inside.size.columns, servers: servers)
    header(on: &drawing, plan, inside)
    let height = inside.size.rows - 1
    let first = Scroll.top(top, selected: selected, count: rows.servers.count, rows: height)
    let trend = plan.places.last { $0.column == nil }?.width ?? 0
    let peak = servers.reduce(1) { peak, server in
      server.series.retriesPerSecond.suffix(trend).reduce(peak, max)
    }
    for (offset, server) in rows.servers.dropFirst(first).prefix(max(0, height)).enumerated() {
      let row = inside.row + 1 + offset
      let line = Rect(column: inside.column, row: row, columns: inside.size.columns, rows: 1)
      drawing.hits.append(Hit(rect: line, target: .server(server.id)))
      FleetRow(server: server, isSelected: first + offset == selected, peak: peak)
        .draw(on: &drawing, plan: plan, in: line)
    }
    guard rows.servers.isEmpty else { return }
    if !servers.isEmpty || sources.isEmpty {
      let words = !servers.isEmpty ? "no server fits the filter, Esc clears it" : "no servers"
      drawing.placeholder(words, in: inside)
    } else {
      let (_, list) = inside.split(top: 1)
      SourceList(sources: sources).awaited(on: &drawing, in: list)
    }
  }

  private var title: String { filter.isEmpty ? "fleet" : "fleet /\(filter)" }

  private var note: String {
    if isStarting { return "starting" }
    if !filter.isEmpty { return "\(rows.servers.count) of \(servers.count)" }
    return selected.map { "\($0 + 1)/\(rows.servers.count)" } ?? ""
  }

  private func header(on drawing: inout Drawing, _ plan: FleetColumns, _ inside: Rect) {
    for place in plan.places {
      let start = inside.column + place.offset
      guard let column = place.column else {
        drawing.text(trendTitle(place.width), start, inside.row, place.width, .header)
        continue
      }
      let words = column.header
      if place.isRight {
        drawing.right(words, start, inside.row, place.width, .header)
      } else {
        drawing.text(words, start, inside.row, place.width, .header)
      }
      drawing.hits.append(
        Hit(
          rect: Rect(column: start, row: inside.row, columns: place.width + 1, rows: 1),
          target: .column(column)))
      guard column == self.column else { continue }
      let isFalling = column.isDescendingFirst != isReversed
      drawing.canvas.put(
        isFalling ? drawing.glyphs.falling : drawing.glyphs.rising,
        column: start + (place.isRight ? place.width : words.count), row: inside.row, role: .key)
    }
  }

  private func trendTitle(_ width: Int) -> String {
    let seconds = sampleInterval.seconds * Double(width)
    let full = "RETRIES, LAST \(Figures.decimal(seconds, places: 0)) S"
    return full.count <= width ? full : "RETRIES"
  }
}

/// Which columns fit, and where; the trend takes what is left.
struct FleetColumns {
  struct Place: Hashable {
    /// Nil is the trend.
    var column: FleetColumn?
    var offset: Int
    var width: Int
    var isRight: Bool
  }

  let places: [Place]
  /// An override is told to the second and with its owner.
  let isLong: Bool

  private static let trendMinimum = 8
  private static let nameLimits = 12...28
  /// From here on there is room for what is told in few words below.
  private static let longMinimum = 100
  private static let breakerLimits = 10...26
  /// `■ FORCED 14m`.
  private static let heldWidth = 12
  /// `‼ IMPOSTOR`.
  private static let impostorWidth = 10
  /// Servers whose texts are measured.
  private static let measuredLimit = 200

  init(width: Int, servers: [ServerSnapshot]) {
    let isLong = width >= Self.longMinimum
    self.isLong = isLong
    let measured = servers.prefix(Self.measuredLimit)
    let wanted = measured.map { Self.nameWidth($0, isLong: isLong) }.max() ?? 0
    let share = min(max(width / 5, Self.nameLimits.lowerBound), Self.nameLimits.upperBound)
    let name = min(max(wanted, Self.nameLimits.lowerBound), share)
    let poolLimit = servers.map(\.pool.max).max() ?? 0
    let pool = max(5, 2 * "\(poolLimit)".count + 1)
    let breaker = Self.breakerWidth(
      measured, isLong: isLong, isTiny: width < Breakpoint.compact.minimum.columns - 2)
    let health = servers.contains { $0.impostor != nil } ? Self.impostorWidth : 7
    // What goes first when room is short stands last here.
    let wishes: [(FleetColumn, Int)] =
      [
        (.name, name), (.breaker, breaker), (.health, health),
        (.success, 5), (.retries, 7), (.latency, 6), (.deadLetters, 5), (.pool, pool),
      ] + (isLong ? [(.amplification, 5)] : [])
    var left = width
    var widths: [FleetColumn: Int] = [:]
    for (column, size) in wishes {
      guard size + (widths.isEmpty ? 0 : 1) <= left else { break }
      left -= size + (widths.isEmpty ? 0 : 1)
      widths[column] = size
    }
    var places: [Place] = []
    var offset = 0
    for column in FleetColumn.allCases {
      guard let size = widths[column] else { continue }
      let isLeft = column == .name || column == .breaker || column == .health
      places.append(Place(column: column, offset: offset, width: size, isRight: !isLeft))
      offset += size + 1
    }
    if width - offset > Self.trendMinimum {
      // A blank more before the trend, so that the sort arrow never touches it.
      places.append(Place(offset: offset + 1, width: width - offset - 2, isRight: false))
    }
    self.places = places
  }

  private static func nameWidth(_ server: ServerSnapshot, isLong: Bool) -> Int {
    let detour = isLong ? server.endpoint?.detour : nil
    return server.id.name.columnWidth + (detour.map { $0.columnWidth + 2 } ?? 0)
  }

  /// The same from second to second: a countdown that gets shorter moves no column.
  private static func breakerWidth(
    _ servers: ArraySlice<ServerSnapshot>, isLong: Bool, isTiny: Bool
  ) -> Int {
    let held = servers.compactMap(\.breaker.override)
    guard !held.isEmpty, !isTiny else { return breakerLimits.lowerBound }
    guard isLong else { return heldWidth }
    let widest =
      held.map {
        $0.kind.word.count + $0.owner.columnWidth + ($0.until == nil ? 3 : 9)
      }.max() ?? 0
    return min(max(widest, heldWidth), breakerLimits.upperBound)
  }
}

extension EndpointSnapshot {
  /// The name of the endpoint in use when it is not the preferred one.
  var detour: String? { position > 1 ? name : nil }
}
