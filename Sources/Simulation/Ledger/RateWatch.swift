import FleetModel

/// Sends of one server against its rate.
struct RateWatch: Sendable {
  private let rate: Double
  private let limit: Double
  private var level = 0.0
  private var lastSend = Instant.origin

  init(_ policies: Policies) {
    rate = policies.load.rate
    // A try that has its turn may still wait for a place and for a connection.
    let delay = policies.load.queueTimeout + policies.pool.acquireTimeout
    limit = Double(policies.load.burst) + rate * delay.seconds + 1.001
  }

  /// - Returns: whether that is more than the rate allows in any window.
  mutating func sent(at now: Instant) -> Bool {
    level = max(0, level - rate * (now - lastSend).seconds) + 1
    lastSend = now
    return level > limit
  }
}
