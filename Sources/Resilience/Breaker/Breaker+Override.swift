package import FleetModel

// The operator's hand on a breaker, and other causes from outside the rules.
extension Breaker {
  /// Takes it out of the rules' hands, in the place of an earlier override; owner and reason are
  /// cut at 200 characters.
  package mutating func override(_ override: BreakerOverride, at now: Instant) {
    expireProbes(at: now)
    let lease = OverrideLease(override, at: now)
    self.lease = lease
    let next: Phase =
      switch override.kind {
      case .open: .forcedOpen
      case .closed: .closed
      case .disabled: .disabled
      }
    move(to: next, at: now, because: lease.announcement, standing: lease.standing)
  }

  /// When `timeReached` must be called; nil without a lease.
  package var overrideEnd: Instant? { lease?.until }

  /// Ends an override whose time is over and says which; nil when none is due.
  ///
  /// Forced open becomes half-open, so that probes decide; disabled becomes closed, its counts at
  /// zero; held closed goes on with what was counted, and opens with the next call's end that meets
  /// a rule.
  package mutating func timeReached(_ now: Instant) -> BreakerOverride? {
    guard let lease, let until = lease.until, until <= now else { return nil }
    self.lease = nil
    switch lease.override.kind {
    case .open: move(to: .halfOpen(successes: 0), at: now, because: lease.ending)
    case .disabled: move(to: .closed, at: now, because: lease.ending)
    case .closed: reason = lease.ending
    }
    return lease.override
  }

  /// Ends an override and closes it, counts and history at zero; the transition is still drained.
  package mutating func reset(at now: Instant) {
    lease = nil
    move(to: .closed, at: now, because: "reset by hand")
    reason = nil
    staleResults = 0
    (lastSuccess, lastFailure) = (nil, nil)
    history.forget()
  }

  /// The server's calls go to another endpoint from now on, and what was counted is about the old
  /// one: closed, counts at zero. What an operator ordered stays.
  package mutating func startAnew(reason: String, at now: Instant) {
    switch lease?.override.kind {
    case nil: move(to: .closed, at: now, because: reason)
    case .closed: startCounting()
    case .open, .disabled: return
    }
  }
}
