import FleetModel
import Resilience
import Testing

@Suite struct BackoffTests {
  @Test func `without jitter delays double up to the cap`() {
    var policy = RetrySchedule()
    policy.jitterShare = 0
    policy.delayCap = .milliseconds(500)
    var backoff = Backoff(policy)
    var random = SplitMix64(seed: 1)
    let delays = (0..<5).map { _ in backoff.nextDelay(hint: nil, using: &random) }
    #expect(delays == [100, 200, 400, 500, 500].map { Duration.milliseconds($0) })
  }

  @Test(arguments: 0..<20)
  func `a delay stays in its interval and never above the cap`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var policy = RetrySchedule()
    policy.initialDelay = .milliseconds(Int.random(in: 0...3000, using: &random))
    policy.factor = Double.random(in: 1...10, using: &random)
    policy.delayCap = .milliseconds(Int.random(in: 1...60_000, using: &random))
    policy.jitterShare = Double.random(in: 0...1, using: &random)
    var backoff = Backoff(policy)
    var base = min(policy.initialDelay, policy.delayCap).seconds
    for _ in 0..<500 {
      let delay = backoff.nextDelay(hint: nil, using: &random)
      let high = min(base * (1 + policy.jitterShare), policy.delayCap.seconds)
      #expect(delay.seconds >= base * (1 - policy.jitterShare) - 1e-6)
      #expect(delay.seconds <= high + 1e-6)
      #expect(delay <= policy.delayCap)
      base = min(base * policy.factor, policy.delayCap.seconds)
    }
  }

  @Test func `jitter uses the whole interval`() {
    var random = SplitMix64(seed: 7)
    var policy = RetrySchedule()
    policy.jitterShare = 0.1
    let delays = (0..<1000).map { _ in
      var backoff = Backoff(policy)
      return backoff.nextDelay(hint: nil, using: &random).seconds
    }
    #expect(delays.allSatisfy { (0.09...0.11).contains($0) })
    #expect(delays.contains { $0 < 0.092 } && delays.contains { $0 > 0.108 })
  }

  @Test(arguments: [0.001, 0.05, 1, 30, 100])
  func `a hint is never undercut and exceeded by a tenth at most`(hint: Double) {
    var random = SplitMix64(seed: 3)
    let asked = Duration(fractionalSeconds: hint)
    for _ in 0..<200 {
      var backoff = Backoff(.standard)
      let delay = backoff.nextDelay(hint: asked, using: &random)
      #expect(delay >= asked)
      #expect(delay.seconds <= max(hint, 0.11) + 0.1 * hint + 1e-6)
    }
  }

  @Test func `a hint leaves the growth of the delays as it was`() {
    var policy = RetrySchedule()
    policy.jitterShare = 0
    var backoff = Backoff(policy)
    var random = SplitMix64(seed: 1)
    _ = backoff.nextDelay(hint: .seconds(5), using: &random)
    #expect(backoff.nextDelay(hint: nil, using: &random) == .milliseconds(200))
  }

  @Test func `the largest numbers neither overflow nor turn negative`() {
    var policy = RetrySchedule()
    policy.factor = .greatestFiniteMagnitude
    policy.delayCap = .nanoseconds(Int64.max)
    policy.jitterShare = 1
    var backoff = Backoff(policy)
    var random = SplitMix64(seed: 9)
    for _ in 0..<500 {
      #expect(backoff.nextDelay(hint: .nanoseconds(Int64.max), using: &random) >= .zero)
    }
  }

  @Test func `the same seed gives the same delays`() {
    func delays(seed: UInt64) -> [Duration] {
      var backoff = Backoff(.standard)
      var random = SplitMix64(seed: seed)
      return (0..<10).map { _ in backoff.nextDelay(hint: nil, using: &random) }
    }
    #expect(delays(seed: 5) == delays(seed: 5))
    #expect(delays(seed: 5) != delays(seed: 6))
  }
}
