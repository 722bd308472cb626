import FleetModel
import Resilience
import Testing

/// The slow-call rule, and how long a breaker stays open.
@Suite struct BreakerRuleTests {
  private var slowPolicy: BreakerPolicy {
    var policy = BreakerPolicy()
    policy.slowCallDuration = .seconds(2)
    return policy
  }

  /// Calls as `s` slow, `f` fast, `S` slow and failed; all at once.
  private func run(_ calls: String, _ policy: BreakerPolicy) -> Breaker {
    var breaker = Breaker(policy)
    for letter in calls {
      breaker.call(
        letter == "S" ? .failure("503") : .success, after: .seconds(letter == "f" ? 2 : 2.5),
        at: 0)
    }
    return breaker
  }

  @Test func `too many slow calls open it, and the reason counts them`() {
    var policy = slowPolicy
    policy.sampleMinimum = 12
    var breaker = run("ffffsssssffs", policy)
    #expect(breaker.state(at: at(0)) == .open)
    #expect(breaker.reason == "6 of 12 calls took longer than 2 s in 60 s")
    #expect(breaker.picture(at: 0).slowCallRate == 0.5)
  }

  @Test(arguments: [
    // The tenth call completes the minimum, whichever it is.
    ("sssssssss", false), ("ssssssssss", true), ("sssssffffff", true), ("ssssffffff", false),
    ("fffffsssss", true), ("SfSfsfsfsf", true),
  ])
  func `any completed call may show that half of them are slow`(calls: String, opens: Bool) {
    let breaker = run(calls, slowPolicy)
    #expect((breaker.state(at: at(0)) == .open) == opens)
  }

  @Test func `without the rule no call is slow`() {
    var breaker = run("ssssssssssssssssssss", BreakerPolicy())
    #expect(breaker.state(at: at(0)) == .closed)
    #expect(breaker.picture(at: 0).slowCallRate == nil)
  }

  @Test func `a slow success is a failed probe`() {
    var breaker = Breaker.opened(at: 0, slowPolicy)
    breaker.call(.success, after: .seconds(3), at: 33)
    #expect(breaker.state(at: at(33)) == .open)
    #expect(breaker.reason == "probe took 3 s, longer than 2 s")
  }

  // MARK: Open times

  /// The open times of so many openings in a row.
  private func openTimes(_ count: Int, _ policy: BreakerPolicy, seed: UInt64 = 0) -> [Duration] {
    var breaker = Breaker.opened(at: 0, policy, seed: seed)
    var now = at(0)
    return (0..<count).compactMap { _ in
      guard let until = breaker.openUntil else { return nil }
      defer {
        now = until
        if case .success(let probe) = breaker.admit(at: now) {
          breaker.record(probe, .failure("503"), after: .zero, at: now)
        }
      }
      return until - now
    }
  }

  @Test func `each opening in a row is longer, up to the cap`() {
    var policy = BreakerPolicy()
    policy.openFactor = 2
    #expect(openTimes(6, policy).map(\.seconds) == [30, 60, 120, 240, 300, 300])
    #expect(openTimes(3, BreakerPolicy()).map(\.seconds) == [30, 30, 30])
  }

  @Test func `a cap below the open time does not shorten it`() {
    var policy = BreakerPolicy()
    policy.openDuration = .seconds(600)
    policy.openFactor = 2
    #expect(openTimes(2, policy).map(\.seconds) == [600, 600])
  }

  @Test func `closing makes the next opening the first in a row`() {
    var policy = BreakerPolicy()
    policy.openFactor = 3
    var breaker = Breaker.opened(at: 0, policy)
    breaker.call(.failure("503"), at: 30)
    #expect(breaker.openUntil == at(120))
    for _ in 0..<2 { breaker.call(.success, at: 120) }
    for _ in 0..<5 { breaker.call(.failure("503"), at: 121) }
    #expect(breaker.openUntil == at(151))
  }

  @Test(arguments: 0..<50 as Range<UInt64>)
  func `jitter adds up to its share, by seed and generation`(seed: UInt64) {
    var policy = BreakerPolicy()
    policy.openJitter = 0.5
    let times = openTimes(20, policy, seed: seed)
    #expect(times == openTimes(20, policy, seed: seed))
    #expect(times.allSatisfy { (30...45).contains($0.seconds) })
    #expect(Set(times).count == 20)
  }

  @Test func `extreme values neither crash nor hold it open for ever`() {
    for factor in [0, 1, .infinity, .nan, 1e300] {
      for jitter in [0, 1, 1e300] {
        for duration in [Duration.zero, .nanoseconds(1), .seconds(4_000_000_000)] {
          var policy = BreakerPolicy()
          (policy.openFactor, policy.openJitter) = (factor, jitter)
          (policy.openDuration, policy.window) = (duration, duration)
          policy.openDurationCap = .nanoseconds(Int64.max)
          let times = openTimes(10, policy)
          #expect(times.count == 10 && times.allSatisfy { $0 >= .zero })
          // Later ones may end with the clock, in 292 years.
          #expect(times.first.map { $0 >= duration } == true)
        }
      }
    }
  }
}
