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

  /// Nothing is configured: every answer would be a zero.
  package private(set) var isUnlimited: Bool
  private var policy: LoadPolicy
  private var rate: TokenBucket?
  private var quota: Quota?
  private var newCaller: CallerLimits
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
    isUnlimited = rate == nil && quota == nil && newCaller.isUnlimited
  }

  /// Other limits from now on. A rate or quota that is the same goes on where it stands; one that
  /// is not begins anew.
  package mutating func adopt(_ policy: LoadPolicy) {
    let (old, fresh) = (self.policy, RateLimits(policy))
    self.policy = policy
    isUnlimited = fresh.isUnlimited
    if (old.rate, old.burst) != (policy.rate, policy.burst) { rate = fresh.rate }
    let isSamePeriod = old.quotaPeriod == policy.quotaPeriod
    if !isSamePeriod || old.quota != policy.quota { quota = fresh.quota }
    guard
      !isSamePeriod
        || (old.callerRate, old.callerBurst, old.callerQuota)
          != (policy.callerRate, policy.callerBurst, policy.callerQuota)
    else { return }
    newCaller = fresh.newCaller
    callers = [:]
    idleTimes = DeadlineQueue()
    others = newCaller
  }

  /// Once per call: caller's rate, caller's quota, server's quota; a refusal uses up nothing.
  ///
  /// - Parameter deadline: of the call; a turn that is not before it is a refusal, or hopeless
  ///   calls would use up every turn.
  /// - Returns: how long the call waits before it may go, up to the policy's `queueTimeout`.
  package mutating func admitCall(
    client: String, at now: Instant, before deadline: Instant = .never
  ) -> Result<Duration, Refusal> {
    let limit = longestWait(at: now, before: deadline)
    guard !newCaller.isUnlimited else {
      if let refusal = quotaRefusal(at: now) { return .failure(refusal) }
      _ = quota?.take(at: now)
      return .success(.zero)
    }
    let isKnown = makePlace(for: client, at: now)
    var caller = isKnown ? callers[client] ?? newCaller : others
    if let refusal =
      caller.refusal(at: now, waitingUpTo: limit, of: name(client, isKnown))
      ?? quotaRefusal(at: now)
    {
      return .failure(refusal)
    }
    _ = quota?.take(at: now)
    let wait = caller.take(at: now, waitingUpTo: limit)
    if isKnown { callers[client] = caller } else { others = caller }
    return .success(wait)
  }

  /// Once per try: the server's rate; as `admitCall`.
  package mutating func admitTry(
    at now: Instant, before deadline: Instant = .never
  ) -> Result<Duration, Refusal> {
    let limit = longestWait(at: now, before: deadline)
    if let wait = rate?.take(at: now, waitingUpTo: limit) { return .success(wait) }
    guard let rate else { return .success(.zero) }
    return .failure(
      Refusal(
        retryAfter: rate.wait(at: now),
        reason: "the server is over its rate of \(words(policy.rate)) tries a second"))
  }

  /// A try that waited for its turn was not made: the turn is the next one's.
  package mutating func giveBackTry() { rate?.giveBack() }

  private func longestWait(at now: Instant, before deadline: Instant) -> Duration {
    min(policy.queueTimeout, deadline - now - .nanoseconds(1))
  }

  private func quotaRefusal(at now: Instant) -> Refusal? {
    guard let wait = quota?.wait(at: now), wait > .zero else { return nil }
    return Refusal(
      retryAfter: wait,
      reason: "the server's quota of \(policy.quota) calls"
        + " in \(words(policy.quotaPeriod.seconds)) s is used up")
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

  private func name(_ client: String, _ isKnown: Bool) -> String {
    if isKnown { return "caller '\(client)'" }
    // Scalars, because one character may be endless.
    let start = String(client.unicodeScalars.prefix(Self.callerNameLimit))
    return "caller '\(start)', which shares its limits with others,"
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

  /// Why a call of the named caller is forbidden; nil when it is not.
  func refusal(
    at now: Instant, waitingUpTo limit: Duration, of caller: @autoclosure () -> String
  ) -> RateLimits.Refusal? {
    if let wait = rate?.wait(at: now), wait > max(limit, .zero) {
      return RateLimits.Refusal(
        retryAfter: wait,
        reason: caller() + " is over its rate of \(words(policy.callerRate)) calls a second")
    }
    if let wait = quota?.wait(at: now), wait > .zero {
      return RateLimits.Refusal(
        retryAfter: wait,
        reason: caller() + " has used up its quota of \(policy.callerQuota) calls"
          + " in \(words(policy.quotaPeriod.seconds)) s")
    }
    return nil
  }

  /// Takes what `refusal` found to be there.
  mutating func take(at now: Instant, waitingUpTo limit: Duration) -> Duration {
    _ = quota?.take(at: now)
    return rate?.take(at: now, waitingUpTo: limit) ?? .zero
  }
}

/// `5`, `0.25`.
private func words(_ number: Double) -> String {
  Int(exactly: number).map(String.init) ?? String(number)
}
