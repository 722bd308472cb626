/// The server's circuit breaker.
package struct BreakerSnapshot: Hashable, Sendable {
  package enum State: String, Hashable, Sendable {
    case closed, open, halfOpen, forcedOpen, disabled
  }

  package var state = State.closed
  /// Why it is in this state, in words and numbers; nil while it never left closed.
  package var reason: String?
  /// When an open breaker lets the first call through again.
  package var until: Timestamp?
  package var consecutiveFailures = 0
  /// Share of failures in the window, 0…1; nil without samples.
  package var failureRate: Double?
  /// Share of slow calls in the window, 0…1; nil without samples or without that rule.
  package var slowCallRate: Double?
  /// Calls let through to see whether the server is back, not ended yet.
  package var probesInFlight = 0
  /// Probes that succeeded since it became half-open; zero in every other state.
  package var probeSuccesses = 0
  /// Calls it turned away, since the engine started.
  package var rejections = 0
  /// When a call or synthetic probe last ended so, as the breaker judged it; nil before the first,
  /// and after a reset.
  package var lastSuccess: Timestamp?
  package var lastFailure: Timestamp?
  /// The operator's hand on it; nil under the rules.
  package var override: BreakerOverrideSnapshot?
  /// Changes of state since the engine started or the breaker was reset.
  package var transitionCount = 0
  /// The newest of them, oldest first; at most `transitionLimit`.
  package var transitions: [BreakerTransition] = []

  package static let transitionLimit = 16

  package init() {}
}

/// An override in force.
package struct BreakerOverrideSnapshot: Hashable, Sendable {
  package var kind: BreakerOverride.Kind
  package var reason: String
  package var owner: String
  package var since: Timestamp
  /// When the rules go on by themselves; nil is until somebody resets it.
  package var until: Timestamp?

  package init(
    kind: BreakerOverride.Kind, reason: String, owner: String, since: Timestamp, until: Timestamp?
  ) {
    self.kind = kind
    self.reason = reason
    self.owner = owner
    self.since = since
    self.until = until
  }
}

/// One change of a breaker's state.
package struct BreakerTransition: Hashable, Sendable {
  package var from: BreakerSnapshot.State
  package var to: BreakerSnapshot.State
  package var at: Timestamp
  /// In words and numbers, such as `5 consecutive failures: 503, 503, timeout, 503, refused`.
  package var reason: String

  package init(
    from: BreakerSnapshot.State, to: BreakerSnapshot.State, at: Timestamp, reason: String
  ) {
    (self.from, self.to) = (from, to)
    self.at = at
    self.reason = reason
  }
}
