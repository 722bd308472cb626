import FleetModel

// The plan for a reader who looks for the cause of a violation.
extension FaultPlan {
  /// One line for each server, then the events in the order of time.
  package var timeline: String {
    let fleet = servers.map { "  \($0.id): \($0.summary)\n" }.joined()
    let events =
      faults.map { (at: $0.from, text: words($0)) }
      + happenings.map { (at: $0.at, text: words($0.kind)) }
    let lines = events.enumerated().sorted {
      ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
    }
    return fleet
      + lines.map { "  \($0.element.at.secondsText)  \($0.element.text)\n" }.joined()
      + "  \(stormEnd.secondsText)  the storm is over; \(ending.rawValue) end\n"
  }

  private func words(_ fault: Fault) -> String {
    let place = fault.endpoint.map { ", endpoint \($0 + 1)" } ?? ""
    let length = (fault.until - fault.from).secondsText
    return "\(name(fault.server))\(place): \(fault.kind) for \(length)"
  }

  private func words(_ kind: Happening.Kind) -> String {
    switch kind {
    case .cut(let server, let endpoint):
      "\(name(server))\(endpoint.map { ", endpoint \($0 + 1)" } ?? ""): connections cut"
    case .sessionLoss(let server): "\(name(server)): all sessions lost"
    case .toolChange(let server, let isIdempotent):
      "\(name(server)): 'maybe' is \(isIdempotent ? "" : "not ")idempotent"
    case .clockJump(let offset): "the wall clock is off by \(offset)"
    case .cancelStorm(let oneIn): "one caller in \(oneIn) gives up"
    case .burst(let server, let calls): "\(name(server)): \(calls) calls at once"
    case .storeTrouble(let length, let hangs):
      "the store \(hangs ? "hangs" : "fails") for \(length.secondsText)"
    case .override(let server, let override):
      "\(name(server)): override \(override.kind) for \(override.timeToLive.secondsText)"
    case .reset(let server): "\(name(server)): breaker reset"
    case .reconnect(let server): "\(name(server)): reconnect"
    case .reconfigure(let fleet): "the fleet is \(fleet.map(\.id.name).joined(separator: ", "))"
    case .relocate(let server, let port, let leavesStranger):
      "\(name(server)): on port \(port) now, \(leavesStranger ? "a stranger" : "nobody") after it"
    case .trust(let server): "\(name(server)): whoever answers is trusted"
    case .invalidate(let server): "cache cleared: \(server.map(name) ?? "all")"
    }
  }

  private func name(_ number: Int) -> String { servers[number].id.name }
}

extension ServerDefinition {
  fileprivate var summary: String {
    let (retry, breaker) = (policies.retry, policies.breaker)
    let (pool, load) = (policies.pool, policies.load)
    let kind =
      switch endpoint {
      case .http: "http"
      case .stdio: "stdio"
      case .bridge: "bridge"
      }
    return "\(kind)\(choices.count > 1 ? " ×\(choices.count)" : "")"
      + ", \(retry.schedule.retryLimit) retries, \(retry.delivery.rawValue)"
      + ", try \(retry.tryTimeout), total \(retry.totalTimeout)"
      + ", breaker \(breaker.failureLimit)/\(breaker.failureRate), open \(breaker.openDuration)"
      + ", \(breaker.halfOpenPermits) permits, \(breaker.successThreshold) successes"
      + ", pool \(pool.openLimit)×\(pool.streamsPerConnection)"
      + ", reconnect \(pool.reconnectDelay)…\(pool.reconnectDelayCap)"
      + ", bulkhead \(load.concurrency)+\(load.queueLimit), rate \(load.rate)"
      + (load.isHedging ? ", hedging" : "")
      + (policies.fallbacks.isEmpty ? "" : ", \(policies.fallbacks.count) fallbacks")
      + (retry.rules.isEmpty ? "" : ", \(retry.rules.count) rules")
  }
}

extension Instant {
  /// `12.345 s`, since the start.
  package var secondsText: String { (self - .origin).secondsText }
}

extension Duration {
  package var secondsText: String {
    let milliseconds = nanoseconds / 1_000_000
    let digits = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: max(0, 3 - digits.count)))"
      + "\(digits) s"
  }
}
