import FleetModel

/// When a pool without a connection tries again: delays that double up to a cap, ±10 %.
struct ReconnectSchedule: Sendable {
  private var policy: PoolPolicy
  private var backoff: Backoff
  /// The next delay, drawn ahead: a release has no source of chance at hand.
  private var drawn: Duration?
  /// Nothing is opened before, unless somebody asks; nil when no delay runs.
  private(set) var dueAt: Instant?

  init(_ policy: PoolPolicy) {
    self.policy = policy
    backoff = ReconnectSchedule.backoff(policy)
  }

  /// Other delays from the next one on; one that runs is cut to the new cap.
  mutating func adopt(_ policy: PoolPolicy, at now: Instant) {
    let old = self.policy
    self.policy = policy
    guard
      (old.reconnectDelay, old.reconnectDelayCap)
        != (policy.reconnectDelay, policy.reconnectDelayCap)
    else { return }
    restart()
    if let due = dueAt { dueAt = min(due, now + policy.reconnectDelayCap) }
  }

  /// A connection is open: the delay ends. It grows on with the next failure unless this one lasts.
  mutating func succeeded(using random: inout some RandomNumberGenerator) {
    dueAt = nil
    prepare(using: &random)
  }

  mutating func prepare(using random: inout some RandomNumberGenerator) {
    if drawn == nil { drawn = backoff.nextDelay(hint: nil, using: &random) }
  }

  /// Begins a delay unless one runs: what fails beside it makes it no longer.
  mutating func schedule(at now: Instant) {
    guard dueAt == nil else { return }
    dueAt = now + (drawn ?? policy.reconnectDelay)
    drawn = nil
  }

  mutating func passed(_ now: Instant) {
    if let due = dueAt, due <= now { dueAt = nil }
  }

  /// Ends a running delay; the next one is longer all the same.
  mutating func clear() { dueAt = nil }

  /// A connection had lasted: delays begin from the first one again.
  mutating func restart() {
    drawn = nil
    backoff = ReconnectSchedule.backoff(policy)
  }

  private static func backoff(_ policy: PoolPolicy) -> Backoff {
    var retry = RetrySchedule()
    retry.initialDelay = policy.reconnectDelay
    retry.factor = 2
    retry.delayCap = policy.reconnectDelayCap
    retry.jitterShare = 0.1
    return Backoff(retry)
  }
}
