import FleetModel
import Resilience
import TestInputs
import Testing

@Suite struct BackoffTests {
  private func schedule(
    _ jitter: RetrySchedule.Jitter, initial: Double = 0.1, factor: Double = 2, cap: Double = 30,
    share: Double = 0.1
  ) -> RetrySchedule {
    var schedule = RetrySchedule()
    schedule.jitter = jitter
    schedule.initialDelay = Duration(fractionalSeconds: initial)
    schedule.factor = factor
    schedule.delayCap = Duration(fractionalSeconds: cap)
    schedule.jitterShare = share
    return schedule
  }

  @Test func `without jitter delays double up to the cap and stay there`() {
    var backoff = Backoff(schedule(.none, cap: 0.5))
    var random = SplitMix64(seed: 1)
    let delays = (0..<6).map { _ in backoff.nextDelay(hint: nil, using: &random) }
    #expect(delays == [100, 200, 400, 500, 500, 500].map { Duration.milliseconds($0) })
  }

  @Test(arguments: RetrySchedule.Jitter.allCases, 0..<20)
  func `every delay lies in its jitter's interval and never above the cap (pitfall 18)`(
    jitter: RetrySchedule.Jitter, seed: Int
  ) {
    var random = SplitMix64(seed: UInt64(seed))
    var policy = RetrySchedule()
    policy.jitter = jitter
    policy.delayCap = .milliseconds(Int.random(in: 1...60_000, using: &random))
    policy.initialDelay = min(.milliseconds(random.below(3000)), policy.delayCap)
    policy.factor = Double.random(in: 1...10, using: &random)
    policy.jitterShare = random.unit()
    var backoff = Backoff(policy)
    var base = policy.initialDelay.seconds
    var last = base
    let (cap, share) = (policy.delayCap.seconds, policy.jitterShare)
    for _ in 0..<100 {
      let delay = backoff.nextDelay(hint: nil, using: &random)
      let (low, high) =
        switch jitter {
        case .none: (base, base)
        case .proportional: (base * (1 - share), min(base * (1 + share), cap))
        case .full: (0, base)
        case .equal: (base / 2, base)
        case .decorrelated: (policy.initialDelay.seconds, min(cap, 3 * last))
        }
      #expect(delay.seconds >= low - 1e-6 && delay.seconds <= high + 1e-6)
      #expect(delay >= .zero && delay <= policy.delayCap)
      base = min(base * policy.factor, cap)
      last = delay.seconds
    }
  }

  @Test(arguments: [
    (RetrySchedule.Jitter.proportional, 0.9...1.0), (.full, 0.0...1.0), (.equal, 0.5...1.0),
    (.decorrelated, 0.1...1.0),
  ])
  func `at the cap delays use the whole interval and do not gather at its end (pitfall 18)`(
    jitter: RetrySchedule.Jitter, interval: ClosedRange<Double>
  ) {
    var random = SplitMix64(seed: 7)
    var tenths = [Int](repeating: 0, count: 10)
    for _ in 0..<2000 {
      var backoff = Backoff(schedule(jitter, initial: 0.1, factor: 100, cap: 1))
      for _ in 0..<12 { _ = backoff.nextDelay(hint: nil, using: &random) }
      let delay = backoff.nextDelay(hint: nil, using: &random).seconds
      let place = (delay - interval.lowerBound) / (interval.upperBound - interval.lowerBound)
      tenths[min(9, Int(place * 10))] += 1
    }
    // 200 each if spread evenly; a decorrelated one is only sometimes near the cap.
    #expect(tenths.allSatisfy { $0 > 50 })
    #expect(tenths[9] < 300)
  }

  @Test func `a decorrelated delay follows from the last one, not from the number of tries`() {
    var random = SplitMix64(seed: 2)
    var backoff = Backoff(schedule(.decorrelated, initial: 0.1, cap: 1000))
    let delays = (0..<200).map { _ in backoff.nextDelay(hint: nil, using: &random).seconds }
    #expect(zip(delays, delays.dropFirst()).allSatisfy { $1 <= 3 * $0 + 1e-6 })
    #expect(zip(delays, delays.dropFirst()).contains { $1 < $0 / 2 })
  }

  @Test(arguments: RetrySchedule.Jitter.allCases)
  func `after a restart the first delay comes again`(jitter: RetrySchedule.Jitter) {
    let policy = schedule(jitter)
    var backoff = Backoff(policy)
    var random = SplitMix64(seed: 5)
    for _ in 0..<20 { _ = backoff.nextDelay(hint: nil, using: &random) }
    backoff.restart()
    var fresh = Backoff(policy)
    var same = random
    for _ in 0..<5 {
      let delay = backoff.nextDelay(hint: nil, using: &random)
      #expect(delay == fresh.nextDelay(hint: nil, using: &same))
    }
  }

