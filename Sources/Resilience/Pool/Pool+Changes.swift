package import FleetModel

// What the operator changes while connections are open, and what makes all of them worthless.
extension Pool {
  /// When it is tried again by itself; nil while no delay runs.
  package var reconnectDueAt: Instant? { reconnect.dueAt }

  /// Other limits from now on. What is open, in use or waiting stays, and waits by the new limit;
  /// what is more than may be idle is closed.
  package mutating func adopt(
    _ policy: PoolPolicy, opensOnDemand: Bool, at now: Instant
  ) -> [Action] {
    let fresh = PoolLimits(policy)
    moveWaiters(from: limits.acquireTimeout, to: fresh.acquireTimeout)
    self.policy = policy
    self.opensOnDemand = opensOnDemand
    limits = fresh
    members.adopt(fresh)
    reconnect.adopt(policy, at: now)
    guard !isStopped else { return [] }
    var actions = closing(members.removeExpired(at: now))
    actions += serveWaiters(at: now)
    actions += closing(members.removeSurplus(at: now))
    return actions + provide(at: now)
  }

  /// A new generation as after `reset`, whose first connection is opened by the new limits.
  package mutating func reset(
    adopting policy: PoolPolicy, opensOnDemand: Bool, at now: Instant
  ) -> [Action] {
    guard !isStopped else { return [] }
    return endGeneration(at: now) + adopt(policy, opensOnDemand: opensOnDemand, at: now)
  }

  /// All by the same time, so that their order stays; when each came is known by its deadline.
  private mutating func moveWaiters(from old: Int64, to new: Int64) {
    guard old != new else { return }
    var moved: [(waiter: Waiter, deadline: Instant)] = []
    while let deadline = waiters.next, let waiter = waiters.popFirst() {
      moved.append((waiter, Instant(nanoseconds: deadline.nanoseconds - old).after(new)))
    }
    for entry in moved { waiters.set(entry.waiter, at: entry.deadline) }
  }

  /// Nothing is opened or granted any more: what is free closes now, what is in use when it is
  /// given back. Nobody may be waiting.
  package mutating func retire(at now: Instant) -> [Action] {
    precondition(waiters.count == 0, "a pool that ends has nobody waiting")
    isStopped = true
    earlyDeaths = [:]
    earlyEnds = 0
    reconnect.clear()
    return closing(members.retireAll(at: now))
  }

  /// Whoever answers is not whom these connections were for: what is free closes now, what is in
  /// use when it is given back, all who wait are refused, and after a delay it is tried anew.
  package mutating func renounce(
    _ failure: Failure, at now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    let actions = closing(members.retireAll(at: now))
    earlyDeaths = [:]
    lastFailure = failure
    consecutiveOpenFailures += 1
    reconnect.prepare(using: &random)
    reconnect.schedule(at: now)
    return actions + refuseAll(unsent(failure), at: now)
  }
}
