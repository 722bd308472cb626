import FleetModel

/// Who of those that wait for their first try goes first.
struct OrderWatch: Sendable {
  /// Only where nothing but the queues can hold a first try back.
  private let isWatching: Bool
  /// Numbers of calls, by priority, in the order of submission.
  private var waiting: [[Int]] = [[], [], []]
  private var heads = [0, 0, 0]
  /// Calls before this one may be waiting for something else.
  private var disturbed = 0

  init(_ policies: Policies) {
    let load = policies.load
    let hasRates =
      load.rate > 0 || load.callerRate > 0 || load.quota > 0 || load.callerQuota > 0
    let hasStandIns = policies.fallbacks.contains {
      if case .tool = $0.source { true } else { false }
    }
    isWatching = !hasRates && !hasStandIns && policies.retry.rules.isEmpty
  }

  mutating func submitted(_ number: Int, _ priority: Call.Priority) {
    if isWatching { waiting[priority.rawValue].append(number) }
  }

  /// Something happened by which a call may have lost its place: all that wait now are let alone.
  mutating func disturb(before number: Int) { disturbed = number }

  /// - Parameter isWaiting: whether a call still waits for its first try.
  /// - Returns: a call that should have gone before this one.
  mutating func sent(
    _ number: Int, _ priority: Call.Priority, isWaiting: (Int) -> Bool
  ) -> Int? {
    guard isWatching else { return nil }
    for rank in 0...priority.rawValue {
      while heads[rank] < waiting[rank].count {
        let head = waiting[rank][heads[rank]]
        guard head == number || head < disturbed || !isWaiting(head) else { break }
        heads[rank] += 1
      }
      if heads[rank] < waiting[rank].count, waiting[rank][heads[rank]] < number {
        return waiting[rank][heads[rank]]
      }
    }
    return nil
  }
}
