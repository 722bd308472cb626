import FleetModel
import Resilience
import TestInputs
import Testing

@Suite struct RetryBudgetTests {
  @Test(arguments: [(0, 3), (1, 3), (15, 3), (20, 4), (24, 4), (100, 20), (-7, 3)])
  func `it allows a fifth of the calls in flight, and three at least`(calls: Int, limit: Int) {
    #expect(RetryBudget(RetryPolicy()).limit(callsInFlight: calls) == limit)
  }

  @Test(arguments: 0..<20)
  func `retries under way never exceed it, whoever takes them (pitfall 22)`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var budget = RetryBudget(RetryPolicy())
    for _ in 0..<2000 {
      let calls = random.below(100)
      let before = budget.retriesInFlight
      if random.chance(60) {
        let isTaken = budget.take(callsInFlight: calls)
        #expect(isTaken == (before < max(3, calls / 5)))
        #expect(budget.retriesInFlight == before + (isTaken ? 1 : 0))
      } else if before > 0 {
        budget.giveBack()
        #expect(budget.retriesInFlight == before - 1)
      }
    }
  }

  @Test func `an outage is tried not much more often than it is called (pitfall 22)`() {
    var random = SplitMix64(seed: 4)
    let policy = RetryPolicy()
    var budget = RetryBudget(policy)
    // All calls of a burst fail at once and all of them want their three retries.
    var courses = [RetryCourse](repeating: RetryCourse(policy), count: 100)
    var attempts = 100
    for round in 0..<3 {
      var taken = 0
      for index in courses.indices where courses[index].retriesMade == round {
        let decision = RetryRules.decide(
          .failure(.of(.httpStatus(503), delivery: .refused)), target: "search", policy: policy,
          isSafe: true, course: &courses[index], remaining: .seconds(300), budget: &budget,
          callsInFlight: 100, using: &random)
        if case .retry = decision { taken += 1 }
      }
      #expect(budget.retriesInFlight == taken && taken <= 20)
      attempts += taken
      for _ in 0..<taken { budget.giveBack() }
    }
    #expect(attempts == 160)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, -1, 1e300, 1])
  func `no ratio crashes it`(ratio: Double) {
    var policy = RetryPolicy()
    policy.budgetRatio = ratio
    policy.budgetMinimum = -5
    var budget = RetryBudget(policy)
    for calls in [0, 1, Int.max, Int.min] {
      let limit = budget.limit(callsInFlight: calls)
      #expect(limit >= 0)
      #expect(budget.take(callsInFlight: calls) == (limit > 0))
      while budget.retriesInFlight > 0 { budget.giveBack() }
    }
  }
}
