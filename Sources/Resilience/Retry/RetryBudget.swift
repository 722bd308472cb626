package import FleetModel

/// How many retries of one server may be under way at once, shared by all its callers, so that
/// retries cannot multiply the load of a server in trouble.
package struct RetryBudget: Sendable {
  private var ratio: Double
  private var minimum: Int
  package private(set) var retriesInFlight = 0

  package init(_ policy: RetryPolicy) {
    ratio = policy.budgetRatio
    minimum = max(0, policy.budgetMinimum)
  }

  /// Other limits from now on; what is taken stays taken.
  package mutating func adopt(_ policy: RetryPolicy) {
    ratio = policy.budgetRatio
    minimum = max(0, policy.budgetMinimum)
  }

  /// How many may be: max(`budgetMinimum`, `budgetRatio` × calls in flight).
  package func limit(callsInFlight: Int) -> Int {
    let share = Double(max(0, callsInFlight)) * ratio
    guard share >= 1 else { return minimum }
    return max(minimum, Int(exactly: share.rounded(.down)) ?? .max)
  }

  /// Takes one unit if there is one; call it before the delay, and `giveBack` when the try has
  /// ended.
  package mutating func take(callsInFlight: Int) -> Bool {
    guard retriesInFlight < limit(callsInFlight: callsInFlight) else { return false }
    retriesInFlight += 1
    return true
  }

  package mutating func giveBack() {
    precondition(retriesInFlight > 0, "a unit of the retry budget is given back once")
    retriesInFlight -= 1
  }
}
