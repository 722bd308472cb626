import FleetModel
import Resilience
import TestInputs
import Testing

@Suite struct RateLimitsTests {
  private func limits(_ change: (inout LoadPolicy) -> Void) -> RateLimits {
    var policy = LoadPolicy()
    policy.queueTimeout = .seconds(1)
    change(&policy)
    return RateLimits(policy)
  }

  private func refusal(_ result: Result<Duration, RateLimits.Refusal>) -> RateLimits.Refusal? {
    if case .failure(let refusal) = result { refusal } else { nil }
  }

  @Test(arguments: [0, -1, Double.nan])
  func `nothing configured limits nothing`(rate: Double) {
    var limits = limits {
      ($0.rate, $0.callerRate) = (rate, rate)
      ($0.quota, $0.callerQuota) = (0, -1)
    }
    #expect(limits.isUnlimited)
    for _ in 0..<1000 {
      #expect(limits.admitCall(client: "a", at: at(0)) == .success(.zero))
      #expect(limits.admitTry(at: at(0)) == .success(.zero))
    }
  }

  @Test func `each limit alone is a limit`() {
    #expect(!limits { $0.rate = 1 }.isUnlimited)
    #expect(!limits { $0.callerRate = 1 }.isUnlimited)
    #expect(!limits { $0.quota = 1 }.isUnlimited)
    #expect(!limits { $0.callerQuota = 1 }.isUnlimited)
  }

  @Test func `tries beyond the server's rate wait, and those that would wait too long are refused`()
  {
    var limits = limits { ($0.rate, $0.burst) = (2, 1) }
    #expect(limits.admitTry(at: at(0)) == .success(.zero))
    #expect(limits.admitTry(at: at(0)) == .success(.milliseconds(500)))
    #expect(limits.admitTry(at: at(0)) == .success(.seconds(1)))
    let refusal = refusal(limits.admitTry(at: at(0)))
    #expect(refusal?.retryAfter == .milliseconds(1500))
    #expect(refusal?.reason == "the server is over its rate of 2 tries a second")
    #expect(limits.admitCall(client: "a", at: at(0)) == .success(.zero))
  }

  @Test func `one caller over its rate leaves the others theirs`() {
    var limits = limits { ($0.callerRate, $0.callerBurst, $0.queueTimeout) = (0.5, 1, .zero) }
    #expect(limits.admitCall(client: "greedy", at: at(0)) == .success(.zero))
    let refusal = refusal(limits.admitCall(client: "greedy", at: at(0)))
    #expect(refusal?.retryAfter == .seconds(2))
    #expect(refusal?.reason == "caller 'greedy' is over its rate of 0.5 calls a second")
    #expect(limits.admitCall(client: "modest", at: at(0)) == .success(.zero))
    #expect(limits.admitCall(client: "greedy", at: at(2)) == .success(.zero))
  }