  @Test(arguments: [0.001, 0.05, 1, 30, 100], RetrySchedule.Jitter.allCases)
  func `a hint is never undercut and exceeded by a tenth at most`(
    hint: Double, jitter: RetrySchedule.Jitter
  ) {
    var random = SplitMix64(seed: 3)
    let asked = Duration(fractionalSeconds: hint)
    for _ in 0..<200 {
      var backoff = Backoff(schedule(jitter))
      let delay = backoff.nextDelay(hint: asked, using: &random)
      #expect(delay >= asked)
      #expect(delay.seconds <= max(hint, 0.3) + 0.1 * hint + 1e-6)
    }
  }

  @Test func `callers with the same hint do not come back all at once`() {
    var random = SplitMix64(seed: 3)
    let delays = (0..<100).map { _ in
      var backoff = Backoff(.standard)
      return backoff.nextDelay(hint: .seconds(10), using: &random)
    }
    #expect(Set(delays).count == 100)
    #expect(delays.contains { $0 < .seconds(10.2) } && delays.contains { $0 > .seconds(10.8) })
  }

  @Test func `a hint leaves the growth of the delays as it was`() {
    var backoff = Backoff(schedule(.none))
    var random = SplitMix64(seed: 1)
    _ = backoff.nextDelay(hint: .seconds(5), using: &random)
    #expect(backoff.nextDelay(hint: nil, using: &random) == .milliseconds(200))
  }

  @Test(arguments: [Duration.zero, .seconds(-5), .seconds(Int64.min)])
  func `a hint of nothing is none`(hint: Duration) {
    var backoff = Backoff(schedule(.none))
    var random = SplitMix64(seed: 1)
    #expect(backoff.nextDelay(hint: hint, using: &random) == .milliseconds(100))
  }

  @Test(arguments: RetrySchedule.Jitter.allCases)
  func `no value, in range or not, overflows or gives a negative delay (pitfall 17)`(
    jitter: RetrySchedule.Jitter
  ) {
    let numbers: [Double] = [
      0, 1, 2, 100, -1, .infinity, -.infinity, .nan, .greatestFiniteMagnitude,
      .leastNonzeroMagnitude,
    ]
    let times: [Duration] = [
      .zero, .nanoseconds(1), .milliseconds(100), .seconds(-1), .nanoseconds(Int64.max),
      .nanoseconds(Int64.max - 4097), .seconds(Int64.max), .seconds(Int64.min),
    ]
    var random = SplitMix64(seed: 9)
    for _ in 0..<200 {
      var policy = RetrySchedule()
      policy.jitter = jitter
      policy.factor = numbers[random.below(numbers.count)]
      policy.jitterShare = numbers[random.below(numbers.count)]
      policy.initialDelay = times[random.below(times.count)]
      policy.delayCap = times[random.below(times.count)]
      var backoff = Backoff(policy)
      for _ in 0..<20 {
        let delay = backoff.nextDelay(hint: nil, using: &random)
        #expect(delay >= .zero && delay <= max(.zero, policy.delayCap))
        #expect(backoff.nextDelay(hint: times[random.below(8)], using: &random) >= .zero)
      }
    }
  }

  @Test func `500 tries with a factor of 100 end at the cap (pitfall 17)`() {
    var backoff = Backoff(schedule(.none, factor: 100, cap: 60))
    var random = SplitMix64(seed: 9)
    let delays = (0..<500).map { _ in backoff.nextDelay(hint: nil, using: &random) }
    #expect(delays == delays.sorted())
    #expect(delays[2...].allSatisfy { $0 == .seconds(60) })
  }

  @Test func `a factor that is no number counts as one`() {
    var backoff = Backoff(schedule(.none, factor: .nan, share: .nan))
    var random = SplitMix64(seed: 9)
    for _ in 0..<5 {
      #expect(backoff.nextDelay(hint: nil, using: &random) == .milliseconds(100))
    }
  }

  @Test(arguments: RetrySchedule.Jitter.allCases)
  func `the same seed gives the same delays`(jitter: RetrySchedule.Jitter) {
    func delays(seed: UInt64) -> [Duration] {
      var backoff = Backoff(schedule(jitter))
      var random = SplitMix64(seed: seed)
      return (0..<10).map { _ in backoff.nextDelay(hint: nil, using: &random) }
    }
    #expect(delays(seed: 5) == delays(seed: 5))
    #expect((delays(seed: 5) == delays(seed: 6)) == (jitter == .none))
  }

  @Test func `the profiles are the seed systems' numbers`() {
    #expect(RetrySchedule.profiles.map(\.name) == ["standard", "patient", "toolhive", "none"])
    let schedules = RetrySchedule.profiles.map(\.schedule)
    #expect(schedules.map(\.retryLimit) == [3, 3, 99, 0])
    #expect(schedules[..<3].map(\.initialDelay) == [.milliseconds(100), .seconds(1), .seconds(1)])
    #expect(schedules[..<3].map(\.delayCap) == [.seconds(30), .seconds(60), .seconds(60)])
    #expect(schedules[..<3].map(\.factor) == [2, 2, 2])
    #expect(schedules[..<3].map(\.jitter) == [.proportional, .proportional, .none])
    #expect(schedules[..<3].map(\.jitterShare) == [0.1, 0.1, 0.1])
  }
}
