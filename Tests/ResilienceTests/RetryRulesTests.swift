import FleetModel
import Resilience
import TestInputs
import Testing

/// A decision with everything in favour of a retry but what the test changes.
struct RetryCase {
  var reply: Reply
  var target: String? = "search"
  var policy: RetryPolicy { didSet { course = RetryCourse(policy) } }
  var isSafe = false
  var course: RetryCourse
  var remaining = Duration.seconds(300)
  var budget = RetryBudget(RetryPolicy())
  private var random = SplitMix64(seed: 1)

  init(_ reply: Reply) {
    self.reply = reply
    policy = RetryPolicy()
    course = RetryCourse(policy)
  }

  init(_ failure: Failure) { self.init(.failure(failure)) }

  mutating func decide() -> RetryDecision {
    RetryRules.decide(
      reply, target: target, policy: policy, isSafe: isSafe, course: &course,
      remaining: remaining, budget: &budget, callsInFlight: 1, using: &random)
  }

  /// Decides and gives back what it took, as if the retry had failed in the same way.
  mutating func decideOnceMore() -> RetryDecision {
    let decision = decide()
    if decision.isRetry { budget.giveBack() }
    return decision
  }
}

extension RetryDecision {
  var isRetry: Bool { if case .retry = self { true } else { false } }

  var delay: Duration? { if case .retry(let delay, _) = self { delay } else { nil } }
}

