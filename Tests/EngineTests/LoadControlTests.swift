import Engine
import FleetModel
import Testing

@Suite struct `Load control` {
  private func narrow(_ change: (inout LoadPolicy) -> Void = { _ in }) -> FleetBench {
    var policies = Policies()
    policies.load.concurrency = 1
    change(&policies.load)
    return FleetBench(policies: policies)
  }

  @Test func `interactive calls pass batch calls, and those pass probes`() {
    var bench = narrow()
    let first = bench.submit("echo", origin: .load)
    let probe = bench.submit("echo", origin: .probe)
    let batch = bench.submit("echo", origin: .load)
    let interactive = bench.submit("echo", origin: .cli)
    for call in [first, interactive, batch, probe] { bench.answer(call, .ok) }
    #expect(bench.sent == [first, interactive, batch, probe])
  }

  @Test func `never more tries at once than the bulkhead has places`() {
    var bench = narrow { $0.concurrency = 3 }
    let calls = (0..<10).map { _ in bench.submit("echo", origin: .load) }
    #expect(bench.sent.count == 3)
    #expect(bench.picture()?.load.running == 3)
    #expect(bench.picture()?.load.waiting == 7)
    for call in calls { bench.answer(call, .ok) }
    #expect(bench.sent == calls)
    #expect(bench.picture()?.load.running == 0)
  }

  @Test func `a call that finds no place in time says so and was not sent`() {
    var bench = narrow()
    _ = bench.submit("pay")
    let late = bench.submit("pay")
    bench.advance(.seconds(5))
    #expect(bench.failure(of: late)?.kind == .bulkheadFull)
    #expect(bench.failure(of: late)?.delivery == .notSent)
    #expect(bench.stored.isEmpty)
  }

  @Test func `a full queue refuses at once`() {
    var bench = narrow { $0.queueLimit = 1 }
    _ = bench.submit("echo", origin: .load)
    _ = bench.submit("echo", origin: .load)
    let third = bench.submit("echo", origin: .load)
    #expect(bench.failure(of: third)?.kind == .bulkheadFull)
  }

  @Test func `a place that comes to a call at its deadline goes on to the next`() {
    var bench = narrow { $0.queueTimeout = .seconds(60) }
    let holder = bench.submit("echo", deadline: bench.now + .seconds(2))
    let doomed = bench.submit("echo", deadline: bench.now + .seconds(2))
    let next = bench.submit("echo")
    bench.advance(.seconds(2))
    bench.storeAll()
    #expect(bench.failure(of: holder)?.kind == .totalTimeout)
    #expect(bench.failure(of: doomed)?.kind == .totalTimeout)
    #expect(bench.sendCount(of: next) == 1)
    bench.answer(next, .ok)
    #expect(bench.picture()?.load.running == 0)
  }

  @Test func `an opening breaker ends every wait`() {
    var policies = Policies()
    policies.load.concurrency = 5
    policies.retry.schedule.retryLimit = 0
    var bench = FleetBench(policies: policies)
    let running = (0..<5).map { _ in bench.submit("echo", origin: .load) }
    let waiting = (0..<3).map { _ in bench.submit("echo", origin: .load) }
    for call in running { bench.answer(call, .unavailable) }
    // Three places were handed over before the fifth failure; their calls are on the wire.
    #expect(bench.picture()?.breaker.state == .open)
    #expect(bench.picture()?.load.waiting == 0)
    for call in waiting where bench.sendCount(of: call) == 0 {
      #expect(bench.failure(of: call)?.kind == .breakerOpen)
    }
  }

  @Test func `the answer that opens the breaker lets no waiter out`() {
    var policies = Policies()
    policies.load.concurrency = 10
    policies.pool.openLimit = 1
    policies.retry.schedule.retryLimit = 0
    policies.breaker.failureLimit = 1
    var bench = FleetBench(policies: policies)
    let first = bench.submit("echo", origin: .load)
    let waiting = bench.submit("echo", origin: .load)
    bench.answer(first, .unavailable)
    #expect(bench.sendCount(of: waiting) == 0)
    #expect(bench.failure(of: waiting)?.kind == .breakerOpen)
  }

