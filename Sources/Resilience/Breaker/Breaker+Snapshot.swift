package import FleetModel

// What others see of a breaker.
extension Breaker {
  /// The picture. A probe past its deadline has failed in it, so state, reason and rates agree.
  /// - Parameter civil: turns an instant into civil time; nothing is decided by it.
  package mutating func snapshot(
    at now: Instant, civil: (Instant) -> Timestamp
  ) -> BreakerSnapshot {
    expireProbes(at: now)
    let counts = window.counts(at: now)
    var picture = BreakerSnapshot()
    picture.state = state(at: now)
    picture.reason = reason
    if picture.state == .open { picture.until = openUntil.map(civil) }
    picture.consecutiveFailures = consecutiveFailures
    if counts.total > 0 {
      picture.failureRate = Double(counts.failures) / Double(counts.total)
      if policy.slowCallDuration > .zero {
        picture.slowCallRate = Double(counts.slow) / Double(counts.total)
      }
    }
    picture.probesInFlight = probes.count
    if case .halfOpen(let successes) = phase { picture.probeSuccesses = successes }
    picture.lastSuccess = lastSuccess.map(civil)
    picture.lastFailure = lastFailure.map(civil)
    picture.override = lease.map {
      BreakerOverrideSnapshot(
        kind: $0.override.kind, reason: $0.override.reason, owner: $0.override.owner,
        since: civil($0.since), until: $0.until.map(civil))
    }
    picture.transitionCount = history.count
    picture.transitions = history.recent.suffix(BreakerSnapshot.transitionLimit).map {
      BreakerTransition(from: $0.from, to: $0.to, at: civil($0.at), reason: $0.reason)
    }
    return picture
  }

  /// The newest transitions, oldest first; at most `transitionLimit`.
  package var transitions: [Transition] { history.recent }

  /// The transitions since the last drain, in order; at most `transitionLimit`.
  package mutating func drainTransitions() -> [Transition] { history.drain() }
}
