package import FleetModel

/// What the health checks of one server have shown, and when the next is due.
package struct HealthTracker: Sendable {
  private let policy: HealthPolicy
  package private(set) var snapshot = HealthSnapshot()
  /// When the last check failed; nil when none did.
  package private(set) var lastFailure: Timestamp?

  package init(_ policy: HealthPolicy) { self.policy = policy }

  /// The server answered a check; the last error stays, as history.
  package mutating func succeeded(in responseTime: Duration, at time: Timestamp) {
    snapshot.status = .healthy
    snapshot.responseTime = responseTime
    snapshot.consecutiveFailures = 0
    snapshot.lastSuccess = time
  }

  package mutating func failed(_ message: String, at time: Timestamp) {
    snapshot.status = .unhealthy
    snapshot.responseTime = nil
    snapshot.consecutiveFailures += 1
    snapshot.lastError = message
    lastFailure = time
  }

  /// The policy's interval ±10 %, so that the checks of many servers do not run in step.
  package func nextInterval(using random: inout some RandomNumberGenerator) -> Duration {
    let interval = max(0, policy.interval.nanoseconds)
    let spread = interval / 10
    let low = interval - spread
    return .nanoseconds(low + Int64.random(in: 0...2 * spread, using: &random))
  }
}
