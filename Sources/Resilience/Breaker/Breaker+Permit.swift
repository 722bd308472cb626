package import FleetModel

// What goes in and out of a breaker.
extension Breaker {
  /// The right to make one call; `record` uses it up.
  package struct Permit: Hashable, Sendable {
    package let generation: UInt64
    /// Let through to see whether the server is back.
    package let isProbe: Bool
    package let number: UInt64
  }

  /// What a call's end says about the server.
  package enum Verdict: Hashable, Sendable {
    case success
    /// With a label such as `503`, for the reason of a transition.
    case failure(String)
    /// Says nothing about the server: a caller's cancellation, our own refusal.
    case neutral
  }

  /// Why a call is not let through.
  package struct Rejection: Error, Hashable, Sendable {
    /// Until the breaker lets the first call through; nil when nobody can say.
    package var retryAfter: Duration?
    package var reason: String

    package init(retryAfter: Duration?, reason: String) {
      self.retryAfter = retryAfter
      self.reason = reason
    }
  }

  /// One change of state.
  package struct Transition: Hashable, Sendable {
    package var from: BreakerSnapshot.State
    package var to: BreakerSnapshot.State
    package var at: Instant
    /// In words and numbers, such as `5 consecutive failures: 503, 503, timeout, 503, refused`.
    package var reason: String

    package init(
      from: BreakerSnapshot.State, to: BreakerSnapshot.State, at: Instant, reason: String
    ) {
      (self.from, self.to) = (from, to)
      self.at = at
      self.reason = reason
    }
  }
}
