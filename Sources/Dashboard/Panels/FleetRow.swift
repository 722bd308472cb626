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
      let (words, role) = content(of: column, drawing)
      if place.isRight {
        drawing.right(words, start, line.row, place.width, role, isSelected: isSelected)
      } else {
        drawing.text(words, start, line.row, place.width, role, isSelected: isSelected)
      }
    }
  }

  private static func nameRole(_ liveness: Liveness) -> Role {
    switch liveness {
    case .up, .sick: .fg
    case .idle, .starting: .muted
    case .down: .bad
    }
  }

  private func content(of column: FleetColumn, _ drawing: Drawing) -> (String, Role) {
    let liveness = Liveness(of: server)
    let breaker = server.breaker
    switch column {
    case .name:
      return (server.id.name, Self.nameRole(liveness))
    case .breaker:
      // Where there is no connection, a closed breaker is no good news.
      let isMoot = liveness == .down || liveness == .starting
      let role: Role = isMoot && breaker.state == .closed ? .muted : breaker.state.role
      return ("\(breaker.state.sign(drawing.glyphs)) \(breaker.short(now: drawing.now))", role)
    case .health: return ("\(liveness.sign(drawing.glyphs)) \(liveness.word)", liveness.role)
    case .success:
      guard let rate = server.successRate else { return ("-", .muted) }
      return (Figures.percent(rate), Thresholds.success(rate))
    case .retries:
      let rate = server.retries.perSecond
      return (Figures.rate(rate), rate > 0 ? (rate >= peak * 2 / 3 ? .warn : .fg) : .muted)
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

  static func pool(_ pool: PoolSnapshot) -> Role {
    if pool.waiting > 0 { return .bad }
    if pool.max > 0, pool.active >= pool.max { return .warn }
    return pool.active == 0 ? .muted : .fg
  }
}
