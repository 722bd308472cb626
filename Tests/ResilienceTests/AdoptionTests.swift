import FleetModel
import Resilience
import Testing

@Suite struct `New limits for what is under way` {
  // MARK: Breaker

  private func openBreaker(_ change: (inout BreakerPolicy) -> Void = { _ in }) -> Breaker {
    var policy = BreakerPolicy()
    policy.failureLimit = 1
    change(&policy)
    var breaker = Breaker(policy)
    breaker.fail(at: at(0))
    return breaker
  }

  @Test func `an open breaker stays open for its old time, and opens for the new one next`() {
    var breaker = openBreaker { $0.openDuration = .milliseconds(10) }
    var policy = BreakerPolicy()
    policy.openDuration = .seconds(5)
    breaker.adopt(policy, probeLease: .seconds(30))
    #expect(breaker.openUntil == at(0.01))
    breaker.fail(at: at(1))
    #expect(breaker.openUntil == at(6))
  }

  @Test func `a breaker that was opened often goes on where the times are the same`() {
    var breaker = openBreaker {
      $0.openDuration = .seconds(1)
      $0.openFactor = 2
    }
    breaker.fail(at: at(10))
    var policy = BreakerPolicy()
    policy.openDuration = .seconds(1)
    policy.openFactor = 2
    policy.halfOpenPermits = 9
    breaker.adopt(policy, probeLease: .seconds(30))
    breaker.fail(at: at(20))
    #expect(breaker.openUntil == at(24))
  }

  @Test
  func `what a closed breaker counted in a row stays, and the next failure meets the new rule`() {
    var breaker = Breaker(BreakerPolicy())
    for _ in 0..<3 { breaker.fail(at: at(1)) }
    var policy = BreakerPolicy()
    policy.failureLimit = 2
    breaker.adopt(policy, probeLease: .seconds(30))
    #expect(breaker.state(at: at(1)) == .closed)
    breaker.fail(at: at(2))
    #expect(breaker.state(at: at(2)) == .open)
  }

  @Test func `an override outlives new rules`() {
    var breaker = Breaker(BreakerPolicy())
    breaker.override(BreakerOverride(.open, owner: "anna", timeToLive: .seconds(60)), at: at(0))
    breaker.adopt(BreakerPolicy(), probeLease: .seconds(30))
    #expect(breaker.state(at: at(1)) == .forcedOpen)
    #expect(breaker.overrideEnd == at(60))
  }

  // MARK: Load

  @Test func `more places admit who waits, by rank; fewer turn nobody out`() {
    var bulkhead = Bulkhead<String>(limit: 1, queueLimit: 9, queueTimeout: .seconds(5))
    for waiter in ["a", "b", "c", "d"] { _ = bulkhead.enter(waiter, .batch, at: at(0)) }
    _ = bulkhead.enter("e", .interactive, at: at(0))
    #expect(bulkhead.adopt(limit: 3, queueLimit: 9, queueTimeout: .seconds(5)) == ["e", "b"])
    #expect(bulkhead.adopt(limit: 1, queueLimit: 0, queueTimeout: .seconds(5)) == [])
    #expect(bulkhead.running == 3 && bulkhead.waiting == 2)
    #expect(bulkhead.enter("f", .batch, at: at(1)) == .full)
    #expect(bulkhead.leave() == nil)
    #expect(bulkhead.leave() == nil)
    #expect(bulkhead.leave() == "c")
  }

  @Test func `a rate and a quota that are the same go on where they stand`() {
    var policy = LoadPolicy()
    policy.quota = 1
    policy.rate = 1
    policy.burst = 1
    var limits = RateLimits(policy)
    _ = limits.admitCall(client: "a", at: at(0))
    _ = limits.admitTry(at: at(0))
    policy.queueTimeout = .milliseconds(1)
    limits.adopt(policy)
    let (call, attempt) = (limits.admitCall(client: "a", at: at(0)), limits.admitTry(at: at(0)))
    #expect(throws: RateLimits.Refusal.self) { try call.get() }
    #expect(throws: RateLimits.Refusal.self) { try attempt.get() }
    policy.quota = 2
    policy.rate = 2
    limits.adopt(policy)
    #expect(limits.admitCall(client: "a", at: at(0)) == .success(.zero))
    #expect(limits.admitTry(at: at(0)) == .success(.zero))
    policy.quota = 0
    policy.rate = 0
    limits.adopt(policy)
    #expect(limits.isUnlimited)
  }

  @Test func `retries under way stay taken under a smaller budget`() {
    var policy = RetryPolicy()
    var budget = RetryBudget(policy)
    let taken = (0..<4).map { _ in budget.take(callsInFlight: 0) }
    #expect(taken == [true, true, true, false])
    policy.budgetMinimum = 1
    budget.adopt(policy)
    budget.giveBack()
    budget.giveBack()
    let isRefused = !budget.take(callsInFlight: 0)
    budget.giveBack()
    let isTaken = budget.take(callsInFlight: 0)
    #expect(isRefused && isTaken)
  }

