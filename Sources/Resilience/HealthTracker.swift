package import FleetModel

/// What the health checks of one server have shown, when the next is due, and whether real calls
/// agree with them.
///
/// Checks and calls disagree, which is a state of its own,
/// * when checks pass, a check passed after calls had begun to fail, and at least `evidence` calls
///   failed in a row since the last success;
/// * when checks fail, and at least `evidence` calls succeeded in a row after the first of the
///   failed checks.
///
/// It ends when one side comes round, or when the newest call is older than `trafficLimit`. Neutral
/// ends of calls say nothing. Calls never change what the checks say: `status` and their counters.
package struct HealthTracker: Sendable {
  /// Calls in a row that make a case against the checks.
  package static let evidence = 3
  /// How long the newest call speaks for the server.
  package static let trafficLimit = Duration.seconds(60)
  /// Failures that the sentence lists by label.
  static let labelLimit = 3

  /// Calls that ended alike, one after the other.
  private enum Row: Sendable {
    case none
    case successes(Int)
    /// The newest first; at most one more than `labelLimit`.
    case failures(Int, labels: [String])
  }

  private var policy: HealthPolicy
  private var checks = HealthSnapshot()
  private var row = Row.none
  private var newestCall = Instant.origin
  /// A check passed while calls failed; without one, checks are merely late.
  private var hasPassedAmidFailures = false

  package init(_ policy: HealthPolicy) { self.policy = policy }

  /// Another interval from the next check on; what was shown stays.
  package mutating func adopt(_ policy: HealthPolicy) { self.policy = policy }

  /// What the checks alone say; never `disagreeing`.
  package var status: HealthSnapshot.Status { checks.status }

  // MARK: Checks

  package mutating func began(at time: Timestamp) { checks.lastAttempt = time }

  /// The server answered a check; the last error stays, as history.
  package mutating func succeeded(in responseTime: Duration, at time: Timestamp) {
    checks.status = .healthy
    checks.responseTime = responseTime
    checks.consecutiveFailures = 0
    checks.lastSuccess = time
    if case .failures = row { hasPassedAmidFailures = true }
  }

  package mutating func failed(_ message: String, at time: Timestamp) {
    // Calls that went well before the checks began to fail do not speak against them.
    if checks.status != .unhealthy, case .successes = row { row = .none }
    checks.status = .unhealthy
    checks.responseTime = nil
    checks.consecutiveFailures += 1
    checks.lastError = message
  }

  /// A synthetic probe ended: shown, and nothing is decided by it.
  package mutating func probed(_ probe: ProbeSnapshot) { checks.lastProbe = probe }

  // MARK: Calls

  /// One real call's end, never a check's or a synthetic probe's; `verdict` as the breaker saw it.
  package mutating func traffic(_ verdict: Breaker.Verdict, at now: Instant) {
    switch verdict {
    case .neutral: return
    case .success:
      if case .successes(let count) = row {
        row = .successes(count + 1)
      } else {
        row = .successes(1)
        hasPassedAmidFailures = false
      }
    case .failure(let label):
      if case .failures(let count, let labels) = row {
        row = .failures(count + 1, labels: [label] + labels.prefix(Self.labelLimit))
      } else {
        row = .failures(1, labels: [label])
      }
    }
    newestCall = now
  }

  // MARK: The picture

  package func snapshot(at now: Instant) -> HealthSnapshot {
    guard let disagreement = disagreement(at: now) else { return checks }
    var picture = checks
    picture.status = .disagreeing
    picture.disagreement = disagreement
    return picture
  }

  /// The policy's interval ±10 %, so that the checks of many servers do not run in step.
  package func nextInterval(using random: inout some RandomNumberGenerator) -> Duration {
    let interval = min(max(0, policy.interval.nanoseconds), Int64.max / 2)
    let spread = interval / 10
    let low = interval - spread
    return .nanoseconds(low + Int64.random(in: 0...2 * spread, using: &random))
  }

  /// `checks pass (4 ms), but the last 5 calls failed: 503, timeout, 503, …`
  private func disagreement(at now: Instant) -> String? {
    switch (checks.status, row) {
    case (.healthy, .failures(let count, let labels))
    where count >= Self.evidence && hasPassedAmidFailures && speaks(at: now):
      let time = checks.responseTime.map { " (\($0.words))" } ?? ""
      let list = labels.prefix(Self.labelLimit).joined(separator: ", ")
      let dots = count > Self.labelLimit ? ", …" : ""
      return "checks pass\(time), but the last \(count) calls failed: \(list)\(dots)"
    case (.unhealthy, .successes(let count)) where count >= Self.evidence && speaks(at: now):
      return "checks fail (\(checks.consecutiveFailures) in a row), but the last \(count) calls"
        + " succeeded"
    case (.healthy, _), (.unhealthy, _), (.unknown, _), (.disagreeing, _): return nil
    }
  }

  private func speaks(at now: Instant) -> Bool { now <= newestCall + Self.trafficLimit }
}
