import FleetModel
import Resilience

// Short words for courses of a breaker.
extension Breaker {
  /// One call from admission to its end; says why when it was not let through.
  @discardableResult mutating func call(
    _ verdict: Verdict, after duration: Duration = .zero, at seconds: Double
  ) -> Rejection? {
    call(verdict, after: duration, at: at(seconds))
  }

  @discardableResult mutating func call(
    _ verdict: Verdict, after duration: Duration = .zero, at now: Instant
  ) -> Rejection? {
    switch admit(at: now) {
    case .success(let permit):
      record(permit, verdict, after: duration, at: now)
      return nil
    case .failure(let rejection): return rejection
    }
  }

  mutating func picture(at seconds: Double) -> BreakerSnapshot {
    snapshot(at: at(seconds)) { civil($0) }
  }

  /// After five failures.
  static func opened(
    at seconds: Double, _ policy: BreakerPolicy = BreakerPolicy(), seed: UInt64 = 0
  ) -> Breaker {
    var breaker = Breaker(policy, seed: seed)
    for label in ["503", "503", "timeout", "503", "refused"] {
      breaker.call(.failure(label), at: seconds)
    }
    return breaker
  }
}

/// Civil time as it is when the origin is the epoch.
func civil(_ instant: Instant) -> Timestamp {
  Timestamp(millisecondsSinceEpoch: instant.nanoseconds / 1_000_000)
}

func civil(_ seconds: Double) -> Timestamp { civil(at(seconds)) }

extension BreakerOverride {
  static func byAnna(
    _ kind: Kind, _ reason: String = "deploy of v2", minutes: Int = 15
  ) -> BreakerOverride {
    BreakerOverride(kind, reason: reason, owner: "anna", timeToLive: .seconds(60 * minutes))
  }
}
