import FleetModel

/// How long a breaker stays open: each opening in a row longer by a factor, up to a cap, and a
/// share of chance on top.
struct OpenTimes: Sendable {
  private var first = Duration.zero
  private var factor = 1.0
  private var cap = Duration.zero
  private var jitter = 0.0
  private let seed: UInt64
  /// Without the share of chance, of the newest opening in a row; nil while there is none.
  private var base: Duration?
  /// How long the newest opening lasts.
  private(set) var length = Duration.zero

  /// - Parameter seed: of the jitter; breakers with different seeds do not open in step.
  init(_ policy: BreakerPolicy, seed: UInt64) {
    // Stirred, or neighbouring seeds would draw each other's jitter a generation later.
    var generator = SplitMix64(seed: seed)
    self.seed = generator.next()
    adopt(policy)
  }

  /// Other times from the next opening on, which is the first in a row where they differ.
  mutating func adopt(_ policy: BreakerPolicy) {
    let old = (first, factor, cap)
    defer { if old != (first, factor, cap) { startOver() } }
    first = max(.zero, policy.openDuration)
    factor = policy.openFactor
    // A cap below the open time itself limits growth, not the time that was asked for.
    cap = max(first, policy.openDurationCap)
    jitter = policy.openJitter
  }

  /// What `open` would give.
  func next(generation: UInt64) -> Duration { spread(nextBase, generation) }

  /// Begins an opening and says how long it lasts.
  mutating func open(generation: UInt64) -> Duration {
    length = next(generation: generation)
    base = nextBase
    return length
  }

  /// The next opening is the first in a row.
  mutating func startOver() { base = nil }

  private var nextBase: Duration {
    guard let base, factor > 1 else { return base ?? first }
    return min(cap, Duration(fractionalSeconds: base.seconds * factor))
  }

  private func spread(_ duration: Duration, _ generation: UInt64) -> Duration {
    guard jitter > 0 else { return duration }
    var generator = SplitMix64(seed: seed &+ generation)
    return Duration(fractionalSeconds: duration.seconds * (1 + jitter * generator.unit()))
  }
}
