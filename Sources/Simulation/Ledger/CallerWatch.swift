import FleetModel

/// Calls of one server against its quotas and its callers' rates: those that reached the wire, by
/// the times they came, because that is when their turns were given out.
struct CallerWatch: Sendable {
  private var calls: [(came: Instant, client: String)] = []

  /// A call has reached the wire for the first time.
  mutating func sent(client: String, came: Instant, _ policy: LoadPolicy) {
    guard policy.callerRate > 0 || policy.callerQuota > 0 || policy.quota > 0 else { return }
    calls.append((came, client))
  }

  /// When which limits were broken, each once.
  func broken(_ policy: LoadPolicy) -> [(at: Instant, words: String)] {
    let sorted = calls.sorted { $0.came < $1.came }
    var found: [(at: Instant, words: String)] = []
    // A period begins with its first call, so any stretch as long as one touches two.
    if policy.quota > 0, let at = first(of: sorted.map(\.came), over: 2 * policy.quota, policy) {
      found.append((at, "more calls than two quotas of \(policy.quota)"))
    }
    for client in Set(sorted.map(\.client)).sorted() {
      let times = sorted.filter { $0.client == client }.map(\.came)
      if policy.callerQuota > 0,
        let at = first(of: times, over: 2 * policy.callerQuota, policy)
      {
        found.append((at, "more calls of \(client) than two quotas of \(policy.callerQuota)"))
      }
      if policy.callerRate > 0, let at = firstOverRate(times, policy) {
        found.append((at, "more calls of \(client) than its rate of \(policy.callerRate)"))
      }
    }
    return found
  }

  /// The first call that makes more than `limit` in a period's length.
  private func first(of times: [Instant], over limit: Int, _ policy: LoadPolicy) -> Instant? {
    zip(times, times.dropFirst(limit)).first { $1 - $0 < policy.quotaPeriod }?.1
  }

  private func firstOverRate(_ times: [Instant], _ policy: LoadPolicy) -> Instant? {
    // A turn may be promised for as long ahead as a call may wait.
    let limit =
      Double(policy.callerBurst) + policy.callerRate * policy.queueTimeout.seconds + 1.001
    var level = 0.0
    var last = Instant.origin
    return times.first { time in
      level = max(0, level - policy.callerRate * (time - last).seconds) + 1
      last = time
      return level > limit
    }
  }
}