@Suite struct RetryRulesTests {
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
      .tls, .totalTimeout, .answerTooLarge, .spawnFailed, .poolExhausted, .bulkheadFull,
      .rateLimited, .cancelled, .unknownServer, .shuttingDown, .incompatibleProtocol,
      .unauthorized, .httpStatus(400), .httpStatus(404), .httpStatus(408), .httpStatus(501),
      .httpStatus(505), .httpStatus(302),
    ] as [Failure.Kind])
  func `another try would fail the same way`(kind: Failure.Kind) {
    var asked = RetryCase(.of(kind))
    #expect(asked.decide() == .giveUp(.notRetryable))
    #expect(asked.budget.retriesInFlight == 0)
  }

  @Test func `an open breaker is not retried (pitfall 16)`() {
    var asked = RetryCase(.of(.breakerOpen, retryAfter: .seconds(1)))
    asked.isSafe = true
    #expect(asked.decide() == .giveUp(.notRetryable))
  }

  @Test(arguments: [
    Reply.success(.emptyObject), .toolError(.emptyObject),
    .protocolError(RPCError(code: -32603, message: "internal")),
    .protocolError(RPCError(code: -32602, message: "params", httpStatus: 400)),
  ])
  func `an answer is not tried again`(reply: Reply) {
    var asked = RetryCase(reply)
    asked.isSafe = true
    #expect(asked.decide() == .giveUp(.notRetryable))
  }

  @Test func `an error object under a status that is tried again is tried again`() {
    let error = RPCError(code: -32603, message: "busy", httpStatus: 502)
    var asked = RetryCase(.protocolError(error))
    #expect(asked.decide() == .giveUp(.ambiguousDelivery))
    asked.isSafe = true
    #expect(asked.decide().isRetry)
  }

  @Test func `the last retry is the one at the limit`() {
    var asked = RetryCase(.of(.connectionRefused))
    for made in 1...3 {
      #expect(asked.decideOnceMore().isRetry)
      #expect(asked.course.retriesMade == made)
    }
    #expect(asked.decide() == .giveUp(.attemptsExhausted))
    #expect(asked.course.retriesMade == 3)
  }

  @Test(arguments: [0, 1, 500, -3])
  func `there are as many retries as the schedule says`(limit: Int) {
    var asked = RetryCase(.of(.connectionRefused))
    asked.policy.schedule.retryLimit = limit
    asked.policy.schedule.initialDelay = .zero
    for _ in 0..<max(0, limit) { #expect(asked.decideOnceMore().isRetry) }
    #expect(asked.decide() == .giveUp(.attemptsExhausted))
  }

  @Test func `the delays of one call grow from try to try`() {
    var asked = RetryCase(.of(.connectionRefused))
    asked.policy.schedule.jitter = .none
    let delays = (0..<3).map { _ in asked.decideOnceMore().delay }
    #expect(delays == [100, 200, 400].map { Duration.milliseconds($0) })
  }

  @Test func `when the server was found again the delays begin anew, the count does not`() {
    var asked = RetryCase(.of(.connectionRefused))
    asked.policy.schedule.jitter = .none
    _ = asked.decideOnceMore()
    _ = asked.decideOnceMore()
    asked.course.restartDelays()
    #expect(asked.decideOnceMore().delay == .milliseconds(100))
    #expect(asked.decide() == .giveUp(.attemptsExhausted))
  }

  @Test func `it stops before a delay that would leave less than ten milliseconds (pitfall 23)`() {
    var asked = RetryCase(.of(.connectionRefused))
    asked.policy.schedule.jitter = .none
    asked.remaining = .milliseconds(110) - .nanoseconds(1)
    #expect(asked.decide() == .giveUp(.totalTimeout))
    #expect(asked.budget.retriesInFlight == 0)
    asked.policy.schedule.jitter = .none
    asked.remaining = .milliseconds(110)
    #expect(asked.decide() == .retry(after: .milliseconds(100), isHinted: false))
  }

  @Test(arguments: 0..<20)
  func `no try begins after the deadline, however the calls end (pitfall 23)`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var asked = RetryCase(.of(.connectionRefused))
    asked.policy.schedule.retryLimit = 500
    asked.policy.schedule.jitter = RetrySchedule.Jitter.allCases[random.below(5)]
    let total = Duration.milliseconds(random.below(60_000))
    var elapsed = Duration.zero
    for _ in 0..<1000 {
      let isHinted = random.chance(30)
      asked.reply = .failure(
        .of(
          .httpStatus(503), delivery: .refused,
          retryAfter: isHinted ? .milliseconds(1 + random.below(5000)) : nil))
      asked.remaining = total - elapsed
      guard let delay = asked.decideOnceMore().delay else { break }
      elapsed += delay
      #expect(elapsed + RetryRules.shortestTry <= total)
      elapsed += .milliseconds(random.below(50))
    }
  }

  @Test(arguments: [(60.0, 300.0, true), (60.1, 300, false), (20, 19, false), (20, 60, true)])
  func `a hint is obeyed or the call given up, never clamped (pitfall 20)`(
    hint: Double, remaining: Double, expected: Bool
  ) {
    let retryAfter = Duration(fractionalSeconds: hint)
    let replies: [Reply] = [
      .failure(.of(.httpStatus(503), retryAfter: retryAfter)),
      .protocolError(
        RPCError(code: -32000, message: "", httpStatus: 429, retryAfter: retryAfter)),
    ]
    for reply in replies {
      var asked = RetryCase(reply)
      asked.remaining = Duration(fractionalSeconds: remaining)
      switch asked.decide() {
      case .retry(let delay, let isHinted):
        #expect(expected && isHinted && delay.seconds >= hint)
      case .giveUp(let reason): #expect(!expected && reason == .retryAfterExceedsLimit)
      case .resend, .deadLetter, .fallBack: Issue.record("neither a retry nor a give-up")
      }
    }
  }

  @Test(arguments: [Duration.seconds(Int64.max), .nanoseconds(Int64.max), .seconds(86_400 * 365)])
  func `a hint for ever does not overflow (pitfall 20)`(hint: Duration) {
    var asked = RetryCase(.of(.httpStatus(429), retryAfter: hint))
    #expect(asked.decide() == .giveUp(.retryAfterExceedsLimit))
    asked.policy.retryAfterLimit = .seconds(Int64.max)
    asked.remaining = .seconds(Int64.max)
    let decision = asked.decide()
    #expect(decision == .giveUp(.totalTimeout) || decision.delay.map { $0 >= hint } == true)
  }

  @Test func `a date in the past is no hint`() {
    var asked = RetryCase(.of(.httpStatus(503), retryAfter: .zero))
    asked.policy.schedule.jitter = .none
    #expect(asked.decide() == .retry(after: .milliseconds(100), isHinted: false))
  }

  @Test func `a retry takes one unit of the budget before its delay (pitfall 22)`() {
    var asked = RetryCase(.of(.connectionRefused))
    asked.policy.schedule.retryLimit = 500
    for taken in 1...3 {
      #expect(asked.decide().isRetry)
      #expect(asked.budget.retriesInFlight == taken)
    }
    #expect(asked.decide() == .giveUp(.budgetExhausted))
    asked.budget.giveBack()
    #expect(asked.decide().isRetry)
    #expect(asked.budget.retriesInFlight == 3)
  }
}

