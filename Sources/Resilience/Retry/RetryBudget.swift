package import FleetModel

/// How many retries of one server may be under way at once, shared by all its callers, so that
/// retries cannot multiply the load of a server in trouble.
package struct RetryBudget: Sendable {
  private let policy: RetryPolicy
  package private(set) var retriesInFlight = 0

  package init(_ policy: RetryPolicy) { self.policy = policy }

  /// Takes one unit if fewer than max(`budgetMinimum`, `budgetRatio` × calls in flight) are taken;
  /// call it before the delay, and `giveBack` when the try has ended.
  package mutating func take(callsInFlight: Int) -> Bool {
    let share = (Double(max(0, callsInFlight)) * policy.budgetRatio).rounded(.down)
    let limit = max(policy.budgetMinimum, Int(exactly: share) ?? 0)
    guard retriesInFlight < limit else { return false }
    retriesInFlight += 1
    return true
  }

  package mutating func giveBack() {
    precondition(retriesInFlight > 0, "a unit of the retry budget is given back once")
    retriesInFlight -= 1
  }
}
