import FleetModel
import TerminalUI

/// What is known of one server now, a fact a line, what matters most on top.
struct ServerFacts {
  let server: ServerSnapshot

  func facts(now: Timestamp, _ glyphs: Glyphs) -> [Fact] {
    let breaker = server.breaker
    var facts = [health(glyphs)]
    if let impostor = server.impostor {
      facts += [
        Fact(name: "expected", text: impostor.expected.words, role: .fg, isProse: true),
        Fact(name: "found", text: impostor.foundWords, role: .bad, isProse: true),
      ]
    } else if let failure = server.connectFailure {
      facts.append(Fact(name: "connect", text: failure, role: .bad, isProse: true))
    }
    if let loop = server.crashLoop {
      facts += [
        Fact(name: "process", text: loop.words(now: now, glyphs), role: .bad),
        Fact(name: "it said", text: loop.lastWords, role: .bad, isProse: true),
      ]
    }
    if let text = server.health.disagreement {
      facts.append(Fact(name: "split", text: text, role: .healthDisagreement, isProse: true))
    }
    facts.append(breakerFact(now, glyphs))
    if let why = breaker.override.map(\.reason) ?? breaker.reason, !why.isEmpty {
      facts.append(Fact(name: "because", text: why, isProse: true))
    }
    if let endpoint { facts.append(endpoint) }
    facts += [success, latency, retries(glyphs), pool, failures, protocolFact]
    facts += place
    facts.append(cache)
    facts.append(checked(now))
    if let probe = server.health.lastProbe { facts.append(self.probe(probe, now, glyphs)) }
    if let error = server.health.lastError {
      facts.append(Fact(name: "last bad", text: error, role: .muted))
    }
    return facts
  }

  private func breakerFact(_ now: Timestamp, _ glyphs: Glyphs) -> Fact {
    let breaker = server.breaker
    let words =
      breaker.override.map { "\($0.long(now: now)), since \($0.since.clockText)" }
      ?? breaker.sentence(now: now)
    return Fact(name: "breaker", text: "\(breaker.sign(glyphs)) \(words)", role: breaker.role)
  }

  private var endpoint: Fact? {
    server.endpoint.map {
      Fact(
        name: "endpoint", text: "\($0.name), \($0.position) of \($0.count) by preference",
        role: $0.detour == nil ? .fg : .warn)
    }
  }

  private func health(_ glyphs: Glyphs) -> Fact {
    let liveness = Liveness(of: server)
    var text = "\(liveness.sign(glyphs)) \(liveness.word)"
    if liveness == .impostor {
      text += "; t looks at it and trusts it"
    } else if liveness == .crashing {
      text += ", ends soon after each start"
    } else if server.health.consecutiveFailures > 0 {
      text += ", \(Figures.counted(server.health.consecutiveFailures, "check")) failed in a row"
    } else if let time = server.health.responseTime {
      text += ", checked in \(Figures.latency(time))"
    }
    return Fact(name: "health", text: text, role: liveness.role)
  }

  private func checked(_ now: Timestamp) -> Fact {
    func ago(_ time: Timestamp?) -> String {
      time.map { "\(Figures.age(seconds: $0.seconds(until: now))) ago" } ?? "never"
    }
    let well = server.health.lastSuccess
    return Fact(
      name: "checked", text: "\(ago(server.health.lastAttempt)), well \(ago(well))",
      role: well == nil ? .muted : .fg)
  }

  private func probe(_ probe: ProbeSnapshot, _ now: Timestamp, _ glyphs: Glyphs) -> Fact {
    let age = Figures.age(seconds: probe.at.seconds(until: now))
    return Fact(
      name: "probe",
      text: "\(probe.isSuccess ? glyphs.up : glyphs.down) \(probe.result) in "
        + "\(Figures.latency(probe.duration)), \(age) ago", role: probe.isSuccess ? .ok : .bad)
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

  private func retries(_ glyphs: Glyphs) -> Fact {
    let retries = server.retries
    let times = retries.amplification.map { ", \(Figures.amplification($0, glyphs))" } ?? ""
    return Fact(
      name: "retries",
      text: "\(Figures.rate(retries.perSecond))/s, \(Figures.count(retries.total)) in all"
        + times,
      role: retries.amplification.map(Thresholds.amplification) ?? .fg)
  }

  private var pool: Fact {
    let pool = server.pool
    return Fact(
      name: "pool",
      text: "\(pool.active)/\(pool.max) busy, \(pool.waiting) waiting", role: Thresholds.pool(pool))
  }

  private var failures: Fact {
    let rate =
      server.breaker.failureRate.map { ", \(Figures.percent($0, places: 0)) % failed" } ?? ""
    let slow =
      server.breaker.slowCallRate.map { ", \(Figures.percent($0, places: 0)) % slow" } ?? ""
    let probes = server.breaker.probesInFlight
    let trying = probes > 0 ? ", \(Figures.counted(probes, "probe"))" : ""
    let refused = server.breaker.rejections
    let away = refused > 0 ? ", \(Figures.count(refused)) turned away" : ""
    return Fact(
      name: "failures",
      text: "\(server.breaker.consecutiveFailures) in a row\(rate)\(slow)\(trying)\(away)")
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
      name: "protocol", text: "\(era)\(version), \(server.transport.rawValue)\(tools)")
  }

  /// Where it is and where that was written, as far as it is known.
  private var place: [Fact] {
    let version = server.serverVersion.map { " \($0)" } ?? ""
    let texts = [
      ("itself", server.serverName.map { $0 + version }), ("address", server.address),
      ("source", server.source),
    ]
    return texts.compactMap { name, text in
      text.flatMap { $0.isEmpty ? nil : Fact(name: name, text: $0, isProse: true) }
    }
  }

  private var cache: Fact {
    let cache = server.cache
    let asked = cache.hits + cache.misses
    let share = asked > 0 ? "\(Figures.percent(Double(cache.hits) / Double(asked))) % hits, " : ""
    let stale = cache.stale > 0 ? ", \(Figures.count(cache.stale)) stale" : ""
    return Fact(
      name: "cache",
      text: "\(share)\(cache.size) kept\(stale)",
      role: cache.stale > 0 ? .warn : asked > 0 ? .fg : .muted)
  }
}
