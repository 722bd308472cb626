import FleetModel
import Resilience
import TestInputs
import Testing

@Suite struct TokenBucketTests {
  @Test func `after a pause a burst goes at once, then one at a time`() {
    var bucket = TokenBucket(rate: 10, burst: 3)
    let waits = (0..<5).map { _ in bucket.take(at: at(100), waitingUpTo: .seconds(1)) }
    #expect(waits == [0, 0, 0, 100, 200].map { Duration.milliseconds($0) })
    #expect(bucket.take(at: at(100.2), waitingUpTo: .zero) == nil)
    #expect(bucket.take(at: at(100.3), waitingUpTo: .zero) == .zero)
  }

  @Test func `a token that would come too late is not taken`() {
    var bucket = TokenBucket(rate: 1, burst: 1)
    _ = bucket.take(at: at(0), waitingUpTo: .zero)
    for _ in 0..<10 {
      #expect(bucket.take(at: at(0), waitingUpTo: .milliseconds(999)) == nil)
    }
    #expect(bucket.wait(at: at(0)) == .seconds(1))
    #expect(bucket.take(at: at(0), waitingUpTo: .seconds(1)) == .seconds(1))
  }

  @Test func `no more than the burst is saved up`() {
    var bucket = TokenBucket(rate: 1000, burst: 2)
    _ = bucket.take(at: at(0), waitingUpTo: .zero)
    let waits = (0..<3).map { _ in bucket.take(at: at(1e6), waitingUpTo: .zero) }
    #expect(waits == [.zero, .zero, nil])
  }

  @Test func `a token given back is there again, but no more than were taken`() {
    var bucket = TokenBucket(rate: 1, burst: 2)
    for _ in 0..<3 {
      #expect(bucket.take(at: at(0), waitingUpTo: .zero) == .zero)
      #expect(bucket.take(at: at(0), waitingUpTo: .zero) == .zero)
      #expect(bucket.take(at: at(0), waitingUpTo: .zero) == nil)
      bucket.giveBack()
      bucket.giveBack()
    }
    bucket.giveBack()
    let waits = (0..<3).map { _ in bucket.take(at: at(0), waitingUpTo: .zero) }
    #expect(waits == [.zero, .zero, nil])
  }

  @Test(arguments: 0..<20)
  func `in any span of time no more than the burst and the rate go`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let (rate, burst) = (0.3 + 30 * random.unit(), 1 + random.below(20))
    var bucket = TokenBucket(rate: rate, burst: burst)
    var now = 0.0
    var starts: [Double] = []
    for _ in 0..<400 {
      now += random.chance(10) ? 10 * random.unit() : 0.05 * random.unit()
      if let wait = bucket.take(
        at: at(now), waitingUpTo: .milliseconds(random.below(2) * 500))
      {
        starts.append(now + wait.seconds)
      }
    }
    #expect(starts.count > burst)
    #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 <= $1 + 1e-6 })
    for (first, start) in starts.enumerated() {
      let worst = starts[first...].enumerated().allSatisfy { offset, end in
        Double(offset + 1) <= Double(burst) + rate * (end - start) + 1e-3
      }
      #expect(worst, "from \(start)")
    }
  }

  @Test(arguments: [0.25, 1, 3, 7, 1000 / 3.0, 12_345.678])
  func `what is asked for steadily goes at the rate`(rate: Double) {
    var bucket = TokenBucket(rate: rate, burst: 2)
    let end = 10_000 / rate
    let taken = (0..<40_000).count { step in
      bucket.take(at: at(Double(step) * end / 40_000), waitingUpTo: .zero) != nil
    }
    #expect((9_998...10_001).contains(taken))
  }

  @Test(arguments: [Double.nan, 0, -1, .infinity, 1e-300, 1e300], [Int.min, 0, 1, 10, Int.max])
  func `no rate and no burst crashes it or gives out more than the burst for ever`(
    rate: Double, burst: Int
  ) {
    var bucket = TokenBucket(rate: rate, burst: burst)
    for instant in [Instant(nanoseconds: .min), .origin, Instant(nanoseconds: .max)] {
      #expect(bucket.wait(at: instant) >= .zero)
      _ = bucket.take(at: instant, waitingUpTo: .seconds(Int64.max))
      _ = bucket.take(at: instant, waitingUpTo: .seconds(-1))
      bucket.giveBack()
    }
    if !(rate > 1), burst <= 10 {
      var slow = TokenBucket(rate: rate, burst: burst)
      let taken = (0..<100).count { _ in slow.take(at: at(1e6), waitingUpTo: .zero) != nil }
      #expect(taken == max(1, burst))
    }
  }
}

@Suite struct QuotaTests {
  @Test func `so many in a period, and again in the next`() {
    var quota = Quota(limit: 2, period: .seconds(60))
    #expect(quota.take(at: at(5)) == nil)
    #expect(quota.take(at: at(20)) == nil)
    #expect(quota.remaining(at: at(20)) == 0)
    #expect(quota.take(at: at(25)) == .seconds(40))
    #expect(quota.take(at: at(64.9)) == .milliseconds(100))
    #expect(quota.remaining(at: at(65)) == 2)
    #expect(quota.take(at: at(65)) == nil)
    #expect(quota.remaining(at: at(65)) == 1)
  }

  @Test func `one that is refused begins no period`() {
    var quota = Quota(limit: 1, period: .seconds(60))
    #expect(quota.wait(at: at(0)) == .zero)
    #expect(quota.take(at: at(30)) == nil)
    #expect(quota.take(at: at(40)) == .seconds(50))
    #expect(quota.wait(at: at(90)) == .zero)
    #expect(quota.take(at: at(100)) == nil)
    #expect(quota.wait(at: at(101)) == .seconds(59))
  }

  @Test(arguments: [Int.min, 0, 1, Int.max], [Duration.seconds(-1), .zero, .seconds(Int64.max)])
  func `no limit and no period crashes it`(limit: Int, period: Duration) {
    var quota = Quota(limit: limit, period: period)
    for instant in [Instant(nanoseconds: .min), .origin, Instant(nanoseconds: .max)] {
      let remaining = quota.remaining(at: instant)
      #expect(remaining >= 0)
      #expect((quota.take(at: instant) == nil) == (remaining > 0))
    }
  }
}
