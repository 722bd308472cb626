import FleetModel

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