  @Test func `a refused connection that opens the breaker gives its place back once`() {
    var policies = Policies()
    policies.load.concurrency = 10
    policies.retry.schedule.retryLimit = 0
    policies.breaker.failureLimit = 2
    var bench = FleetBench(policies: policies, isConnected: false)
    let calls = (0..<4).map { _ in
      let id = CallID(high: 9, low: UInt64(bench.effects.count))
      bench.feed(
        .submit(
          .tool(
            "pay", arguments: .emptyObject, on: FleetBench.server, id: id, origin: .cli)))
      return id
    }
    guard let open = bench.lastOpen else { return }
    bench.feed(
      .openFailed(open, Failure(.connectionRefused, "connection refused", delivery: .notSent)))
    bench.storeAll()
    #expect(bench.picture()?.breaker.state == .open)
    #expect(bench.picture()?.load.running == 0)
    for call in calls { #expect(bench.outcome(of: call) != nil) }
  }

  @Test func `the server's rate delays tries and refuses those that would wait too long`() {
    var bench = narrow {
      ($0.concurrency, $0.rate, $0.burst) = (0, 1, 1)
      $0.queueTimeout = .seconds(2)
    }
    let calls = (0..<4).map { _ in bench.submit("echo", origin: .load) }
    #expect(bench.sent == [calls[0]])
    #expect(bench.failure(of: calls[3])?.kind == .rateLimited)
    #expect(bench.failure(of: calls[3])?.retryAfter != nil)
    for _ in 0..<2 {
      bench.advance(.seconds(1))
      bench.answerOpens()
    }
    #expect(bench.sent == Array(calls[..<3]))
    #expect(bench.picture()?.load.delayed == 2)
    #expect(bench.picture()?.load.refused == 1)
  }

  @Test func `a call whose turn would come after its deadline takes no turn from others`() {
    var bench = narrow { ($0.concurrency, $0.rate, $0.burst) = (0, 1, 1) }
    let first = bench.submit("echo", origin: .load)
    for _ in 0..<5 {
      let hopeless = bench.submit(
        "echo", origin: .load, deadline: bench.now + .milliseconds(500))
      #expect(bench.failure(of: hopeless)?.kind == .rateLimited)
    }
    let leaving = bench.submit("echo", origin: .load)
    bench.feed(.cancel(leaving))
    let patient = bench.submit("echo", origin: .load)
    bench.answer(first, .ok)
    bench.advance(.seconds(1))
    #expect(bench.sendCount(of: patient) == 1)
  }

  @Test func `one caller's quota leaves the others alone`() {
    var bench = narrow { ($0.concurrency, $0.callerQuota) = (0, 2) }
    let greedy = (0..<3).map { _ in bench.submit("echo", client: "greedy") }
    let modest = bench.submit("echo", client: "modest")
    #expect(bench.failure(of: greedy[2])?.kind == .rateLimited)
    #expect(bench.failure(of: greedy[2])?.message.contains("greedy") == true)
    #expect(bench.sent == [greedy[0], greedy[1], modest])
    for call in bench.sent { bench.answer(call, .ok) }
    bench.advance(.seconds(3600))
    let later = bench.submit("echo", client: "greedy")
    #expect(bench.sendCount(of: later) == 1)
  }

  // MARK: Hedging

  private func hedging() -> FleetBench {
    var bench = narrow { ($0.concurrency, $0.isHedging) = (0, true) }
    // Two connections, so that one is free.
    let calls = [bench.submit("echo"), bench.submit("echo")]
    for call in calls { bench.answer(call, .ok) }
    return bench
  }

  @Test func `a slow safe call is sent a second time and the first answer counts`() {
    var bench = hedging()
    let call = bench.submit("echo")
    let first = bench.attempt(of: call)
    bench.advance(.milliseconds(100))
    #expect(bench.sendCount(of: call) == 2)
    let effects = bench.effects.count
    bench.answer(call, .ok)
    #expect(bench.outcome(of: call)?.reply == .ok)
    #expect(
      bench.effects[effects...].contains {
        if case .abort(let attempt) = $0 { attempt == first } else { false }
      })
    #expect(bench.picture()?.load.hedges == 1)
    #expect(bench.picture()?.load.hedgeWins == 1)
    #expect(bench.picture()?.retries.budgetUsed == 0)
    #expect(bench.picture()?.pool.active == 0)
  }

  @Test func `a second sending waits for the time that nineteen of twenty calls take`() {
    var bench = hedging()
    for _ in 0..<40 {
      let call = bench.submit("echo")
      bench.advance(.milliseconds(90))
      bench.answer(call, .ok)
      bench.advance(.milliseconds(1))
    }
    for _ in 0..<10 {
      let slow = bench.submit("pay")
      bench.advance(.milliseconds(800))
      bench.answer(slow, .ok)
    }
    let call = bench.submit("echo")
    bench.advance(.milliseconds(700))
    #expect(bench.sendCount(of: call) == 1, "a fifth of all calls take 800 ms")
    bench.advance(.milliseconds(200))
    #expect(bench.sendCount(of: call) == 2)
  }

