package import FleetModel

/// All rates and quotas of one server: of its own, and of each caller.
///
/// At most `callerLimit` callers are known by name. Only a caller whose bucket is full and whose
/// period is over is forgotten to make room, because it loses nothing by that; while there is none,
/// newcomers share one rate and one quota. So nobody gets a fresh allowance by filling the table.
package struct RateLimits: Sendable {
  /// A rate or quota that forbids a call.
  package struct Refusal: Error, Hashable, Sendable {
    /// When it would be allowed.
    package var retryAfter: Duration
    /// Names the limit and the caller, in words and numbers; may hold any text of the caller's.
    package var reason: String
  }

  package static let callerLimit = 1000
  /// In bytes; callers with longer names share what the newcomers share.
  package static let callerNameLimit = 200

  private let policy: LoadPolicy
  private var rate: TokenBucket?
  private var quota: Quota?
  private let newCaller: CallerLimits
  private var callers: [String: CallerLimits] = [:]
  /// No caller is idle before its time here; looked at only to make room.
  private var idleTimes = DeadlineQueue<String>()
  /// What the callers without a place of their own share.
  private var others: CallerLimits

  package init(_ policy: LoadPolicy) {
    self.policy = policy
    rate = policy.rate > 0 ? TokenBucket(rate: policy.rate, burst: policy.burst) : nil
    quota = policy.quota > 0 ? Quota(limit: policy.quota, period: policy.quotaPeriod) : nil
    newCaller = CallerLimits(policy)
    others = newCaller
  }

  /// Nothing is configured: every answer would be a zero.
  package var isUnlimited: Bool { rate == nil && quota == nil && newCaller.isUnlimited }

  /// Once per call: caller's rate, caller's quota, server's quota; a refusal uses up nothing.
  ///
  /// - Returns: how long the call waits before it may go, up to the policy's `queueTimeout`.
  package mutating func admitCall(
    client: String, at now: Instant
  ) -> Result<Duration, Refusal> {
    guard !newCaller.isUnlimited else { return admitByQuota(at: now, wait: .zero) }
    let isKnown = makePlace(for: client, at: now)
    var caller = isKnown ? callers[client] ?? newCaller : others
    let result: Result<Duration, Refusal>
    switch caller.admit(at: now, waitingUpTo: policy.queueTimeout) {
    case .success(let wait):
      result = admitByQuota(at: now, wait: wait)
      if case .failure = result { caller.giveBack() }
    case .failure(let refusal):
      let name = isKnown ? "caller '\(client)'" : Self.othersName(client)
      result = .failure(Refusal(retryAfter: refusal.retryAfter, reason: name + refusal.reason))
    }
    if isKnown { callers[client] = caller } else { others = caller }
    return result
  }

  /// Once per try: the server's rate.
  package mutating func admitTry(at now: Instant) -> Result<Duration, Refusal> {
    if let wait = rate?.take(at: now, waitingUpTo: policy.queueTimeout) { return .success(wait) }
    guard let rate else { return .success(.zero) }
    return .failure(
      Refusal(
        retryAfter: rate.wait(at: now),
        reason: "the server is over its rate of \(words(policy.rate)) tries a second"))
  }

  private mutating func admitByQuota(
    at now: Instant, wait: Duration
  ) -> Result<Duration, Refusal> {
    guard let untilNext = quota?.take(at: now) else { return .success(wait) }
    return .failure(
      Refusal(
        retryAfter: untilNext,
        reason: "the server's quota of \(policy.quota) calls"
          + " in \(words(policy.quotaPeriod.seconds)) s is used up"))
  }

  /// Whether the caller has limits of its own, and if there is room, gets them.
  private mutating func makePlace(for client: String, at now: Instant) -> Bool {
    if callers[client] != nil { return true }
    guard client.utf8.count <= Self.callerNameLimit else { return false }
    if callers.count >= Self.callerLimit { forgetIdle(at: now) }
    guard callers.count < Self.callerLimit else { return false }
    callers[client] = newCaller
    idleTimes.set(client, at: now)
    return true
  }

  /// Forgets one caller that is idle, if there is one.
  private mutating func forgetIdle(at now: Instant) {
    while let client = idleTimes.popDue(now) {
      guard let idleAt = callers[client]?.idleAt, idleAt > now else {
        callers[client] = nil
        return
      }
      idleTimes.set(client, at: idleAt)
    }
  }

  private static func othersName(_ client: String) -> String {
    "caller '\(client.prefix(callerNameLimit))', which shares its limits with others,"
  }
}

/// One caller's rate and quota, where there are any.
private struct CallerLimits: Sendable {
  private let policy: LoadPolicy
  private var rate: TokenBucket?
  private var quota: Quota?

  init(_ policy: LoadPolicy) {
    self.policy = policy
    rate =
      policy.callerRate > 0
      ? TokenBucket(rate: policy.callerRate, burst: policy.callerBurst) : nil
    quota =
      policy.callerQuota > 0
      ? Quota(limit: policy.callerQuota, period: policy.quotaPeriod) : nil
  }

  var isUnlimited: Bool { rate == nil && quota == nil }

  /// From then on a new one would allow the same.
  var idleAt: Instant {
    max(rate?.fullAt ?? Instant(nanoseconds: .min), quota?.endsAt ?? Instant(nanoseconds: .min))
  }

  /// A refusal uses up nothing; its reason goes on after the caller's name.
  mutating func admit(
    at now: Instant, waitingUpTo limit: Duration
  ) -> Result<Duration, RateLimits.Refusal> {
    var wait = Duration.zero
    if let bucket = rate {
      guard let taken = rate?.take(at: now, waitingUpTo: limit) else {
        return .failure(
          RateLimits.Refusal(
            retryAfter: bucket.wait(at: now),
            reason: " is over its rate of \(words(policy.callerRate)) calls a second"))
      }
      wait = taken
    }
    if let untilNext = quota?.take(at: now) {
      rate?.giveBack()
      return .failure(
        RateLimits.Refusal(
          retryAfter: untilNext,
          reason: " has used up its quota of \(policy.callerQuota) calls"
            + " in \(words(policy.quotaPeriod.seconds)) s"))
    }
    return .success(wait)
  }

  mutating func giveBack() {
    rate?.giveBack()
    quota?.giveBack()
  }
}

/// `5`, `0.25`.
private func words(_ number: Double) -> String {
  Int(exactly: number).map(String.init) ?? String(number)
}
