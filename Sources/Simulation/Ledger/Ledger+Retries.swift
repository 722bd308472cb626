import Engine
import FleetModel

// Tries after the first: how many, how soon, and within the budget.
extension Ledger {
  /// - Returns: whether it takes a unit of the retry budget.
  mutating func judgeTry(of index: Int, isHedge: Bool, at now: Instant) -> Bool {
    let record = calls[index]
    // By which policies its course goes is not seen.
    guard !record.spansChange else { return false }
    let id = record.call.id
    let policy = servers[record.server].definition.policies.retry
    let isOver = record.isFinished || record.isCancelled || record.storedAt != nil
    // It goes on for others that wait for the same answer.
    if isOver, record.storedAt != nil || !isFollowed(record) {
      violate("\(id) is sent after its end", at: now)
    }
    if now > (isOver ? record.submittedAt + policy.totalTimeout : record.deadline) {
      violate("\(id) is sent after its deadline", at: now)
    }
    if isHedge {
      if !(servers[record.server].definition.policies.load.isHedging && record.isSafe
        && record.inFlight == 1)
      {
        violate("\(id) is sent a second time at once", at: now)
      }
      return true
    }
    guard record.sends > 0 else { return false }
    guard !isResend(record, policy) else {
      calls[index].hasResent = true
      return false
    }
    calls[index].retries += 1
    let limit = policy.rules.reduce(policy.schedule.retryLimit) { sum, rule in
      if case .retry(let schedule) = rule.action { sum + schedule.retryLimit } else { sum }
    }
    if record.retries >= limit { violate("\(id) is tried again more than \(limit) times", at: now) }
    judgeDelay(of: record, policy, at: now)
    judgeRepetition(of: record, policy, at: now)
    return true
  }

  private func isFollowed(_ record: CallRecord) -> Bool {
    guard record.call.method != "tools/call", record.call.token == nil else { return false }
    return calls.contains {
      !$0.isFinished && $0.call.token == nil && $0.server == record.server
        && $0.call.method == record.call.method
        && $0.call.params == record.call.params
    }
  }

  /// Once, and at once, when the connection it was on is gone.
  private func isResend(_ record: CallRecord, _ policy: RetryPolicy) -> Bool {
    guard !record.hasResent, let reply = record.lastReply,
      !policy.rules.contains(where: { $0.fits(reply, record.call) }),
      case .failure(let failure) = reply
    else { return false }
    return failure.kind == .sessionLost || failure.kind == .processExited
  }

  private mutating func judgeDelay(
    of record: CallRecord, _ policy: RetryPolicy, at now: Instant
  ) {
    guard let lastEnd = record.lastEnd else { return }
    let reply = record.lastReply
    var schedule = policy.schedule
    if let rule = reply.flatMap({ reply in policy.rules.first { $0.fits(reply, record.call) } }),
      case .retry(let own) = rule.action
    {
      schedule = own
    } else if reply == nil, !policy.rules.isEmpty {
      return
    }
    let least = max(schedule.leastDelay, reply?.hint ?? .zero)
    if now - lastEnd < least {
      violate(
        "\(record.call.id) is tried again after \((now - lastEnd).secondsText), not"
          + " \(least.secondsText)", at: now)
    }
  }

  /// What may have run is sent again only where the delivery rule allows it.
  private mutating func judgeRepetition(
    of record: CallRecord, _ policy: RetryPolicy, at now: Instant
  ) {
    guard record.mayHaveRun, record.call.origin != .probe || !record.isSafe else { return }
    let isAllowed =
      switch policy.delivery(of: record.call.target) {
      case .whenSafe: record.isSafe
      case .atLeastOnce: true
      case .atMostOnce: false
      }
    if !isAllowed { violate("\(record.call.id) may have run and is sent again", at: now) }
  }

  mutating func takeBudget(for index: Int, at now: Instant) {
    let number = calls[index].server
    calls[index].units += 1
    servers[number].budgetInUse += 1
    let (used, limit) = (servers[number].budgetInUse, servers[number].budgetLimitPeak)
    if used > limit { violate("\(name(number)): \(used) retries at once, not \(limit)", at: now) }
  }
}

extension RetryRule {
  fileprivate func fits(_ reply: Reply, _ call: Call) -> Bool {
    target.matches(call.target) && (causes.isEmpty || causes.contains { $0.matches(reply) })
  }
}

extension RetrySchedule {
  /// No retry comes sooner: the first delay's lower end, because delays never shrink.
  fileprivate var leastDelay: Duration {
    let base = min(initialDelay, delayCap)
    let least: Duration =
      switch jitter {
      case .none, .decorrelated: base
      case .proportional:
        Duration(fractionalSeconds: base.seconds * (1 - min(1, max(0, jitterShare))))
      case .full: .zero
      case .equal: base / 2
      }
    // A nanosecond of rounding.
    return max(.zero, least - .nanoseconds(2))
  }
}

extension Reply {
  /// What the server asked for with `Retry-After`.
  fileprivate var hint: Duration? {
    switch self {
    case .success, .toolError: nil
    case .protocolError(let error): error.retryAfter
    case .failure(let failure): failure.retryAfter
    }
  }
}