  @Test func `a cache keeps its answers, unless it is to keep less or otherwise`() {
    var policy = CachePolicy()
    var cache = ResponseCache<String, Int>(policy)
    cache.insert(1, for: "a", timeToLive: nil, at: at(0))
    policy.timeToLive = .seconds(1)
    cache.adopt(policy)
    #expect(cache.value(for: "a", at: at(9)) == 1)
    policy.eviction = .fifo
    cache.adopt(policy)
    #expect(cache.value(for: "a", at: at(9)) == nil)
    #expect(cache.snapshot.hits == 1)
  }

  // MARK: Pool

  @Test func `who waits for a connection waits by the new time, since it came`() {
    var scene = PoolScene(0)
    _ = scene.pool.acquire("a", at: at(0))
    var policy = PoolPolicy()
    policy.acquireTimeout = .seconds(2)
    #expect(scene.pool.adopt(policy, opensOnDemand: true, at: at(1)) == [])
    #expect(scene.time(at(1.9)) == [])
    let actions = scene.time(at(2))
    #expect(actions.contains { if case .refuse("a", _) = $0 { true } else { false } })
    #expect(scene.pool.snapshot.waitTime == .seconds(2))
  }

  @Test func `connections in use stay; what is idle and one too many is closed`() {
    var scene = PoolScene(3)
    _ = scene.pool.acquire("a", at: at(1))
    var policy = PoolPolicy()
    policy.idleLimit = 1
    policy.openLimit = 1
    #expect(scene.pool.adopt(policy, opensOnDemand: true, at: at(2)) == [.close(.of(1))])
    #expect(scene.pool.snapshot.active == 1 && scene.pool.isConnected)
    policy.lifetime = .seconds(1)
    #expect(scene.pool.adopt(policy, opensOnDemand: true, at: at(3)).contains(.close(.of(2))))
    #expect(scene.pool.snapshot.active == 1)
  }

  @Test func `more connections are opened for those that wait`() {
    var scene = PoolScene(1) { $0.openLimit = 1 }
    _ = scene.pool.acquire("a", at: at(1))
    #expect(scene.pool.acquire("b", at: at(1)) == [])
    #expect(scene.pool.adopt(PoolPolicy(), opensOnDemand: true, at: at(2)) == [.open(.of(2))])
  }

  @Test func `a new generation is opened by the new limits, beside what is still in use`() {
    var scene = PoolScene(2)
    _ = scene.pool.acquire("a", at: at(1))
    _ = scene.pool.acquire("b", at: at(1))
    var policy = PoolPolicy()
    policy.openLimit = 2
    #expect(scene.pool.reset(adopting: policy, opensOnDemand: true, at: at(2)) == [])
    #expect(scene.pool.acquire("c", at: at(2)) == [])
    #expect(scene.release(2, by: "a", at: at(3)) == [.close(.of(2)), .open(.of(3))])
    policy.openLimit = 3
    #expect(
      scene.pool.reset(adopting: policy, opensOnDemand: true, at: at(4))
        == [.close(.of(3)), .open(.of(4))])
    #expect(scene.release(1, by: "b", at: at(5)) == [.close(.of(1))])
  }

  @Test func `a retired pool closes what is free, then what comes back, and opens nothing`() {
    var scene = PoolScene(3)
    _ = scene.pool.acquire("a", at: at(1))
    #expect(scene.pool.retire(at: at(2)) == [.close(.of(1)), .close(.of(2))])
    #expect(scene.time(at(50)) == [])
    #expect(scene.release(3, by: "a", at: at(51)) == [.close(.of(3))])
    #expect(scene.time(at(200)) == [] && scene.pool.nextDeadline == nil)
  }

  @Test func `a pool that found a stranger closes all to it, refuses and tries again later`() {
    var scene = PoolScene(2)
    _ = scene.pool.acquire("a", at: at(1))
    _ = scene.pool.acquire("b", at: at(1))
    #expect(scene.pool.acquire("c", at: at(1)) == [.open(.of(3))])
    let stranger = Failure.of(.impostor, delivery: .unknown)
    let actions = scene.pool.renounce(stranger, at: at(2), using: &scene.random)
    #expect(actions.first == .close(.of(3)))
    guard case .refuse("c", let failure)? = actions.last else {
      Issue.record("the waiter is not refused")
      return
    }
    #expect(failure.kind == .impostor && failure.delivery == .notSent)
    #expect(!scene.pool.isConnected)
    #expect(scene.release(1, by: "b", at: at(2)) == [.close(.of(1))])
    guard let due = scene.pool.reconnectDueAt else {
      Issue.record("nothing is tried again")
      return
    }
    #expect(due > at(2.5))
    #expect(scene.time(due) == [.open(.of(4))])
  }
}

extension Breaker {
  fileprivate mutating func fail(at now: Instant) {
    guard case .success(let permit) = admit(at: now) else { return }
    record(permit, .failure("503"), after: .zero, at: now)
  }
}
