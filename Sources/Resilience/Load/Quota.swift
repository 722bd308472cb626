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

  /// - Returns: nil when one was taken; else how long until the next period.
  package mutating func take(at now: Instant) -> Duration? {
    if now >= endsAt {
      taken = 0
      endsAt = now + period
    }
    guard taken < limit else {
      return .nanoseconds(endsAt.nanoseconds) - .nanoseconds(now.nanoseconds)
    }
    taken += 1
    return nil
  }

  /// Returns the one taken last, unused.
  package mutating func giveBack() { taken = max(0, taken - 1) }
}
