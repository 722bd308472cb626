package import FleetModel

/// The delays between one call's tries: they grow by a factor up to a cap and are spread by chance.
package struct Backoff: Sendable {
  private let schedule: RetrySchedule
  /// The last delay before jitter; nil before the first.
  private var base: Int64?
  /// The last delay drawn, without any hint; nil before the first.
  private var drawn: Int64?

  package init(_ schedule: RetrySchedule) { self.schedule = schedule }

  /// The delay before the next try.
  ///
  /// The base b is `initialDelay` at first, then each time `factor` times the last one, up to
  /// `delayCap`; `RetrySchedule.Jitter` says how the delay is spread around it. With a server's
  /// hint it is max(hint, delay) plus up to `jitterShare` × hint, so never less than the hint, and
  /// may exceed the cap. Values out of range count as the nearest in range, NaN as the lowest.
  package mutating func nextDelay(
    hint: Duration?, using random: inout some RandomNumberGenerator
  ) -> Duration {
    let range = nextRange()
    let nanoseconds = Int64.random(in: range, using: &random)
    drawn = nanoseconds
    let delay = Duration.nanoseconds(nanoseconds)
    guard let hint, hint > .zero else { return delay }
    let extra = scaled(hint.nanoseconds, by: share)
    return max(hint, delay) + .nanoseconds(Int64.random(in: 0...extra, using: &random))
  }

  /// Back to the first delay, after a success or when the server was found again.
  package mutating func restart() { (base, drawn) = (nil, nil) }

  private var cap: Int64 { max(0, schedule.delayCap.nanoseconds) }
  private var initial: Int64 { min(max(0, schedule.initialDelay.nanoseconds), cap) }
  private var share: Double { schedule.jitterShare > 0 ? min(schedule.jitterShare, 1) : 0 }

  /// Where the next delay may lie. Chance draws inside what the cap leaves: cutting afterwards
  /// would gather callers at the cap.
  private mutating func nextRange() -> ClosedRange<Int64> {
    let base = nextBase()
    switch schedule.jitter {
    case .none: return base...base
    case .proportional:
      let spread = min(scaled(base, by: share), base)
      return base - spread...base + min(spread, cap - base)
    case .full: return 0...base
    case .equal: return base / 2...base
    case .decorrelated:
      return initial...max(initial, min(cap, scaled(drawn ?? initial, by: 3)))
    }
  }

  /// Grows step by step and stops at the cap, so that no number of tries can overflow.
  private mutating func nextBase() -> Int64 {
    let factor = schedule.factor > 1 ? schedule.factor : 1
    let next = base.map { min(scaled($0, by: factor), cap) } ?? initial
    base = next
    return next
  }

  /// Saturates; neither is negative.
  private func scaled(_ nanoseconds: Int64, by ratio: Double) -> Int64 {
    let product = Double(nanoseconds) * ratio
    return product < 9.2e18 ? Int64(product) : .max
  }
}
