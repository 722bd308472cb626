import FleetModel
import Resilience
import TestInputs
import Testing

/// What went wrong in other breakers, by its number in the list of known failures of the field.
@Suite struct BreakerPitfallTests {
  @Test
  func `a probe that never settles fails at its deadline and its result is stale (pitfall 1)`()
    throws
  {
    var breaker = Breaker.opened(at: 0)
    let probe = try breaker.admit(at: at(30)).get()
    #expect(breaker.state(at: at(59.9)) == .halfOpen)
    #expect(breaker.state(at: at(60)) == .open)
    #expect(breaker.state(at: at(90)) == .halfOpen)
    breaker.record(probe, .success, after: .seconds(31), at: at(61))
    #expect(breaker.openUntil == at(90))
    #expect(breaker.reason == "probe failed: no answer in 30 s")
    #expect(breaker.staleResults == 1)
  }

  @Test func `a neutral probe gives its slot back (pitfall 2)`() throws {
    var breaker = Breaker.opened(at: 0)
    let probes = try (0..<3).map { _ in try breaker.admit(at: at(30)).get() }
    #expect(breaker.rejection(at: at(31)) != nil)
    breaker.record(probes[1], .neutral, after: .zero, at: at(32))
    #expect(breaker.rejection(at: at(32)) == nil)
    #expect(breaker.state(at: at(32)) == .halfOpen)
  }

  @Test func `permits that are never recorded hold it up no longer than a lease (pitfall 3)`() {
    var breaker = Breaker.opened(at: 0)
    for _ in 0..<3 { _ = breaker.admit(at: at(30)) }
    #expect(breaker.call(.success, at: 59) != nil)
    // The lease and the open time are over.
    #expect(breaker.call(.success, at: 90) == nil)
    #expect(breaker.call(.success, at: 90) == nil)
    #expect(breaker.state(at: at(90)) == .closed)
  }

  @Test func `of a crowd half-open admits its permits (pitfall 4)`() {
    var breaker = Breaker.opened(at: 0)
    let admitted = (0..<1000).filter { _ in (try? breaker.admit(at: at(30)).get()) != nil }
    #expect(admitted == [0, 1, 2])
  }

  @Test func `the call that turns it half-open takes a permit itself (pitfall 5)`() throws {
    var policy = BreakerPolicy()
    policy.halfOpenPermits = 1
    var breaker = Breaker.opened(at: 0, policy)
    #expect(try breaker.admit(at: at(30)).get().isProbe)
    #expect(breaker.rejection(at: at(30)) != nil)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `ended probes never let out more than the permits (pitfall 6)`(seed: UInt64) {
    var policy = BreakerPolicy()
    policy.successThreshold = .max
    var breaker = Breaker.opened(at: 0, policy)
    var random = SplitMix64(seed: seed)
    var out: [Breaker.Permit] = []
    for _ in 0..<500 {
      if random.chance(60) {
        if case .success(let permit) = breaker.admit(at: at(30)) { out.append(permit) }
      } else if !out.isEmpty {
        let permit = out.remove(at: random.below(out.count))
        breaker.record(permit, random.chance(50) ? .neutral : .success, after: .zero, at: at(30))
      }
      #expect(out.count <= 3)
      #expect(breaker.picture(at: 30).probesInFlight == out.count)
    }
  }

  @Test(arguments: [.success, .failure("503"), .neutral] as [Breaker.Verdict])
  func `a late result of an older state is only counted as stale (pitfall 7)`(
    verdict: Breaker.Verdict
  ) throws {
    var breaker = Breaker(BreakerPolicy())
    let old = try breaker.admit(at: at(0)).get()
    for _ in 0..<5 { breaker.call(.failure("503"), at: 1) }
    func expectUnmoved(at seconds: Double, stale: Int) {
      let before = breaker.picture(at: seconds)
      breaker.record(old, verdict, after: .zero, at: at(seconds))
      #expect(breaker.picture(at: seconds) == before)
      #expect(breaker.staleResults == stale)
    }
    expectUnmoved(at: 2, stale: 1)
    breaker.call(.success, at: 31)
    expectUnmoved(at: 32, stale: 2)
    breaker.call(.success, at: 33)
    expectUnmoved(at: 34, stale: 3)
  }

  @Test func `a caller's cancellation is no failure (pitfall 8)`() {
    let cancelled = Breaker.verdict(
      on: .failure(.of(.cancelled, delivery: .unknown)), policy: BreakerPolicy())
    #expect(cancelled == .neutral)
    var breaker = Breaker(BreakerPolicy())
    for _ in 0..<100 { breaker.call(cancelled, after: .seconds(60), at: 0) }
    #expect(breaker.picture(at: 0) == BreakerSnapshot())
  }

