import FleetModel
import Resilience

/// One call on its way to its outcome.
struct CallState: Sendable {
  /// Where the call is; each phase names what it holds.
  enum Phase: Sendable {
    /// Waits for its turn under a rate: the caller's (then the try begins), or the server's.
    case pacing(isAdmitted: Bool)
    /// In the bulkhead's queue.
    case queued
    /// In the pool's queue, with a place in the bulkhead and the breaker's permit.
    case acquiring(Breaker.Permit)
    /// On the wire, with a place in the bulkhead; perhaps a second time.
    case onWire(WireTry, second: WireTry?)
    /// Waiting for its next try; holds nothing but its unit of the retry budget.
    case backingOff
    /// Another call like it is under way and answers for both.
    case following(CallID)
    /// Another server is asked in this one's place; the reply stands if that one fails too.
    case fallingBack(CallID, instead: Reply)
    /// Its dead letter is being written; the outcome waits for that.
    case storing(Outcome)
  }

  enum Ruling: Sendable { case giveUp, deadLetter, fallBack }

  /// One sending; holds a stream of the connection and a permit of the breaker.
  struct WireTry: Sendable {
    var attempt: AttemptID
    var connection: ConnectionID
    var permit: Breaker.Permit
    var startedAt: Instant
    /// Its time is over then; each report moves it.
    var deadline: Instant
  }

  let call: Call
  let server: Int
  let startedAt: Instant
  /// The earlier of the policies' total timeout and the caller's own deadline.
  var deadline: Instant
  let isSafe: Bool
  /// Its number in the server's `OperationStatistics`.
  let operation: Int
  var phase = Phase.backingOff
  var course: RetryCourse
  var attempts: [Attempt] = []
  /// When the present try began to wait for its place on the wire.
  var attemptStartedAt: Instant
  /// Since when nobody works on it; means something while it is not on the wire.
  var waitingSince: Instant
  var nextBackoff = Duration.zero
  var holdsBudget = false
  /// Something of it was on the wire.
  var wasSent = false
  /// The worst that any try left behind.
  var delivery = Delivery.notSent
  var lastFailure: Failure?
  var giveUp: GiveUp?
  /// What an operator's rule has decided about its failure.
  var ruling: Ruling?
  /// What its server made of it, where a fallback gave the answer.
  var ownReply: Reply?

  /// Set while it may answer for others like it.
  var flight: ReadKey?
  /// Of the cache when it was submitted.
  var cacheEpoch: UInt64 = 0
  /// Calls like it that wait for its answer.
  var followers: [CallID] = []
  /// It began as one of another's followers, and was never counted as in flight.
  var isFollower = false
  /// The most that its caller was told.
  var progress = -Double.infinity
  /// Its own caller has its outcome; it goes on for its followers.
  var hasLeft = false

  init(
    _ call: Call, server: Int, operation: Int, at now: Instant, policy: RetryPolicy, isSafe: Bool
  ) {
    self.call = call
    self.server = server
    self.operation = operation
    self.isSafe = isSafe
    startedAt = now
    attemptStartedAt = now
    waitingSince = now
    let limit = now + policy.totalTimeout
    deadline = min(limit, call.deadline ?? limit)
    course = RetryCourse(policy)
  }

  /// Adds what one try left behind: doubt never becomes certainty again.
  mutating func note(_ failure: Failure) {
    lastFailure = failure
    note(failure.delivery)
  }

  mutating func note(_ new: Delivery) {
    switch (delivery, new) {
    case (.unknown, _), (.executed, _): break
    case (_, .unknown), (_, .executed): delivery = new
    case (.refused, .notSent): break
    case (.refused, .refused), (.notSent, _): delivery = new
    }
  }

}
