import FleetModel

/// A breaker's changes of state: the newest ones, those nobody was told yet, and how many there
/// were.
struct BreakerHistory: Sendable {
  /// Each of the two lists keeps so many; the oldest go first.
  static let limit = 64

  /// Oldest first.
  private(set) var recent: [Breaker.Transition] = []
  private(set) var count = 0
  private var pending: [Breaker.Transition] = []

  mutating func append(_ transition: Breaker.Transition) {
    count += 1
    BreakerHistory.append(transition, to: &recent)
    BreakerHistory.append(transition, to: &pending)
  }

  /// Those since the last drain.
  mutating func drain() -> [Breaker.Transition] {
    defer { pending = [] }
    return pending
  }

  /// What was not drained yet is still told.
  mutating func forget() {
    recent = []
    count = 0
  }

  private static func append(_ transition: Breaker.Transition, to list: inout [Breaker.Transition])
  {
    if list.count == limit { list.removeFirst() }
    list.append(transition)
  }
}
