package import FleetModel

/// A rate with room for a burst: a token each 1 ÷ rate seconds, at most `burst` saved up.
///
/// It keeps only the time at which it will be full again (the "generic cell rate algorithm", ITU-T
/// I.371), in whole nanoseconds: nothing adds up rounding errors, and a token can be promised ahead
/// of its time.
package struct TokenBucket: Sendable {
  /// More than any rate can use up; keeps the arithmetic inside of the clock.
  private static let burstLimit = 1_000_000_000

  private let interval: Int64
  /// All tokens but one, as time.
  private let tolerance: Int64
  /// When no token is missing any more; long ago at first.
  private(set) var fullAt = Instant(nanoseconds: .min)

  /// - Parameters:
  ///   - rate: tokens a second; neither zero, less nor NaN ever gives a token back.
  ///   - burst: less than 1 counts as 1.
  package init(rate: Double, burst: Int) {
    let burst = Int64(min(max(1, burst), Self.burstLimit))
    let longest = Int64.max / 4 / burst
    let exact = rate > 0 ? (1e9 / rate).rounded(.up) : .infinity
    interval = exact < Double(longest) ? max(1, Int64(exact)) : longest
    tolerance = (burst - 1) * interval
  }

  /// How long until a token is there; zero when one is.
  package func wait(at now: Instant) -> Duration {
    let due = fullAt - .nanoseconds(tolerance)
    guard due > now else { return .zero }
    return .nanoseconds(due.nanoseconds) - .nanoseconds(now.nanoseconds)
  }

  /// Takes a token that is there or will be in time.
  ///
  /// - Returns: zero, or the wait after which the token is ours; nil when that would be longer than
  ///   `limit`, and nothing is taken.
  package mutating func take(at now: Instant, waitingUpTo limit: Duration) -> Duration? {
    let wait = wait(at: now)
    guard wait <= max(limit, .zero) else { return nil }
    fullAt = max(fullAt, now) + .nanoseconds(interval)
    return wait
  }

  /// Returns the token taken last, unused.
  package mutating func giveBack() { fullAt = fullAt - .nanoseconds(interval) }
}
