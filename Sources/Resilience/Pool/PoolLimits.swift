import FleetModel

/// A pool's policy as plain numbers, each within its bounds.
struct PoolLimits: Sendable {
  let streams: Int
  let open: Int
  /// At least one, which is always kept.
  let idle: Int
  let waiters: Int
  let connecting: Int
  let crashLoop: Int
  // Nanoseconds from here on: a `Duration` divides each time it is turned into one.
  let lifetime: Int64
  let idleTimeout: Int64
  /// The end of the clock where the policy says zero, which switches it off.
  let checkInterval: Int64
  let sustainedUptime: Int64
  let acquireTimeout: Int64
  /// As `checkInterval`.
  let leakThreshold: Int64

  init(_ policy: PoolPolicy) {
    streams = max(1, policy.streamsPerConnection)
    open = max(1, policy.openLimit)
    idle = max(1, policy.idleLimit)
    waiters = policy.waiterLimit
    connecting = max(1, policy.connectLimit)
    crashLoop = max(1, policy.crashLoopLimit)
    lifetime = max(0, policy.lifetime.nanoseconds)
    idleTimeout = max(0, policy.idleTimeout.nanoseconds)
    checkInterval = policy.checkInterval > .zero ? policy.checkInterval.nanoseconds : .max
    // Who has come to the end of its life has lasted.
    sustainedUptime = min(max(0, policy.sustainedUptime.nanoseconds), lifetime / 10 * 9)
    acquireTimeout = max(0, policy.acquireTimeout.nanoseconds)
    leakThreshold = policy.leakThreshold > .zero ? policy.leakThreshold.nanoseconds : .max
  }
}

extension Instant {
  /// The end of the clock.
  static var never: Instant { Instant(nanoseconds: .max) }

  /// Saturates; neither is negative in a pool.
  func after(_ nanoseconds: Int64) -> Instant {
    let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
    return overflow ? .never : Instant(nanoseconds: sum)
  }
}
