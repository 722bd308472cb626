/// What to do after a try.
package enum RetryDecision: Hashable, Sendable {
  /// Again after a delay; one unit of the budget is taken. `isHinted`: a `Retry-After` went into
  /// the delay.
  case retry(after: Duration, isHinted: Bool)
  /// At once and without budget or count, once per call: the connection or session was gone, a new
  /// one is made.
  case resend
  case giveUp(GiveUp)
  /// A rule says: no further try, always keep.
  case deadLetter
  /// A rule says: no further try, the server's fallbacks answer.
  case fallBack
}

/// Why a failed call is not tried again.
package enum GiveUp: String, Hashable, Sendable, CaseIterable {
  /// The same request would fail again, or it did not fail.
  case notRetryable
  /// The server may have run it, and running it twice could do harm.
  case ambiguousDelivery
  case attemptsExhausted
  /// Too many retries of this server are under way.
  case budgetExhausted
  /// The next try could not begin before the total deadline.
  case totalTimeout
  /// The server asked for a longer wait than the policy or the deadline allows.
  case retryAfterExceedsLimit
  /// A rule of the operator's gave up.
  case ruled
}
