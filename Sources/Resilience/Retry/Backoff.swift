package import FleetModel

/// The delays between one call's tries: they grow by a factor up to a cap and are spread by chance.
package struct Backoff: Sendable {
  private let policy: RetrySchedule
  /// The last delay before jitter; nil before the first.
  private var base: Int64?

  package init(_ policy: RetrySchedule) { self.policy = policy }

  /// The delay before the next try.
  ///
  /// The base b is `initialDelay` at first, then each time `factor` times the last one, up to
  /// `delayCap`; the delay is uniform on [b(1−j), min(b(1+j), cap)]. With a server's hint it is
  /// max(hint, delay) plus up to j × hint, so never less than the hint, and may exceed the cap.
  package mutating func nextDelay(
    hint: Duration?, using random: inout some RandomNumberGenerator
  ) -> Duration {
    let base = nextBase()
    let spread = scaled(base, by: min(max(policy.jitterShare, 0), 1))
    let high = min(base + min(spread, Int64.max - base), cap)
    let delay = Duration.nanoseconds(Int64.random(in: base - spread...high, using: &random))
    guard let hint, hint > .zero else { return delay }
    let extra = scaled(hint.nanoseconds, by: min(max(policy.jitterShare, 0), 1))
    return max(hint, delay) + .nanoseconds(Int64.random(in: 0...extra, using: &random))
  }

  private var cap: Int64 { max(0, policy.delayCap.nanoseconds) }

  /// Grows step by step and stops at the cap, so that no number of tries can overflow.
  private mutating func nextBase() -> Int64 {
    let grown = base.map { scaled($0, by: max(policy.factor, 1)) }
    let next = min(max(0, grown ?? policy.initialDelay.nanoseconds), cap)
    base = next
    return next
  }

  /// Saturates; not a number counts as nothing.
  private func scaled(_ nanoseconds: Int64, by ratio: Double) -> Int64 {
    let product = Double(nanoseconds) * ratio
    guard product < 9.2e18 else { return .max }
    return product > 0 ? Int64(product) : 0
  }
}
