import FleetModel
import Resilience
import Testing

@Suite struct OperatorRulesTests {
  private func schedule(retries: Int, initial: Duration) -> RetrySchedule {
    var schedule = RetrySchedule()
    schedule.retryLimit = retries
    schedule.initialDelay = initial
    schedule.jitter = .none
    return schedule
  }

  @Test(arguments: [
    (RetryRule.Action.giveUp, RetryDecision.giveUp(.ruled)), (.deadLetter, .deadLetter),
    (.fallBack, .fallBack),
  ])
  func `a rule that ends a call ends it, retryable or not`(
    action: RetryRule.Action, expected: RetryDecision
  ) {
    for kind: Failure.Kind in [.connectionRefused, .unauthorized] {
      var asked = RetryCase(.of(kind))
      asked.policy.rules = [RetryRule(causes: [.kind(kind)], action: action)]
      #expect(asked.decide() == expected)
      #expect(asked.budget.retriesInFlight == 0 && asked.course.retriesMade == 0)
    }
  }

  @Test func `the first rule that fits decides`() {
    var asked = RetryCase(.of(.httpStatus(429), delivery: .refused))
    asked.policy.rules = [
      RetryRule(causes: [.status(500...599)], action: .giveUp),
      RetryRule(causes: [], target: NamePattern("pay_*"), action: .deadLetter),
      RetryRule(causes: [.kind(.tls), .status(429...429)], action: .fallBack),
      RetryRule(causes: [], action: .giveUp),
    ]
    #expect(asked.decide() == .fallBack)
    asked.target = "pay_bill"
    #expect(asked.decide() == .deadLetter)
    asked.target = nil
    asked.reply = .failure(.of(.tryTimeout))
    #expect(asked.decide() == .giveUp(.ruled))
  }

  @Test func `without a rule that fits the built-in rules decide`() {
    var asked = RetryCase(.of(.connectionRefused))
    asked.policy.rules = [RetryRule(causes: [.code(-32603 ... -32603)], action: .giveUp)]
    #expect(asked.decide().isRetry)
    asked.reply = .failure(.of(.unauthorized))
    #expect(asked.decide() == .giveUp(.notRetryable))
  }

  @Test func `a rule retries by its own schedule what the built-in rules would not`() {
    var asked = RetryCase(.protocolError(RPCError(code: -32603, message: "", httpStatus: nil)))
    asked.isSafe = true
    asked.policy.rules = [
      RetryRule(
        causes: [.code(-32603 ... -32603)],
        action: .retry(schedule(retries: 2, initial: .seconds(2))))
    ]
    #expect(asked.decide() == .retry(after: .seconds(2), isHinted: false))
    #expect(asked.decide() == .retry(after: .seconds(4), isHinted: false))
    #expect(asked.decide() == .giveUp(.attemptsExhausted))
  }

  @Test func `the schedules of one call count and grow apart, its retries together`() {
    var asked = RetryCase(.of(.connectionRefused))
    asked.policy.schedule = schedule(retries: 2, initial: .milliseconds(100))
    asked.policy.rules = [
      RetryRule(
        causes: [.status(429...429)], action: .retry(schedule(retries: 2, initial: .seconds(1)))),
      RetryRule(
        causes: [.status(503...503)], action: .retry(schedule(retries: 1, initial: .seconds(7)))),
    ]
    let failures: [Failure.Kind] = [
      .httpStatus(429), .connectionRefused, .httpStatus(503), .httpStatus(429),
      .connectionRefused,
    ]
    let delays = failures.map { kind in
      asked.reply = .failure(.of(kind, delivery: .refused))
      return asked.decideOnceMore().delay
    }
    #expect(
      delays == [
        .seconds(1), .milliseconds(100), .seconds(7), .seconds(2), .milliseconds(200),
      ])
    #expect(asked.course.retriesMade == 5)
    for kind in failures {
      asked.reply = .failure(.of(kind, delivery: .refused))
      #expect(asked.decide() == .giveUp(.attemptsExhausted))
    }
  }

  @Test func `the delivery rule holds whatever a rule says (pitfall 21)`() {
    for reply: Reply in [
      .failure(.of(.tryTimeout, delivery: .unknown)),
      .protocolError(RPCError(code: -32603, message: "", httpStatus: nil)),
    ] {
      var asked = RetryCase(reply)
      asked.policy.rules = [RetryRule(causes: [], action: .retry(.standard))]
      #expect(asked.decide() == .giveUp(.ambiguousDelivery))
      asked.policy.delivery = .atLeastOnce
      #expect(asked.decide().isRetry)
    }
  }

  @Test(arguments: [Reply.success(.emptyObject), .toolError(.emptyObject)])
  func `a rule never applies to an answer`(reply: Reply) {
    for action: RetryRule.Action in [.retry(.standard), .deadLetter, .fallBack, .giveUp] {
      var asked = RetryCase(reply)
      asked.isSafe = true
      asked.policy.rules = [RetryRule(causes: [], action: action)]
      #expect(asked.decide() == .giveUp(.notRetryable))
    }
  }

  @Test(
    arguments: [
      .cancelled, .totalTimeout, .shuttingDown, .unknownServer, .bulkheadFull, .rateLimited,
    ] as [Failure.Kind])
  func `no rule changes the caller's end, the engine's or our own limits`(kind: Failure.Kind) {
    var asked = RetryCase(.of(kind))
    asked.policy.rules = [RetryRule(causes: [], action: .retry(.standard))]
    #expect(asked.decide() == .giveUp(.notRetryable))
    #expect(!FailureCause.kinds.contains { $0.kind == kind })
  }

  @Test func `budget, deadline and hints bind a rule's retries too (pitfall 22)`() {
    var asked = RetryCase(.of(.httpStatus(429), retryAfter: .seconds(61)))
    asked.policy.rules = [RetryRule(causes: [], action: .retry(.toolhive))]
    #expect(asked.decide() == .giveUp(.retryAfterExceedsLimit))
    asked.reply = .failure(.of(.tls))
    asked.remaining = .seconds(1)
    #expect(asked.decide() == .giveUp(.totalTimeout))
    asked.remaining = .seconds(100)
    for _ in 0..<3 { #expect(asked.decide().isRetry) }
    #expect(asked.decide() == .giveUp(.budgetExhausted))
  }
}
