package import FleetModel

/// Decides whether a failed try is made again.
package enum RetryRules {
  /// A try with less time than this before the total deadline is not worth its delay.
  package static let shortestTry = Duration.milliseconds(10)

  /// Whether this kind of reply is a failure that another try may cure; counts, delivery and the
  /// operator's rules aside.
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
        .incompatibleProtocol, .unauthorized, .impostor:
        false
      }
    }
  }

  /// Whether a request may go out again: always if it never left or was refused unread, else by the
  /// rule.
  package static func mayRepeat(
    _ delivery: Delivery, rule: RetryPolicy.DeliveryRule, isSafe: Bool
  ) -> Bool {
    switch delivery {
    case .notSent, .refused: true
    case .unknown, .executed:
      switch rule {
      case .whenSafe: isSafe
      case .atLeastOnce: true
      case .atMostOnce: false
      }
    }
  }

  /// How sure a reply makes us that the server did or did not run the request.
  ///
  /// An error object proves nothing by itself: servers report a tool that broke half-way with one.
  /// Only the codes of a request that was not understood, and a 4xx, say that it was turned away.
  package static func delivery(of reply: Reply) -> Delivery {
    switch reply {
    case .success, .toolError: .executed
    // A missing capability may be missed in the middle of a call, and what was cancelled had begun.
    case .protocolError(let error) where error.code == -32021 || error.code == -32800: .unknown
    case .protocolError(let error):
      isRefusal(code: error.code) || isRefusal(status: error.httpStatus) ? .refused : .unknown
    case .failure(let failure): failure.delivery
    }
  }

  /// The whole decision after a try; takes one unit of the budget when it answers `.retry`, before
  /// the delay.
  ///
  /// The first of the policy's rules that fits the failure decides; else the built-in rules do. The
  /// order: is it retryable, may it be repeated, are tries left, does the server's hint fit, does
  /// the delay fit before the deadline, is budget left.
  ///
  /// - Parameters:
  ///   - target: the call's tool, or other target, for rules about some tools.
  ///   - isSafe: a read method, or a tool that declares itself read-only or idempotent.
  ///   - course: of this call, begun with the same policy.
  ///   - remaining: until the call's total deadline.
  package static func decide(
    _ reply: Reply, target: String?, policy: RetryPolicy, isSafe: Bool,
    course: inout RetryCourse, remaining: Duration, budget: inout RetryBudget,
    callsInFlight: Int, using random: inout some RandomNumberGenerator
  ) -> RetryDecision {
    let plan: RetryCourse.Plan
    let number = rule(for: reply, target: target, in: policy)
    if let number {
      switch policy.rules[number].action {
      case .retry(let schedule): plan = .rule(number, schedule)
      case .giveUp: return .giveUp(.ruled)
      case .deadLetter: return .deadLetter
      case .fallBack: return .fallBack
      }
    } else {
      guard isRetryable(reply) else { return .giveUp(.notRetryable) }
      plan = .main
    }
    let delivery = delivery(of: reply)
    guard mayRepeat(delivery, rule: policy.delivery(of: target), isSafe: isSafe) else {
      return .giveUp(.ambiguousDelivery)
    }
    if number == nil, !course.hasResent, foundConnectionGone(reply) {
      guard shortestTry <= remaining else { return .giveUp(.totalTimeout) }
      course.countResend()
      return .resend
    }
    guard !course.isExhausted(plan) else { return .giveUp(.attemptsExhausted) }
    let hint = hint(of: reply)
    if let hint, hint > policy.retryAfterLimit || hint > remaining {
      return .giveUp(.retryAfterExceedsLimit)
    }
    let delay = course.nextDelay(plan, hint: hint, using: &random)
    guard delay + shortestTry <= remaining else { return .giveUp(.totalTimeout) }
    guard budget.take(callsInFlight: callsInFlight) else { return .giveUp(.budgetExhausted) }
    course.countRetry(plan)
    return .retry(after: delay, isHinted: hint != nil)
  }

  /// The place of the first rule that fits; nil for an answer, and for what no rule can change: the
  /// caller's own end, the engine's, and our own limits.
  private static func rule(
    for reply: Reply, target: String?, in policy: RetryPolicy
  ) -> Int? {
    guard !policy.rules.isEmpty, isOpenToRules(reply) else { return nil }
    return policy.rules.firstIndex { rule in
      rule.target.matches(target)
        && (rule.causes.isEmpty || rule.causes.contains { $0.matches(reply) })
    }
  }

  private static func isOpenToRules(_ reply: Reply) -> Bool {
    switch reply {
    case .success, .toolError: false
    case .protocolError: true
    case .failure(let failure):
      switch failure.kind {
      case .totalTimeout, .bulkheadFull, .rateLimited, .cancelled, .unknownServer, .shuttingDown:
        false
      case .nameNotResolved, .connectionRefused, .connectionReset, .tls, .tryTimeout, .httpStatus,
        .malformedAnswer, .answerTooLarge, .sessionLost, .spawnFailed, .processExited,
        .breakerOpen, .poolExhausted, .notConnected, .incompatibleProtocol, .unauthorized,
        .impostor:
        true
      }
    }
  }

  /// The connection or session that the try held was gone, which says nothing about the server: a
  /// new one may work at once.
  ///
  /// Not `connectionReset`: the server may well have run it, and did not say that it is gone. Not
  /// `notConnected` and `connectionRefused`: then there was no connection to lose, the pool has
  /// just tried or knows when it will, and asking again at once would find the same.
  private static func foundConnectionGone(_ reply: Reply) -> Bool {
    guard case .failure(let failure) = reply else { return false }
    return switch failure.kind {
    case .sessionLost, .processExited: true
    case .nameNotResolved, .connectionRefused, .connectionReset, .tls, .tryTimeout, .totalTimeout,
      .httpStatus,
      .malformedAnswer, .answerTooLarge, .spawnFailed, .breakerOpen, .poolExhausted,
      .bulkheadFull, .rateLimited, .notConnected, .cancelled, .unknownServer, .shuttingDown,
      .incompatibleProtocol, .unauthorized, .impostor:
      false
    }
  }

  private static func isRetryable(status: Int) -> Bool {
    switch status {
    case 429, 500, 502, 503, 504: true
    default: false
    }
  }

  /// JSON-RPC's parse error, invalid request, method not found and invalid params; MCP's wrong
  /// headers, unsupported version, and address to be visited first.
  private static func isRefusal(code: Int) -> Bool {
    switch code {
    case -32700, -32600, -32601, -32602, -32020, -32022, -32042: true
    default: false
    }
  }

  /// A 408 may have been read in part and passed on by a proxy.
  private static func isRefusal(status: Int?) -> Bool {
    guard let status else { return false }
    return (400...499).contains(status) && status != 408
  }

  /// A zero, such as a date in the past, asks for nothing.
  private static func hint(of reply: Reply) -> Duration? {
    let asked: Duration? =
      switch reply {
      case .success, .toolError: nil
      case .protocolError(let error): error.retryAfter
      case .failure(let failure): failure.retryAfter
      }
    return asked.flatMap { $0 > .zero ? $0 : nil }
  }
}