@Suite struct DeliveryTests {
  @Test(arguments: RetryPolicy.DeliveryRule.allCases, Delivery.allCases)
  func `what may have run is repeated as the rule says (pitfall 21)`(
    rule: RetryPolicy.DeliveryRule, delivery: Delivery
  ) {
    for isSafe in [false, true] {
      var asked = RetryCase(.of(.tryTimeout, delivery: delivery))
      asked.policy.delivery = rule
      asked.isSafe = isSafe
      let mayHaveRun = delivery == .unknown || delivery == .executed
      let expected =
        switch rule {
        case .whenSafe: !mayHaveRun || isSafe
        case .atLeastOnce: true
        case .atMostOnce: !mayHaveRun
        }
      #expect(RetryRules.mayRepeat(delivery, rule: rule, isSafe: isSafe) == expected)
      let decision = asked.decide()
      #expect(decision.isRetry == expected)
      if !expected { #expect(decision == .giveUp(.ambiguousDelivery)) }
    }
  }

  @Test func `a tool's own delivery rule stands before the server's (pitfall 21)`() {
    var policy = RetryPolicy()
    policy.toolDelivery = [
      ToolDelivery(tool: NamePattern("pay_*"), rule: .atMostOnce),
      ToolDelivery(tool: NamePattern("*"), rule: .atLeastOnce),
    ]
    var asked = RetryCase(.of(.tryTimeout, delivery: .unknown))
    asked.policy = policy
    asked.target = "pay_bill"
    asked.isSafe = true
    #expect(asked.decide() == .giveUp(.ambiguousDelivery))
    asked.target = "log"
    asked.isSafe = false
    #expect(asked.decide().isRetry)
    asked.target = nil
    #expect(asked.decide() == .giveUp(.ambiguousDelivery))
  }

  @Test(arguments: [
    (-32603, nil as Int?, Delivery.unknown), (-32000, nil, .unknown), (-32050, 200, .unknown),
    (-32601, nil, .refused), (-32602, 500, .refused), (-32600, 200, .refused),
    (-32700, nil, .refused), (-32000, 400, .refused), (-32000, 429, .refused),
    (-32000, 408, .unknown), (-32000, 503, .unknown), (0, nil, .unknown),
    (-32020, nil, .refused), (-32022, nil, .refused), (-32042, nil, .refused),
    (-32021, 400, .unknown), (-32021, nil, .unknown), (-32800, 400, .unknown),
  ])
  func `an error object says by its code and status whether the call may have run`(
    code: Int, status: Int?, expected: Delivery
  ) {
    let error = RPCError(code: code, message: "", httpStatus: status)
    #expect(RetryRules.delivery(of: .protocolError(error)) == expected)
  }

  @Test func `a result was executed`() {
    #expect(RetryRules.delivery(of: .success(.emptyObject)) == .executed)
    #expect(RetryRules.delivery(of: .toolError(.emptyObject)) == .executed)
  }
}

@Suite struct ResendTests {
  @Test(arguments: [.sessionLost, .processExited] as [Failure.Kind])
  func `a call whose connection was gone goes again at once, once`(kind: Failure.Kind) {
    var asked = RetryCase(.of(kind))
    #expect(asked.decide() == .resend)
    #expect(asked.budget.retriesInFlight == 0 && asked.course.retriesMade == 0)
    #expect(asked.decide().isRetry)
    #expect(asked.course.retriesMade == 1)
  }

  @Test func `also where nothing else is retried`() {
    var asked = RetryCase(.of(.sessionLost, delivery: .refused))
    asked.policy.schedule = .none
    #expect(asked.decide() == .resend)
    #expect(asked.decide() == .giveUp(.attemptsExhausted))
  }

  @Test func `also while no budget is left`() {
    var asked = RetryCase(.of(.connectionRefused))
    while asked.decide().isRetry {}
    asked.reply = .failure(.of(.sessionLost, delivery: .refused))
    #expect(asked.decide() == .resend)
  }

  @Test(
    arguments: [.notConnected, .connectionRefused, .connectionReset, .tryTimeout, .httpStatus(503)]
      as [Failure.Kind])
  func `a call that never held a connection, or holds it still, waits`(kind: Failure.Kind) {
    var asked = RetryCase(.of(kind))
    #expect(asked.decide().isRetry)
  }

  @Test(arguments: Delivery.allCases, [false, true])
  func `only what the delivery rule lets out again (pitfall 21)`(
    delivery: Delivery, isSafe: Bool
  ) {
    var asked = RetryCase(.of(.processExited, delivery: delivery))
    asked.isSafe = isSafe
    let mayHaveRun = delivery == .unknown || delivery == .executed
    #expect(asked.decide() == (mayHaveRun && !isSafe ? .giveUp(.ambiguousDelivery) : .resend))
    asked.policy.delivery = .atMostOnce
    #expect(asked.decide() == (mayHaveRun ? .giveUp(.ambiguousDelivery) : .resend))
  }

  @Test func `not when the deadline is all but over (pitfall 23)`() {
    var asked = RetryCase(.of(.sessionLost))
    asked.remaining = RetryRules.shortestTry - .nanoseconds(1)
    #expect(asked.decide() == .giveUp(.totalTimeout))
  }

  @Test func `not when a rule decides`() {
    var asked = RetryCase(.of(.sessionLost))
    asked.policy.rules = [RetryRule(causes: [.kind(.sessionLost)], action: .retry(.patient))]
    #expect(asked.decide().isRetry)
    asked.policy.rules = [RetryRule(causes: [], action: .giveUp)]
    #expect(asked.decide() == .giveUp(.ruled))
  }
}
