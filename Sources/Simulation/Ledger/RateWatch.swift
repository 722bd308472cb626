import FleetModel

/// Sends of one server against its rate.
struct RateWatch: Sendable {
  private let rate: Double
  private let limit: Double
  private var level = 0.0
  private var lastSend = Instant.origin

  init(_ policies: Policies) {
    rate = policies.load.rate
    // A try that has its turn may still wait for a place and for a connection.
    let delay = policies.load.queueTimeout + policies.pool.acquireTimeout
    limit = Double(policies.load.burst) + rate * delay.seconds + 1.001
  }

  /// - Returns: whether that is more than the rate allows in any window.
  mutating func sent(at now: Instant) -> Bool {
    level = max(0, level - rate * (now - lastSend).seconds) + 1
    lastSend = now
    return level > limit
  }
}

/// Who of those that wait for their first try goes first.
struct OrderWatch: Sendable {
  /// Only where nothing but the queues can hold a first try back.
  private let isWatching: Bool
  /// Numbers of calls, by priority, in the order of submission.
  private var waiting: [[Int]] = [[], [], []]
  private var heads = [0, 0, 0]
  /// Calls before this one may be waiting for something else.
  private var disturbed = 0

  init(_ policies: Policies) {
    let load = policies.load
    let hasRates =
      load.rate > 0 || load.callerRate > 0 || load.quota > 0 || load.callerQuota > 0
    let hasStandIns = policies.fallbacks.contains {
      if case .tool = $0.source { true } else { false }
    }
    isWatching = !hasRates && !hasStandIns && policies.retry.rules.isEmpty
  }

  mutating func submitted(_ number: Int, _ priority: Call.Priority) {
    if isWatching { waiting[priority.rawValue].append(number) }
  }

  /// Something happened by which a call may have lost its place: all that wait now are let alone.
  mutating func disturb(before number: Int) { disturbed = number }

  /// - Parameter isWaiting: whether a call still waits for its first try.
  /// - Returns: a call that should have gone before this one.
  mutating func sent(
    _ number: Int, _ priority: Call.Priority, isWaiting: (Int) -> Bool
  ) -> Int? {
    guard isWatching else { return nil }
    for rank in 0...priority.rawValue {
      while heads[rank] < waiting[rank].count {
        let head = waiting[rank][heads[rank]]
        guard head == number || head < disturbed || !isWaiting(head) else { break }
        heads[rank] += 1
      }
      if heads[rank] < waiting[rank].count, waiting[rank][heads[rank]] < number {
        return waiting[rank][heads[rank]]
      }
    }
    return nil
  }
}

/// Calls of one server against its quotas and its callers' rates, by the times they came.
struct CallerWatch: Sendable {
  private struct Bucket: Sendable {
    var level = 0.0
    var last = Instant.origin
    var periodStart = Instant.origin
    var count = 0
  }

  private var callers: [String: Bucket] = [:]
  private var all = Bucket()

  /// A call that came at `came` has reached the wire for the first time.
  /// - Returns: which limit that breaks.
  mutating func sent(client: String, came: Instant, _ policy: LoadPolicy) -> String? {
    guard policy.callerRate > 0 || policy.callerQuota > 0 || policy.quota > 0 else { return nil }
    var words: String?
    if policy.quota > 0, Self.count(&all, came, policy) > 2 * policy.quota {
      words = "more calls than two quotas of \(policy.quota)"
    }
    guard policy.callerRate > 0 || policy.callerQuota > 0 else { return words }
    var bucket = callers[client] ?? Bucket()
    if policy.callerQuota > 0, Self.count(&bucket, came, policy) > 2 * policy.callerQuota {
      words = "more calls of \(client) than two quotas of \(policy.callerQuota)"
    }
    if policy.callerRate > 0 {
      // First tries come out of order of their calls; going back in time counts as standing still.
      let elapsed = max(0, (came - bucket.last).seconds)
      bucket.level = max(0, bucket.level - policy.callerRate * elapsed) + 1
      bucket.last = max(bucket.last, came)
      let slack = policy.callerRate * policy.queueTimeout.seconds * 2 + 1.001
      if bucket.level > Double(policy.callerBurst) + slack {
        words = "more calls of \(client) than its rate of \(policy.callerRate)"
      }
    }
    callers[client] = bucket
    return words
  }

  /// Calls in windows of one period; two windows hold no more than three quotas, one two.
  private static func count(
    _ bucket: inout Bucket, _ came: Instant, _ policy: LoadPolicy
  ) -> Int {
    if came >= bucket.periodStart + policy.quotaPeriod {
      bucket.periodStart = came
      bucket.count = 0
    }
    if came >= bucket.periodStart { bucket.count += 1 }
    return bucket.count
  }
}
