import FleetModel
import Resilience

/// What holds calls back, and what sends them again.
enum LoadBenchmarks {
  static let all = [
    MicroBenchmark(
      id: "bulkhead", name: "bulkhead, a place free: enter and leave", peers: ["semaphore"]
    ) { count in
      let instants = MicroBenchmark.readings(count)
      return {
        var bulkhead = Bulkhead<CallID>(limit: 10, queueLimit: 1000, queueTimeout: .seconds(5))
        var entered: UInt64 = 0
        for now in instants {
          let entry = bulkhead.enter(CallID(high: 1, low: entered), .interactive, at: now)
          guard entry == .entered, bulkhead.leave() == nil else { continue }
          entered += 1
        }
        try MicroBenchmark.expect(Int(entered), count, "a place")
      }
    },
    MicroBenchmark(
      id: "token-bucket", name: "token bucket: take a token that is there", peers: ["rate"]
    ) { count in
      let instants = MicroBenchmark.readings(count)
      return {
        var bucket = TokenBucket(rate: 1e9, burst: 1_000_000)
        var taken = 0
        for now in instants where bucket.take(at: now, waitingUpTo: .zero) == .zero { taken += 1 }
        try MicroBenchmark.expect(taken, count, "a token")
      }
    },
    MicroBenchmark(
      id: "rate-limits", name: "rates: admit a call of one of 10 known callers, and its try"
    ) { count in
      var policy = LoadPolicy()
      (policy.rate, policy.burst) = (1e9, 1_000_000)
      (policy.callerRate, policy.callerBurst) = (1e9, 1_000_000)
      let instants = MicroBenchmark.readings(count)
      let clients = (0..<10).map { "agent-\($0)" }
      return { [policy] in
        var limits = RateLimits(policy)
        var admitted = 0
        for (turn, now) in instants.enumerated() {
          guard case .success(.zero) = limits.admitCall(client: clients[turn % 10], at: now),
            case .success(.zero) = limits.admitTry(at: now)
          else { continue }
          admitted += 1
        }
        try MicroBenchmark.expect(admitted, count, "an admission")
      }
    },
    MicroBenchmark(
      id: "retry-none", name: "retry decision after a success: nothing more to do",
      peers: ["tenacity", "stamina"]
    ) { count in
      { try decide(.success(.emptyObject), count) { $0 == .giveUp(.notRetryable) } }
    },
    MicroBenchmark(
      id: "retry", name: "retry decision after a 503: again, after a delay with jitter",
      peers: ["backoff"]
    ) { count in
      let reply = Reply.failure(
        Failure(.httpStatus(503), "HTTP 503", delivery: .refused))
      return {
        try decide(reply, count) { if case .retry = $0 { true } else { false } }
      }
    },
  ]

  private static func decide(
    _ reply: Reply, _ count: Int, _ isWanted: (RetryDecision) -> Bool
  ) throws {
    let policy = RetryPolicy()
    var budget = RetryBudget(policy)
    var random = SplitMix64(seed: 1)
    var wanted = 0
    for _ in 0..<count {
      var course = RetryCourse(policy)
      let decision = RetryRules.decide(
        reply, target: "echo", policy: policy, isSafe: true, course: &course,
        remaining: .seconds(300), budget: &budget, callsInFlight: 10, using: &random)
      if budget.retriesInFlight > 0 { budget.giveBack() }
      if isWanted(decision) { wanted += 1 }
    }
    try MicroBenchmark.expect(wanted, count, "such a decision")
  }
}
