import FleetModel
import TerminalUI

/// One server's row of the fleet table.
struct FleetRow {
  let server: ServerSnapshot
  let isSelected: Bool
  /// Retries a second that fill the trend, the same for all rows.
  let peak: Double

  func draw(on drawing: inout Drawing, plan: FleetColumns, in line: Rect) {
    if isSelected { drawing.canvas.clear(line, isSelected: true) }
    for place in plan.places {
      let start = line.column + place.offset
      guard let column = place.column else {
        drawing.canvas.sparkline(
          server.series.retriesPerSecond, maximum: peak, column: start, row: line.row,
          width: place.width, glyphs: drawing.glyphs, isSelected: isSelected)
        continue
      }
      if server.crashLoop != nil, Self.hidden.contains(column) { continue }
      let (words, role) = content(of: column, drawing, plan, width: place.width)
      if place.isRight {
        drawing.right(words, start, line.row, place.width, role, isSelected: isSelected)
      } else {
        let used = drawing.text(words, start, line.row, place.width, role, isSelected: isSelected)
        if column == .name { detour(on: &drawing, start + used, line.row, place.width - used) }
      }
    }
    if let loop = server.crashLoop { crashLoop(loop, on: &drawing, plan: plan, in: line) }
  }

  /// A server in a crash loop has no figures of now; their columns say so.
  private static let hidden: Set<FleetColumn> = [
    .health, .success, .retries, .amplification, .latency, .pool,
  ]

  private func crashLoop(
    _ loop: CrashLoopSnapshot, on drawing: inout Drawing, plan: FleetColumns, in line: Rect
  ) {
    let places = plan.places.filter { $0.column.map(Self.hidden.contains) ?? false }
    guard let first = places.first, let last = places.last else { return }
    let room = last.offset + last.width - first.offset
    let words = [
      loop.words(now: drawing.now, drawing.glyphs),
      loop.shortWords(now: drawing.now, drawing.glyphs),
    ]
    drawing.state(
      drawing.glyphs.crashLoop,
      words.first { $0.columnWidth + 2 <= room } ?? Liveness.crashing.word,
      line.column + first.offset, line.row, room, .bad, isSelected: isSelected)
  }

  /// Beside the name, where there is room: the endpoint in use when it is not the preferred one.
  private func detour(on drawing: inout Drawing, _ column: Int, _ row: Int, _ width: Int) {
    guard let detour = server.endpoint?.detour, width > 3 else { return }
    drawing.text(
      " \(drawing.glyphs.crumb)\(detour)", column, row, width, .warn, isSelected: isSelected)
  }

  private static func nameRole(_ liveness: Liveness) -> Role {
    switch liveness {
    case .up, .sick, .disagreeing: .fg
    case .idle, .starting: .muted
    case .down, .crashing, .impostor: .bad
    }
  }

  private func content(
    of column: FleetColumn, _ drawing: Drawing, _ plan: FleetColumns, width: Int
  ) -> (String, Role) {
    let liveness = Liveness(of: server)
    let breaker = server.breaker
    switch column {
    case .name:
      return (server.id.name, Self.nameRole(liveness))
    case .breaker:
      // Where there is no connection, a closed breaker is no good news.
      let isMoot = liveness.isGone || liveness == .starting
      let role: Role = isMoot && breaker.gravity == 0 ? .muted : breaker.role
      let short = breaker.short(now: drawing.now)
      let words =
        plan.isLong
        ? breaker.long(now: drawing.now)
        : short.count + 2 <= width ? short : breaker.override?.kind.word ?? short
      return ("\(breaker.sign(drawing.glyphs)) \(words)", role)
    case .health: return ("\(liveness.sign(drawing.glyphs)) \(liveness.word)", liveness.role)
    case .success:
      guard let rate = server.successRate else { return ("-", .muted) }
      return (Figures.percent(rate), Thresholds.success(rate))
    case .retries:
      let rate = server.retries.perSecond
      return (Figures.rate(rate), rate > 0 ? (rate >= peak * 2 / 3 ? .warn : .fg) : .muted)
    case .amplification:
      guard let value = server.retries.amplification else { return ("-", .muted) }
      return (Figures.amplification(value, drawing.glyphs), Thresholds.amplification(value))
    case .latency:
      guard let p95 = server.latency.p95 else { return ("-", .muted) }
      return (Figures.latency(p95), .fg)
    case .pool:
      let pool = server.pool
      return ("\(pool.active)/\(pool.max)", Thresholds.pool(pool))
    case .deadLetters:
      let count = server.deadLetterCount
      return (Figures.count(count), count > 0 ? .warn : .muted)
    }
  }
}

/// From where on a figure is a warning or bad.
enum Thresholds {
  static func success(_ rate: Double) -> Role { rate >= 0.99 ? .ok : rate >= 0.9 ? .warn : .bad }

  /// Half as much work again is a warning, twice as much is bad.
  static func amplification(_ value: Double) -> Role {
    value >= 2 ? .bad : value >= 1.5 ? .warn : value > 1.05 ? .fg : .muted
  }

  static func pool(_ pool: PoolSnapshot) -> Role {
    if pool.waiting > 0 { return .bad }
    if pool.max > 0, pool.active >= pool.max { return .warn }
    return pool.active == 0 ? .muted : .fg
  }
}
