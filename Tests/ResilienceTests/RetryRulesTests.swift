import FleetModel
import Resilience
import Testing

@Suite struct RetryRulesTests {
  /// A decision with everything in favour of a retry but what the test changes.
  private struct Case {
    var reply: Reply
    var policy = RetryPolicy()
    var isSafe = false
    var retriesMade = 0
    var remaining = Duration.seconds(300)
    var budget = RetryBudget(RetryPolicy())

    init(_ failure: Failure) { reply = .failure(failure) }

    mutating func decide() -> RetryDecision {
      var backoff = Backoff(policy.schedule)
      var random = SplitMix64(seed: 1)
      return RetryRules.decide(
        reply, policy: policy, isSafe: isSafe, retriesMade: retriesMade, remaining: remaining,
        backoff: &backoff, budget: &budget, callsInFlight: 1, using: &random)
    }
  }

  private func isRetry(_ decision: RetryDecision) -> Bool {
    if case .retry = decision { true } else { false }
  }

  @Test(
    arguments: [
      .nameNotResolved, .connectionRefused, .connectionReset, .tryTimeout, .malformedAnswer,
      .sessionLost, .processExited, .notConnected, .httpStatus(429), .httpStatus(500),
      .httpStatus(502), .httpStatus(503), .httpStatus(504),
    ] as [Failure.Kind])
  func `another try may cure it`(kind: Failure.Kind) {
    #expect(RetryRules.isRetryable(.failure(.of(kind))))
  }

  @Test(
    arguments: [
      .tls, .totalTimeout, .answerTooLarge, .spawnFailed, .breakerOpen, .poolExhausted, .cancelled,
      .unknownServer, .shuttingDown, .incompatibleProtocol, .unauthorized, .httpStatus(400),
      .httpStatus(404), .httpStatus(408), .httpStatus(501), .httpStatus(505), .httpStatus(302),
    ] as [Failure.Kind])
  func `another try would fail the same way`(kind: Failure.Kind) {
    var asked = Case(.of(kind))
    #expect(asked.decide() == .giveUp(.notRetryable))
    #expect(asked.budget.retriesInFlight == 0)
  }

  @Test(arguments: [
    Reply.success(.emptyObject), .toolError(.emptyObject),
    .protocolError(RPCError(code: -32603, message: "internal")),
    .protocolError(RPCError(code: -32602, message: "params", httpStatus: 400)),
  ])
  func `an answer is not tried again`(reply: Reply) {
    #expect(!RetryRules.isRetryable(reply))
  }

  @Test func `an error object under a status that is tried again is tried again`() {
    let error = RPCError(code: -32603, message: "busy", httpStatus: 502)
    var asked = Case(.of(.tryTimeout))
    asked.reply = .protocolError(error)
    #expect(asked.decide() == .giveUp(.ambiguousDelivery))
    asked.isSafe = true
    #expect(isRetry(asked.decide()))
  }

  @Test(arguments: RetryPolicy.DeliveryRule.allCases, Delivery.allCases)
  func `what may have run is repeated as the rule says`(
    rule: RetryPolicy.DeliveryRule, delivery: Delivery
  ) {
    for isSafe in [false, true] {
      var asked = Case(.of(.connectionReset, delivery: delivery))
      asked.policy.delivery = rule
      asked.isSafe = isSafe
      let mayHaveRun = delivery == .unknown || delivery == .executed
      let expected =
        switch rule {
        case .whenSafe: !mayHaveRun || isSafe
        case .atLeastOnce: true
        case .atMostOnce: !mayHaveRun
        }
      let decision = asked.decide()
      #expect(isRetry(decision) == expected)
      if !expected { #expect(decision == .giveUp(.ambiguousDelivery)) }
    }
  }

  @Test func `the last retry is the one at the limit`() {
    var asked = Case(.of(.connectionRefused))
    asked.retriesMade = 2
    #expect(isRetry(asked.decide()))
    asked.retriesMade = 3
    #expect(asked.decide() == .giveUp(.attemptsExhausted))
  }

  @Test func `it stops before a delay that would leave less than ten milliseconds`() {
    var asked = Case(.of(.connectionRefused))
    asked.policy.schedule.jitterShare = 0
    asked.remaining = .milliseconds(110)
    #expect(asked.decide() == .retry(after: .milliseconds(100)))
    asked.remaining = .milliseconds(110) - .nanoseconds(1)
    #expect(asked.decide() == .giveUp(.totalTimeout))
  }

  @Test(arguments: [(60.0, 300.0, true), (60.1, 300, false), (20, 19, false), (20, 60, true)])
  func `a hint is obeyed or the call given up, never clamped`(
    hint: Double, remaining: Double, expected: Bool
  ) {
    var asked = Case(.of(.httpStatus(503), retryAfter: Duration(fractionalSeconds: hint)))
    asked.remaining = Duration(fractionalSeconds: remaining)
    switch asked.decide() {
    case .retry(let delay): #expect(expected && delay.seconds >= hint)
    case .giveUp(let reason): #expect(!expected && reason == .retryAfterExceedsLimit)
    }
  }

  @Test func `a retry takes one unit of the budget and none is left over`() {
    var asked = Case(.of(.connectionRefused))
    for _ in 0..<3 { #expect(isRetry(asked.decide())) }
    #expect(asked.decide() == .giveUp(.budgetExhausted))
    asked.budget.giveBack()
    #expect(isRetry(asked.decide()))
    #expect(asked.budget.retriesInFlight == 3)
  }

  @Test(arguments: 0..<10)
  func `retries under way never exceed the budget`(seed: Int) {
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
}
