import Engine
import FleetModel
import Testing

@Suite struct `The retry budget of a server` {
  /// Ten calls; at most three of them may back off at once.
  private func stormy(_ change: (inout Policies) -> Void = { _ in }) -> (FleetBench, [CallID]) {
    var policies = Policies()
    policies.retry.schedule.initialDelay = .seconds(10)
    policies.retry.schedule.jitter = .none
    policies.breaker.failureLimit = 1000
    policies.breaker.sampleMinimum = 1000
    change(&policies)
    var bench = FleetBench(policies: policies)
    let calls = (0..<10).map { _ in bench.submit("pay") }
    for call in calls { bench.answer(call, .unavailable) }
    bench.storeAll()
    return (bench, calls)
  }

  @Test func `is taken before the wait, and who finds none gives up at once (pitfall 22)`() {
    var (bench, calls) = stormy()
    #expect(bench.picture()?.retries.budgetUsed == 3)
    #expect(bench.picture()?.retries.budgetLimit == 3)
    let over = calls.filter { bench.outcome(of: $0) != nil }
    #expect(over.count == 7)
    let failure = over.first.flatMap { bench.failure(of: $0) }
    #expect(failure?.message.contains("the retry budget is used up") == true)
    let giveUps = bench.picture()?.operations.first?.giveUps ?? []
    #expect(giveUps == [.init(reason: "budget exhausted", count: 7)])
  }

  @Test(arguments: [
    "answer", "deadline", "cancel", "forced open", "no place", "no rate", "stop", "drain",
  ])
  func `comes back however the retry ends (pitfall 22)`(end: String) {
    var (bench, calls) = stormy {
      if end == "deadline" { $0.retry.totalTimeout = .seconds(11) }
      if end == "no place" { ($0.load.concurrency, $0.load.queueLimit) = (1, 10) }
      if end == "no rate" { ($0.load.rate, $0.load.burst) = (0.1, 11) }
      $0.load.queueTimeout = .seconds(1)
    }
    let waiting = calls.filter { bench.outcome(of: $0) == nil }
    #expect(!waiting.isEmpty)
    switch end {
    case "cancel": for call in waiting { bench.feed(.cancel(call)) }
    case "forced open":
      bench.feed(.override(FleetBench.server, BreakerOverride(.open, owner: "anna")))
    case "no place": _ = bench.submit("echo")
    case "no rate": for _ in 0..<5 { _ = bench.submit("echo") }
    case "stop": bench.feed(.stop)
    case "drain": bench.feed(.drain(limit: .seconds(1)))
    default: break
    }
    bench.advance(.seconds(10))
    bench.storeAll()
    for call in waiting where bench.outcome(of: call) == nil { bench.answer(call, .ok) }
    bench.advance(.seconds(5))
    bench.storeAll()
    for call in waiting where bench.outcome(of: call) == nil { bench.answer(call, .ok) }
    for call in waiting { #expect(bench.outcome(of: call) != nil) }
    #expect(bench.picture()?.retries.budgetUsed == 0)
  }
}

@Suite struct `A retry and the breaker` {
  @Test func `a call that backs off while the breaker opens is not tried again (pitfall 16)`() {
    var policies = Policies()
    policies.retry.schedule.initialDelay = .seconds(2)
    var bench = FleetBench(policies: policies)
    let call = bench.submit("pay")
    bench.answer(call, .unavailable)
    for _ in 0..<4 {
      let other = bench.submit("pay", origin: .replay)
      bench.answer(other, .unavailable)
    }
    #expect(bench.picture()?.breaker.state == .open)
    bench.advance(.seconds(3))
    bench.storeAll()
    #expect(bench.sendCount(of: call) == 1)
    let failure = bench.failure(of: call)
    #expect(failure?.kind == .httpStatus(503), "its own failure, not the breaker's")
    #expect(failure?.message.contains("breaker open") == true)
  }

  @Test func `each try asks the breaker, and each is counted (pitfall 16)`() {
    var policies = Policies()
    policies.retry.schedule.retryLimit = 10
    var bench = FleetBench(policies: policies)
    let call = bench.submit("pay")
    for _ in 0..<10 {
      bench.answer(call, .unavailable)
      bench.advance(.seconds(5))
    }
    #expect(bench.picture()?.breaker.transitions.first?.to == .open)
    #expect(bench.sendCount(of: call) == 5)
  }

  @Test func `a storm of 429 obeys Retry-After and opens nothing`() {
    var bench = FleetBench()
    let busy = Reply.failure(
      Failure(.httpStatus(429), "HTTP 429", delivery: .refused, retryAfter: .seconds(7)))
    let calls = (0..<10).map { _ in bench.submit("pay") }
    for call in calls { bench.answer(call, busy) }
    bench.advance(.milliseconds(6990))
    #expect(bench.sent.count == 10, "nobody comes back early")
    bench.advance(.seconds(1))
    #expect(bench.sent.count == 13, "the budget's three")
    #expect(bench.picture()?.breaker.state == .closed)
    #expect(bench.picture()?.breaker.failureRate == nil)
    #expect(bench.picture()?.operations.first?.retryAfterHonoured == 3)
  }

  @Test func `a Retry-After longer than the limit ends the call at once (pitfall 20)`() {
    var bench = FleetBench()
    let call = bench.submit("pay")
    bench.answer(
      call,
      .failure(
        Failure(.httpStatus(503), "HTTP 503", delivery: .refused, retryAfter: .seconds(61))))
    bench.storeAll()
    #expect(bench.failure(of: call)?.message.contains("longer than allowed") == true)
    #expect(bench.stored.map(\.id.call) == [call])
    #expect(
      bench.picture()?.operations.first?.giveUps.map(\.reason) == ["Retry-After too long"])
  }

  @Test func `however many tries, a call is one letter under its own id (pitfall 38)`() {
    var bench = FleetBench()
    let call = bench.submit("pay")
    for _ in 0..<4 {
      bench.answer(call, .unavailable)
      bench.advance(.seconds(1))
    }
    #expect(bench.stored.map(\.id.call) == [call])
    #expect(bench.stored.first?.attempts.count == 4)
  }

  @Test func `all time that is not work is time lost waiting`() {
    var policies = Policies()
    policies.retry.schedule.jitter = .none
    policies.load.concurrency = 1
    var bench = FleetBench(policies: policies)
    let first = bench.submit("echo")
    bench.answer(first, .unavailable)
    bench.advance(.milliseconds(100))
    let queued = bench.submit("echo")
    bench.advance(.seconds(1))
    #expect(bench.sendCount(of: first) == 2)
    let inVain = bench.submit("echo")
    bench.advance(.seconds(1))
    bench.feed(.cancel(inVain))
    bench.answer(first, .ok)
    bench.advance(.seconds(3))
    bench.answer(queued, .ok)
    // 100 ms of backoff, 2 s of the queue, 1 s in vain; not the 5 s on the wire.
    #expect(bench.picture()?.operations.first?.timeWaiting == .milliseconds(3100))
  }
}
