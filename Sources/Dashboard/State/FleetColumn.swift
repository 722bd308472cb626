import FleetModel

/// A column of the fleet table; every one can be sorted by.
package enum FleetColumn: Hashable, Sendable, CaseIterable {
  case name, breaker, health, success, retries, amplification, latency, pool, deadLetters

  package var header: String {
    switch self {
    case .name: "SERVER"
    case .breaker: "BREAKER"
    case .health: "HEALTH"
    case .success: "OK%"
    case .retries: "RETRY/S"
    case .amplification: "AMP"
    case .latency: "P95"
    case .pool: "POOL"
    case .deadLetters: "DLQ"
    }
  }

  /// The first direction shows what an operator looks for: trouble on top, names from A.
  var isDescendingFirst: Bool {
    switch self {
    case .name, .success: false
    case .breaker, .health, .retries, .amplification, .latency, .pool, .deadLetters: true
    }
  }

  /// What the rows are ordered by; a row without a value stands behind all others either way.
  func key(of server: ServerSnapshot) -> Double? {
    switch self {
    case .name: nil
    case .breaker: Double(server.breaker.gravity)
    case .health: Double(Liveness(of: server).gravity)
    case .success: server.successRate
    case .retries: server.retries.perSecond
    case .amplification: server.retries.amplification
    case .latency: server.latency.p95?.seconds
    case .pool: server.pool.max > 0 ? Double(server.pool.active) / Double(server.pool.max) : nil
    case .deadLetters: Double(server.deadLetterCount)
    }
  }
}

extension BreakerSnapshot {
  /// Higher is worse.
  var gravity: Int {
    switch state {
    case .closed: self.override == nil ? 0 : 1
    case .disabled: 1
    case .halfOpen: 2
    case .forcedOpen: 3
    case .open: 4
    }
  }
}