  @Test func `cancelled probes close nothing (pitfall 9)`() {
    var breaker = Breaker.opened(at: 0)
    for _ in 0..<100 { breaker.call(.neutral, at: 30) }
    #expect(breaker.state(at: at(30)) == .halfOpen)
  }

  @Test func `calls that have not ended are in the picture (pitfall 10)`() throws {
    var breaker = Breaker.opened(at: 0)
    let probe = try breaker.admit(at: at(30)).get()
    _ = breaker.admit(at: at(31))
    #expect(breaker.picture(at: 32).probesInFlight == 2)
    breaker.record(probe, .success, after: .seconds(3), at: at(33))
    #expect(breaker.picture(at: 33).probesInFlight == 1)
  }

  @Test func `transitions wait in order until somebody asks (pitfall 11)`() {
    var breaker = Breaker.opened(at: 0)
    breaker.call(.success, at: 30)
    breaker.call(.success, at: 31)
    #expect(breaker.drainTransitions().map(\.to) == [.open, .halfOpen, .closed])
    #expect(breaker.drainTransitions().isEmpty)
  }

  @Test func `steps of the wall clock decide nothing (pitfall 12)`() {
    var (breaker, other) = (Breaker(BreakerPolicy()), Breaker(BreakerPolicy()))
    var random = SplitMix64(seed: 12)
    var seconds = 0.0
    for _ in 0..<2000 {
      let verdict: Breaker.Verdict = random.chance(50) ? .failure("503") : .success
      seconds += Double(random.below(4000)) / 1000
      breaker.call(verdict, at: seconds)
      other.call(verdict, at: seconds)
      let jump = Duration.seconds(random.below(200_000) - 100_000)
      _ = other.snapshot(at: at(seconds)) { civil($0) + jump }
      #expect(breaker.picture(at: seconds) == other.picture(at: seconds))
    }
  }

  @Test(
    arguments: 0..<20 as Range<UInt64>,
    [.seconds(60), .seconds(1), .milliseconds(7), .nanoseconds(1)] as [Duration])
  func `the window counts the listed events (pitfall 13)`(seed: UInt64, length: Duration) {
    var random = SplitMix64(seed: seed)
    var policy = BreakerPolicy()
    policy.failureLimit = .max
    policy.failureRate = 2
    policy.slowCallRate = 2
    policy.slowCallDuration = .seconds(1)
    policy.window = length
    var breaker = Breaker(policy)
    var events: [(slice: Int, isFailure: Bool, isSlow: Bool)] = []
    var now = Instant(nanoseconds: Int64.random(in: -100_000_000_000...0, using: &random))
    let sliceLength = max(1, Int(length.nanoseconds / 10))
    for _ in 0..<500 {
      let step = random.below(sliceLength * (random.chance(2) ? 15 : 1) + 1)
      now = now + .nanoseconds(step)
      let nanoseconds = Int(now.nanoseconds)
      let slice =
        (nanoseconds - ((nanoseconds % sliceLength) + sliceLength) % sliceLength)
        / sliceLength
      if random.chance(80) {
        let (isFailure, isSlow) = (random.chance(40), random.chance(30))
        breaker.call(
          isFailure ? .failure("x") : .success, after: .seconds(isSlow ? 2 : 0), at: now)
        events.append((slice, isFailure, isSlow))
      }
      let live = events.filter { $0.slice > slice - 10 }
      let picture = breaker.snapshot(at: now) { civil($0) }
      let total = Double(live.count)
      #expect(
        picture.failureRate == (live.isEmpty ? nil : Double(live.count { $0.isFailure }) / total))
      #expect(
        picture.slowCallRate == (live.isEmpty ? nil : Double(live.count { $0.isSlow }) / total))
    }
  }

  @Test
  func `failures in a row open it where the minimum of samples is never reached (pitfall 14)`() {
    var breaker = Breaker(BreakerPolicy())
    for minute in 0..<5 { breaker.call(.failure("503"), at: Double(minute) * 600) }
    #expect(breaker.state(at: at(2400)) == .open)
  }

  @Test func `breakers with seeds of their own do not probe in step (pitfall 15)`() {
    var policy = BreakerPolicy()
    policy.openJitter = 0.2
    let ends = (0..<100).map { Breaker.opened(at: 0, policy, seed: $0).openUntil }
    #expect(Set(ends).count == 100)
  }
}
