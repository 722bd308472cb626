import FleetModel
import Resilience
import Testing

/// Random courses of calls, clock and operator against a naive model and the breaker's invariants.
@Suite struct BreakerModelTests {
  @Test(arguments: 0..<25)
  func `every interleaving keeps the invariants`(seed: Int) throws {
    var course = BreakerCourse(seed: UInt64(seed))
    for _ in 0..<1200 { try course.step() }
    try course.expectRecovery()
  }

  @Test(arguments: 0..<20)
  func `the failure rate is that of the listed events`(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var policy = BreakerPolicy()
    policy.failureLimit = .max
    policy.failureRate = 2
    var breaker = Breaker(policy)
    var events: [(slice: Int, isFailure: Bool)] = []
    var now = Instant(nanoseconds: Int64.random(in: -100_000_000_000...0, using: &random))
    for _ in 0..<1000 {
      now = now + .milliseconds(random.chance(2) ? random.below(80_000) : random.below(900))
      let slice = Int((Double(now.nanoseconds) / 6e9).rounded(.down))
      if random.chance(80) {
        let isFailure = random.chance(40)
        breaker.record(
          try breaker.admit(at: now).get(), isFailure ? .failure("x") : .success, at: now)
        events.append((slice, isFailure))
      }
      let live = events.filter { $0.slice > slice - 10 }
      let rate = Double(live.count { $0.isFailure }) / Double(live.count)
      #expect(breaker.failureRate(at: now) == (live.isEmpty ? nil : rate))
    }
  }
}

/// A breaker, a naive one beside it, and the calls that are out.
private struct BreakerCourse {
  private struct Out {
    var permit: Breaker.Permit
    var admittedAt: Instant
    /// Which change of state it was admitted after.
    var era: Int
  }

  private var random: SplitMix64
  private let policy = BreakerPolicy()
  private var breaker: Breaker
  private var now = Instant.origin
  private var out: [Out] = []
  private var era = 0
  /// Of the era's own calls, since it was last closed.
  private var events: [(at: Instant, isFailure: Bool)] = []
  private var inARow = 0

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    breaker = Breaker(policy)
  }

  mutating func step() throws {
    switch random.below(100) {
    case 0..<45: try admit()
    case 45..<85: record()
    case 85..<97: pass(.milliseconds(random.below(random.chance(10) ? 45_000 : 2000)))
    case 97: force { $0.forceOpen(reason: "hand", at: $1) }
    case 98: force { $0.forceClose(reason: "hand", at: $1) }
    default: force { $0.reset(reason: "hand", at: $1) }
    }
    #expect(probesOut.count <= policy.halfOpenPermits)
  }

  /// Whatever happened before, a healthy server is found again, even if no old probe ever returns.
  mutating func expectRecovery() throws {
    if breaker.state(at: now) == .forcedOpen { force { $0.reset(reason: "hand", at: $1) } }
    let limit = now + policy.openDuration + policy.openDuration + .seconds(2)
    while breaker.state(at: now) != .closed, now < limit {
      if case .success(let permit) = breaker.admit(at: now) {
        breaker.record(permit, .success, at: now)
      }
      now = now + .milliseconds(100)
    }
    #expect(breaker.state(at: now) == .closed)
  }

  private var probesOut: [Out] {
    out.filter { $0.permit.isProbe && $0.era == era && now < $0.admittedAt + policy.openDuration }
  }

  private mutating func pass(_ duration: Duration) { now = now + duration }

  private mutating func admit() throws {
    let state = breaker.state(at: now)
    let until = breaker.openUntil
    let room = policy.halfOpenPermits - probesOut.count
    let result = breaker.admit(at: now)
    follow()
    switch result {
    case .success(let permit):
      #expect(state == .closed || state == .halfOpen)
      #expect(permit.isProbe == (state == .halfOpen))
      if let until { #expect(now >= until) }
      out.append(Out(permit: permit, admittedAt: now, era: era))
    case .failure(let rejection):
      #expect(state != .closed)
      if state == .halfOpen { #expect(room <= 0) }
      if state == .open, let until = breaker.openUntil {
        #expect(rejection.retryAfter == until - now)
      }
    }
  }

  private mutating func record() {
    guard !out.isEmpty else { return }
    let call = out.remove(at: random.below(out.count))
    let isFailure = random.chance(45)
    let verdict: Breaker.Verdict =
      random.chance(15) ? .neutral : isFailure ? .failure("503") : .success
    let before = breaker.state(at: now)
    let expired = call.permit.isProbe && now >= call.admittedAt + policy.openDuration
    let isStale = call.era != era || expired
    let counts = (breaker.consecutiveFailures, breaker.failureRate(at: now))
    if !isStale, verdict != .neutral { count(isFailure) }
    breaker.record(call.permit, verdict, at: now)
    let isExpiryNoticed = follow().contains { $0.reason.hasPrefix("probe failed: no answer") }
    let after = breaker.state(at: now)
    guard !isStale, verdict != .neutral else {
      #expect(after == before)
      guard !isExpiryNoticed else { return }
      #expect(breaker.consecutiveFailures == counts.0)
      #expect(breaker.failureRate(at: now) == counts.1)
      return
    }
    if verdict == .success { #expect(after == before || after == .closed) }
    if before == .closed { #expect((after == .open) == (isFailure && mustTrip)) }
    if before == .halfOpen, isFailure, !isExpiryNoticed { #expect(after == .open) }
  }

  private mutating func count(_ isFailure: Bool) {
    events.append((now, isFailure))
    inARow = isFailure ? inARow + 1 : 0
  }

  private var mustTrip: Bool {
    let slice = { (instant: Instant) in instant.nanoseconds / 6_000_000_000 }
    let live = events.filter { slice($0.at) > slice(now) - 10 }
    let failures = live.count { $0.isFailure }
    return inARow >= 5 || (live.count >= 10 && Double(failures) / Double(live.count) >= 0.5)
  }

  private mutating func force(_ body: (inout Breaker, Instant) -> Void) {
    body(&breaker, now)
    era += 1
    follow(isHand: true)
    if breaker.state(at: now) == .closed { clear() }
  }

  private mutating func clear() {
    events = []
    inARow = 0
  }

  @discardableResult private mutating func follow(isHand: Bool = false) -> [Breaker.Transition] {
    let transitions = breaker.drainTransitions()
    for transition in transitions {
      era += 1
      let pair = (transition.from, transition.to)
      let isLegal =
        pair == (.closed, .open) || pair == (.open, .halfOpen) || pair == (.halfOpen, .closed)
        || pair == (.halfOpen, .open)
      #expect(isLegal || isHand)
      #expect(transition.at <= now)
      if transition.to == .closed { clear() }
    }
    return transitions
  }
}
