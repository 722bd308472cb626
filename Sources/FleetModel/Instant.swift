/// A point on the engine's monotonic clock; only differences mean anything.
package struct Instant: Hashable, Sendable, Comparable {
  /// Nanoseconds since an origin the clock's owner chose.
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static let origin = Instant(nanoseconds: 0)

  package static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Saturates at the ends of the clock (292 years), so that "never" needs no special case.
  package static func + (instant: Instant, duration: Duration) -> Instant {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.nanoseconds)
    return Instant(nanoseconds: overflow ? (duration < .zero ? .min : .max) : sum)
  }

  package static func - (left: Instant, right: Instant) -> Duration {
    .nanoseconds(left.nanoseconds - right.nanoseconds)
  }

  package static func - (instant: Instant, duration: Duration) -> Instant {
    instant + .nanoseconds(-duration.nanoseconds)
  }
}

extension Duration {
  /// Whole nanoseconds, saturating at the ends of Int64.
  package var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, spill) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return spill ? (seconds < 0 ? .min : .max) : sum
  }

  /// Seconds with their fraction, for display, exports and arithmetic on ratios.
  package var seconds: Double { Double(nanoseconds) / 1e9 }

  /// - Parameter seconds: saturates outside ±292 years; NaN is zero.
  package init(fractionalSeconds seconds: Double) {
    let nanoseconds = seconds * 1e9
    if nanoseconds.isNaN {
      self = .zero
    } else if nanoseconds >= 9.2e18 {
      self = .nanoseconds(Int64.max)
    } else if nanoseconds <= -9.2e18 {
      self = .nanoseconds(Int64.min + 1)
    } else {
      self = .nanoseconds(Int64(nanoseconds))
    }
  }
}
