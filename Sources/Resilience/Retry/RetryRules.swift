package import FleetModel

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
}

/// What to do after a try.
package enum RetryDecision: Hashable, Sendable {
  case retry(after: Duration)
  case giveUp(GiveUp)
}

/// Decides whether a failed try is made again.
package enum RetryRules {
  /// A try with less time than this before the total deadline is not worth its delay.
  package static let shortestTry = Duration.milliseconds(10)

  /// Whether this kind of reply is a failure that another try may cure; counts and delivery aside.
  package static func isRetryable(_ reply: Reply) -> Bool {
    switch reply {
    case .success, .toolError: false
    case .protocolError(let error): error.httpStatus.map(isRetryable(status:)) ?? false
    case .failure(let failure):
      switch failure.kind {
      case .httpStatus(let status): isRetryable(status: status)
      case .nameNotResolved, .connectionRefused, .connectionReset, .tryTimeout, .malformedAnswer,
        .sessionLost, .processExited, .notConnected:
        true
      case .tls, .totalTimeout, .answerTooLarge, .spawnFailed, .breakerOpen, .poolExhausted,
        .bulkheadFull, .rateLimited, .cancelled, .unknownServer, .shuttingDown,
        .incompatibleProtocol, .unauthorized:
        false
      }
    }
  }

  /// The whole decision after a try; takes one unit of the budget when it answers `.retry`.
  ///
  /// - Parameters:
  ///   - isSafe: a read method, or a tool that declares itself read-only or idempotent.
  ///   - retriesMade: tries after the first so far.
  ///   - remaining: until the call's total deadline.
  package static func decide(
    _ reply: Reply, policy: RetryPolicy, isSafe: Bool, retriesMade: Int, remaining: Duration,
    backoff: inout Backoff, budget: inout RetryBudget, callsInFlight: Int,
    using random: inout some RandomNumberGenerator
  ) -> RetryDecision {
    guard isRetryable(reply) else { return .giveUp(.notRetryable) }
    guard mayRepeat(reply, policy: policy, isSafe: isSafe) else {
      return .giveUp(.ambiguousDelivery)
    }
    guard retriesMade < policy.schedule.retryLimit else { return .giveUp(.attemptsExhausted) }
    let hint = hint(of: reply)
    if let hint, hint > policy.retryAfterLimit || hint > remaining {
      return .giveUp(.retryAfterExceedsLimit)
    }
    let delay = backoff.nextDelay(hint: hint, using: &random)
    guard delay + shortestTry <= remaining else { return .giveUp(.totalTimeout) }
    guard budget.take(callsInFlight: callsInFlight) else { return .giveUp(.budgetExhausted) }
    return .retry(after: delay)
  }

  private static func isRetryable(status: Int) -> Bool {
    [429, 500, 502, 503, 504].contains(status)
  }

  /// A request that never left, or that the server refused unread, may always go again.
  private static func mayRepeat(_ reply: Reply, policy: RetryPolicy, isSafe: Bool) -> Bool {
    switch delivery(of: reply) {
    case .notSent, .refused: return true
    case .unknown, .executed:
      switch policy.delivery {
      case .whenSafe: return isSafe
      case .atLeastOnce: return true
      case .atMostOnce: return false
      }
    }
  }

  /// An error object under a 5xx is as unsure as the bare status.
  private static func delivery(of reply: Reply) -> Delivery {
    switch reply {
    case .success, .toolError: .executed
    case .protocolError(let error):
      (500...599).contains(error.httpStatus ?? 0) ? .unknown : .refused
    case .failure(let failure): failure.delivery
    }
  }

  private static func hint(of reply: Reply) -> Duration? {
    guard case .failure(let failure) = reply else { return nil }
    return failure.retryAfter
  }
}