  @Test func `a call that must not run twice is never sent a second time`() {
    var bench = hedging()
    let call = bench.submit("pay")
    bench.advance(.seconds(10))
    #expect(bench.sendCount(of: call) == 1)
  }

  @Test func `when neither sending is answered that is one failure, and all is given back`() {
    var policies = Policies()
    policies.retry.schedule = .none
    policies.load.isHedging = true
    var bench = FleetBench(policies: policies)
    let calls = [bench.submit("echo"), bench.submit("echo")]
    for call in calls { bench.answer(call, .ok) }
    let call = bench.submit("echo")
    bench.advance(.seconds(30))
    bench.storeAll()
    #expect(bench.sendCount(of: call) == 2)
    #expect(bench.failure(of: call)?.kind == .tryTimeout)
    #expect(bench.picture()?.breaker.consecutiveFailures == 1)
    #expect(bench.picture()?.retries.budgetUsed == 0)
    #expect(bench.picture()?.pool.active == 0)
  }

  @Test func `when one of two sendings fails the other may still bring the answer`() {
    var bench = hedging()
    let call = bench.submit("echo")
    guard let first = bench.attempt(of: call) else { return }
    bench.advance(.milliseconds(100))
    bench.answer(call, .unavailable)
    #expect(bench.outcome(of: call) == nil)
    bench.feed(.exchanged(first, Exchange(reply: .ok)))
    #expect(bench.outcome(of: call)?.reply == .ok)
    #expect(bench.outcome(of: call)?.attempts.map(\.result) == ["503", "ok"])
  }

  @Test(arguments: [Failure.Kind.httpStatus(418), .unauthorized, .incompatibleProtocol])
  func `a refusal of one sending does not speak for the other`(kind: Failure.Kind) {
    var bench = hedging()
    let call = bench.submit("echo")
    guard let first = bench.attempt(of: call) else { return }
    bench.advance(.milliseconds(100))
    bench.answer(call, .failure(Failure(kind, "no", delivery: .refused)))
    #expect(bench.outcome(of: call) == nil)
    bench.feed(.exchanged(first, Exchange(reply: .lost)))
    bench.advance(.seconds(10))
    bench.storeAll()
    #expect(bench.outcome(of: call) == nil || bench.failure(of: call)?.delivery == .unknown)
  }

  // MARK: Coalescing

  @Test func `identical reads under way are sent once and answered together`() {
    var bench = narrow { $0.concurrency = 0 }
    let reads = (0..<3).map { _ in bench.read("resources/list") }
    #expect(bench.sent == [reads[0]])
    bench.answer(reads[0], .ok)
    for read in reads { #expect(bench.outcome(of: read)?.reply == .ok) }
    #expect(bench.picture()?.calls.success == 3)
    #expect(bench.picture()?.load.coalesced == 2)
    let later = bench.read("resources/list")
    #expect(bench.sendCount(of: later) == 1)
  }

  @Test func `tool calls are never coalesced, whatever they declare`() {
    var bench = narrow { $0.concurrency = 0 }
    let calls = [bench.submit("echo"), bench.submit("echo")]
    #expect(bench.sent == calls)
  }

  @Test func `the first caller's giving up does not fail the others (pitfall 32)`() {
    var bench = narrow { $0.concurrency = 0 }
    let first = bench.read("resources/list")
    let second = bench.read("resources/list")
    bench.feed(.cancel(first))
    #expect(bench.failure(of: first)?.kind == .cancelled)
    #expect(bench.outcome(of: second) == nil)
    bench.answer(first, .ok)
    #expect(bench.outcome(of: second)?.reply == .ok)
    #expect(bench.effects.count { if case .finish = $0 { true } else { false } } == 2)
  }

  @Test func `when the last who waits has left the read is aborted (pitfall 32)`() {
    var bench = narrow { $0.concurrency = 0 }
    let first = bench.read("resources/list", deadline: bench.now + .seconds(1))
    let second = bench.read("resources/list")
    bench.advance(.seconds(1))
    #expect(bench.failure(of: first)?.kind == .totalTimeout)
    bench.feed(.cancel(second))
    #expect(bench.effects.contains { if case .abort = $0 { true } else { false } })
    #expect(bench.picture()?.pool.active == 0)
    #expect(bench.picture()?.load.running == 0)
  }
}

@Suite struct `Reads that follow others` {
  @Test func `leave the count of calls in flight as it was when they give up`() {
    var policies = Policies()
    policies.retry.budgetMinimum = 0
    policies.retry.budgetRatio = 1
    var bench = FleetBench(policies: policies)
    _ = bench.read("resources/list")
    for _ in 0..<3 { bench.feed(.cancel(bench.read("resources/list"))) }
    #expect(bench.picture()?.retries.budgetLimit == 1)
  }
}
