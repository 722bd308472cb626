import FleetModel
import Resilience

/// One call on its way to its outcome.
struct CallState: Sendable {
  /// Where the call is; each phase names what it holds.
  enum Phase: Sendable {
    /// In the pool's queue, with the breaker's permit.
    case acquiring(Breaker.Permit)
    /// On the wire; holds a stream of the connection and the breaker's permit.
    case onWire(AttemptID, ConnectionID, Breaker.Permit)
    /// Waiting for its next try; holds nothing but its unit of the retry budget.
    case backingOff
    /// Its dead letter is being written; the outcome waits for that.
    case storing(Outcome)
  }

  let call: Call
  let server: Int
  let startedAt: Instant
  /// The earlier of the policies' total timeout and the caller's own deadline.
  let deadline: Instant
  let isSafe: Bool
  var phase = Phase.backingOff
  var attempts: [Attempt] = []
  var attemptStartedAt: Instant
  var nextBackoff = Duration.zero
  var holdsBudget = false
  var course: RetryCourse
  /// The worst that any try left behind.
  var delivery = Delivery.notSent
  var lastFailure: Failure?
  var giveUp: GiveUp?

  init(_ call: Call, server: Int, at now: Instant, policy: RetryPolicy, isSafe: Bool) {
    self.call = call
    self.server = server
    self.isSafe = isSafe
    startedAt = now
    attemptStartedAt = now
    let limit = now + policy.totalTimeout
    deadline = min(limit, call.deadline ?? limit)
    course = RetryCourse(policy)
  }

  /// Adds what one try left behind: doubt never becomes certainty again.
  mutating func note(_ failure: Failure) {
    lastFailure = failure
    switch (delivery, failure.delivery) {
    case (.unknown, _), (.executed, _): break
    case (_, .unknown), (_, .executed): delivery = failure.delivery
    case (.refused, .notSent): break
    case (.refused, .refused), (.notSent, _): delivery = failure.delivery
    }
  }
}
