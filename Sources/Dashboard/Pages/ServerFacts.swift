import FleetModel
import TerminalUI

/// What is known of one server now, a fact a line, what matters most on top.
struct ServerFacts {
  let server: ServerSnapshot

  private struct Fact {
    var name: String
    var text: String
    var role = Role.fg
  }

  private static let nameWidth = 10

  func draw(on drawing: inout Drawing, in inside: Rect) {
    for (offset, fact) in facts(drawing).prefix(max(0, inside.size.rows)).enumerated() {
      let row = inside.row + offset
      drawing.text(fact.name, inside.column, row, min(Self.nameWidth, inside.size.columns), .header)
      let column = inside.column + Self.nameWidth
      drawing.text(fact.text, column, row, inside.right - column, fact.role)
    }
  }

  private func facts(_ drawing: Drawing) -> [Fact] {
    let breaker = server.breaker
    let sign = breaker.state.sign(drawing.glyphs)
    var facts = [
      health(drawing),
      Fact(
        name: "breaker", text: "\(sign) \(breaker.sentence(now: drawing.now))",
        role: breaker.state.role),
    ]
    if let reason = breaker.reason { facts.append(Fact(name: "because", text: reason)) }
    facts += [success, latency, retries, pool, failures, protocolFact, cache, lastGood(drawing)]
    if let error = server.health.lastError {
      facts.append(Fact(name: "last bad", text: error, role: .muted))
    }
    return facts
  }

  private func health(_ drawing: Drawing) -> Fact {
    let liveness = Liveness(of: server)
    var text = "\(liveness.sign(drawing.glyphs)) \(liveness.word)"
    if server.health.consecutiveFailures > 0 {
      text += ", \(Figures.counted(server.health.consecutiveFailures, "check")) failed in a row"
    } else if let time = server.health.responseTime {
      text += ", checked in \(Figures.latency(time))"
    }
    return Fact(name: "health", text: text, role: liveness.role)
  }

  private func lastGood(_ drawing: Drawing) -> Fact {
    let text = server.health.lastSuccess.map {
      "\(Figures.age(seconds: $0.seconds(until: drawing.now))) ago"
    }
    return Fact(name: "last well", text: text ?? "never", role: text == nil ? .muted : .fg)
  }

  private var success: Fact {
    guard let rate = server.successRate else {
      return Fact(name: "success", text: "no calls in the last minute", role: .muted)
    }
    let calls = server.series.callsPerSecond.last.map { ", \(Figures.rate($0)) calls/s" } ?? ""
    return Fact(
      name: "success", text: "\(Figures.percent(rate)) %\(calls)", role: Thresholds.success(rate))
  }

  private var latency: Fact {
    let parts = [
      ("p50", server.latency.p50), ("p95", server.latency.p95), ("p99", server.latency.p99),
    ].compactMap { name, value in value.map { "\(name) \(Figures.latency($0))" } }
    return Fact(
      name: "latency", text: parts.isEmpty ? "-" : parts.joined(separator: "  "),
      role: parts.isEmpty ? .muted : .fg)
  }

  private var retries: Fact {
    Fact(
      name: "retries",
      text: "\(Figures.rate(server.retries.perSecond))/s, "
        + "\(Figures.count(server.retries.total)) in all")
  }

  private var pool: Fact {
    let pool = server.pool
    return Fact(
      name: "pool",
      text: "\(pool.active)/\(pool.max) busy, \(pool.waiting) waiting, "
        + "\(pool.open) open, \(pool.idle) idle", role: Thresholds.pool(pool))
  }

  private var failures: Fact {
    let rate = server.breaker.failureRate.map { ", \(Figures.percent($0)) % of the window" } ?? ""
    return Fact(name: "failures", text: "\(server.breaker.consecutiveFailures) in a row\(rate)")
  }

  private var protocolFact: Fact {
    let era =
      switch server.era {
      case .modern: "modern"
      case .handshake: "handshake"
      case .unknown: "unknown"
      }
    let tools = server.toolCount.map { ", \(Figures.counted($0, "tool"))" } ?? ""
    let version = server.protocolVersion.map { " \($0)" } ?? ""
    return Fact(
      name: "protocol", text: "\(era)\(version) over \(server.transport.rawValue)\(tools)")
  }

  private var cache: Fact {
    let cache = server.cache
    let asked = cache.hits + cache.misses
    let share = asked > 0 ? "\(Figures.percent(Double(cache.hits) / Double(asked))) % hits, " : ""
    return Fact(
      name: "cache", text: "\(share)\(cache.size) kept, \(Figures.count(cache.evictions)) evicted",
      role: asked > 0 ? .fg : .muted)
  }
}
