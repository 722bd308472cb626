package import FleetModel

/// So many in each period; a period begins with the first taken after the last one's end.
package struct Quota: Sendable {
  private let limit: Int
  private let period: Duration
  private var taken = 0
  /// When the running period ends; long ago at first.
  private(set) var endsAt = Instant(nanoseconds: .min)

  package init(limit: Int, period: Duration) {
    self.limit = max(0, limit)
    self.period = max(period, .zero)
  }

  /// How many are left in the period.
  package func remaining(at now: Instant) -> Int { now < endsAt ? limit - taken : limit }

  /// How long until one can be taken; zero when one is left.
  package func wait(at now: Instant) -> Duration {
    guard remaining(at: now) <= 0 else { return .zero }
    let end = now < endsAt ? endsAt : now + period
    return .nanoseconds(end.nanoseconds) - .nanoseconds(now.nanoseconds)
  }

  /// - Returns: nil when one was taken; else how long until the next period.
  package mutating func take(at now: Instant) -> Duration? {
    guard remaining(at: now) > 0 else { return wait(at: now) }
    if now >= endsAt { (taken, endsAt) = (0, now + period) }
    taken += 1
    return nil
  }
}