  @Test func `quotas name what is used up and when it comes back`() {
    var limits = limits { ($0.quota, $0.callerQuota, $0.quotaPeriod) = (3, 2, .seconds(60)) }
    for _ in 0..<2 { #expect(limits.admitCall(client: "a", at: at(0)) == .success(.zero)) }
    let first = refusal(limits.admitCall(client: "a", at: at(10)))
    #expect(first?.retryAfter == .seconds(50))
    #expect(first?.reason == "caller 'a' has used up its quota of 2 calls in 60 s")
    #expect(limits.admitCall(client: "b", at: at(10)) == .success(.zero))
    let second = refusal(limits.admitCall(client: "b", at: at(20)))
    #expect(second?.retryAfter == .seconds(40))
    #expect(second?.reason == "the server's quota of 3 calls in 60 s is used up")
    #expect(limits.admitCall(client: "a", at: at(60)) == .success(.zero))
  }

  @Test func `a refused call uses up nothing of the other limits`() {
    var limits = limits {
      ($0.callerRate, $0.callerBurst, $0.queueTimeout) = (0.001, 2, .zero)
      ($0.quota, $0.callerQuota, $0.quotaPeriod) = (1, 2, .seconds(60))
    }
    #expect(limits.admitCall(client: "first", at: at(0)) == .success(.zero))
    for _ in 0..<20 { #expect(refusal(limits.admitCall(client: "a", at: at(0))) != nil) }
    #expect(limits.admitCall(client: "a", at: at(60)) == .success(.zero))
    // The rate still has one of its two, and the caller's quota one.
    #expect(limits.admitCall(client: "a", at: at(120)) == .success(.zero))
  }

  @Test func `filling the table gives nobody a fresh allowance`() {
    var limits = limits { ($0.callerQuota, $0.quotaPeriod) = (1, .seconds(60)) }
    func fill(_ prefix: String, _ count: Int, at now: Instant) -> Int {
      (0..<count).count {
        refusal(limits.admitCall(client: "\(prefix)\($0)", at: now)) == nil
      }
    }
    #expect(limits.admitCall(client: "greedy", at: at(0)) == .success(.zero))
    // All others together have one more allowance.
    #expect(fill("a", 5000, at: at(1)) == RateLimits.callerLimit)
    #expect(fill("b", 5000, at: at(2)) == 0)
    #expect(refusal(limits.admitCall(client: "greedy", at: at(3)))?.retryAfter == .seconds(57))
    let reason = refusal(limits.admitCall(client: "b", at: at(3)))?.reason
    #expect(
      reason == "caller 'b', which shares its limits with others,"
        + " has used up its quota of 1 calls in 60 s")
  }

  @Test func `callers that are idle make room, and only they`() {
    var limits = limits { ($0.callerQuota, $0.quotaPeriod) = (2, .seconds(60)) }
    for number in 0..<RateLimits.callerLimit {
      _ = limits.admitCall(client: "old\(number)", at: at(0))
    }
    // Half of them come again in the next period.
    for number in 0..<500 { _ = limits.admitCall(client: "old\(number)", at: at(61)) }
    let admitted = (0..<1000).count { number in
      (0..<2).allSatisfy { _ in
        refusal(limits.admitCall(client: "new\(number)", at: at(62))) == nil
      }
    }
    // Five hundred with two each of their own, and two from what the rest share.
    #expect(admitted == 501)
    for number in 0..<500 {
      #expect(limits.admitCall(client: "old\(number)", at: at(63)) == .success(.zero))
      #expect(refusal(limits.admitCall(client: "old\(number)", at: at(63))) != nil)
    }
  }

  @Test func `callers with endless names share one allowance`() {
    var limits = limits { ($0.callerQuota, $0.quotaPeriod) = (5, .seconds(60)) }
    let long = String(repeating: "x", count: RateLimits.callerNameLimit + 1)
    let admitted = (0..<100).count {
      refusal(limits.admitCall(client: long + "\($0)", at: at(0))) == nil
    }
    #expect(admitted == 5)
    for part in ["y", "\u{301}"] {
      let endless = refusal(
        limits.admitCall(client: "y" + String(repeating: part, count: 1 << 20), at: at(1)))
      #expect((endless?.reason.utf8.count ?? .max) < 600)
    }
  }

  @Test(arguments: 0..<20)
  func `it agrees with limits kept for every caller while there are few`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var policy = LoadPolicy()
    policy.queueTimeout = .milliseconds(random.below(2000))
    (policy.callerRate, policy.callerBurst) = (0.5 + random.unit(), 1 + random.below(3))
    (policy.callerQuota, policy.quota) = (3 + random.below(5), 20 + random.below(20))
    policy.quotaPeriod = .seconds(20)
    var limits = RateLimits(policy)
    var rates = (0..<8).map { _ in
      TokenBucket(rate: policy.callerRate, burst: policy.callerBurst)
    }
    var quotas = (0..<8).map { _ in Quota(limit: policy.callerQuota, period: .seconds(20)) }
    var whole = Quota(limit: policy.quota, period: .seconds(20))
    for step in 0..<1000 {
      let (now, caller) = (at(Double(step) * 0.1), random.below(8))
      let hasQuota = quotas[caller].remaining(at: now) > 0 && whole.remaining(at: now) > 0
      let isInTime = rates[caller].wait(at: now) <= policy.queueTimeout
      let result = limits.admitCall(client: "caller \(caller)", at: now)
      if hasQuota, isInTime {
        #expect(result == .success(rates[caller].wait(at: now)))
        _ = rates[caller].take(at: now, waitingUpTo: policy.queueTimeout)
        _ = quotas[caller].take(at: now)
        _ = whole.take(at: now)
      } else {
        #expect(refusal(result).map { $0.retryAfter > .zero } == true)
      }
    }
  }
}
