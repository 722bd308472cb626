import Engine
import FleetModel
import Testing

@Suite struct `One call's way` {
  @Test func `a call is sent once and ends with the server's answer`() {
    var bench = FleetBench()
    let call = bench.submit("echo")
    #expect(bench.outcome(of: call) == nil)
    bench.answer(call, .ok)
    #expect(bench.outcome(of: call)?.reply == .ok)
    #expect(bench.sendCount(of: call) == 1)
    #expect(bench.picture()?.calls.success == 1)
  }

  @Test func `a refused call is tried four times, doubling its waits, and then kept`() {
    var bench = FleetBench()
    let call = bench.submit("pay")
    for _ in 0..<4 {
      bench.answer(call, .unavailable)
      bench.advance(.milliseconds(500))
    }
    #expect(bench.sendCount(of: call) == 4)
    #expect(bench.outcome(of: call) == nil, "the caller waits until its dead letter is durable")
    bench.storeAll()
    let outcome = bench.outcome(of: call)
    #expect(outcome?.isDeadLettered == true)
    let waits = outcome?.attempts.map { $0.backoff.seconds } ?? []
    #expect(waits.count == 4)
    for (wait, expected) in zip(waits, [0, 0.1, 0.2, 0.4]) {
      #expect(abs(wait - expected) <= expected * 0.1 + 1e-9)
    }
    #expect(bench.stored.first?.delivery == .refused)
  }

  @Test func `a call that may have run is not sent again unless its tool is safe`() {
    var bench = FleetBench()
    let pay = bench.submit("pay")
    bench.answer(pay, .lost)
    bench.advance(.seconds(1))
    #expect(bench.sendCount(of: pay) == 1)
    #expect(bench.stored.map(\.delivery) == [.unknown])
    let echo = bench.submit("echo")
    bench.answer(echo, .lost)
    bench.advance(.seconds(1))
    #expect(bench.sendCount(of: echo) == 2)
  }

  @Test func `doubt about an early try survives a later refusal`() {
    var policies = Policies()
    policies.retry.delivery = .atLeastOnce
    var bench = FleetBench(policies: policies)
    let call = bench.submit("pay")
    bench.answer(call, .lost)
    for _ in 0..<4 {
      bench.advance(.seconds(1))
      bench.answer(call, .unavailable)
    }
    #expect(bench.stored.map(\.delivery) == [.unknown])
    #expect(bench.stored.first?.isUnsafeToReplay == true)
  }

  @Test func `an answer after the try's timeout changes nothing`() {
    var policies = Policies()
    policies.retry.schedule.retryLimit = 0
    var bench = FleetBench(policies: policies)
    let call = bench.submit("pay")
    bench.advance(.seconds(30))
    #expect(bench.stored.map(\.errorKind) == ["timeout"])
    bench.answer(call, .ok)
    bench.storeAll()
    #expect(bench.outcome(of: call)?.reply != .ok)
    #expect(bench.picture()?.pool.active == 0)
  }

  @Test func `the caller's deadline ends the call wherever it is`() {
    var bench = FleetBench()
    let call = bench.submit("echo", origin: .probe, deadline: bench.now + .seconds(2))
    bench.advance(.seconds(2))
    guard case .failure(let failure)? = bench.outcome(of: call)?.reply else {
      Issue.record("no outcome")
      return
    }
    #expect(failure.kind == .totalTimeout)
    #expect(failure.delivery == .unknown)
    #expect(bench.picture()?.breaker.consecutiveFailures == 0, "the server is not to blame")
  }

  @Test func `a cancelled call frees what it held and is not kept`() {
    var bench = FleetBench()
    let call = bench.submit("pay")
    bench.feed(.cancel(call))
    #expect(bench.stored.isEmpty)
    #expect(bench.picture()?.pool.active == 0)
    guard case .failure(let failure)? = bench.outcome(of: call)?.reply else {
      Issue.record("no outcome")
      return
    }
    #expect(failure.kind == .cancelled)
  }

  @Test func `an unknown server is refused with the names there are`() {
    var bench = FleetBench()
    let id = CallID(high: 1, low: 1)
    bench.feed(
      .submit(
        .tool(
          "echo", arguments: .emptyObject, on: ServerID("beta"), id: id, origin: .cli)))
    guard case .failure(let failure)? = bench.outcome(of: id)?.reply else {
      Issue.record("no outcome")
      return
    }
    #expect(failure.message.contains("alpha"))
  }

  @Test func `a listing of tools is answered from the cache until it is announced stale`() {
    var bench = FleetBench()
    func list(_ number: UInt64) -> Call {
      Call(
        id: CallID(high: 2, low: number), server: FleetBench.server, method: "tools/list",
        origin: .cli)
    }
    bench.feed(.submit(list(1)))
    #expect(bench.outcome(of: CallID(high: 2, low: 1))?.source == .cache)
    bench.feed(.toolsChanged(FleetBench.server))
    bench.feed(.submit(list(2)))
    #expect(bench.outcome(of: CallID(high: 2, low: 2)) == nil)
    #expect(bench.sendCount(of: CallID(high: 2, low: 2)) == 1)
  }

  @Test func `a dead letter that cannot be written still ends its call and is announced`() {
    var bench = FleetBench()
    let call = bench.submit("pay")
    bench.answer(call, .lost)
    bench.feed(.stored(call, .lost, DeadLetterStoreError("disk full")))
    #expect(bench.outcome(of: call)?.isDeadLettered == false)
    #expect(bench.outcome(of: call)?.deadLetter == .lost)
    guard case .failure(let failure) = bench.outcome(of: call)?.reply else {
      Issue.record("the call must fail")
      return
    }
    #expect(failure.message.hasSuffix("; NOT kept as a dead letter: disk full"))
    #expect(
      bench.machine.snapshot(at: bench.now).notices.contains { $0.text.contains("disk full") })
  }

  @Test func `a store that did not answer is asked again sooner than one that is well`() {
    var bench = FleetBench(tickInterval: .seconds(1))
    func seconds(_ event: FleetEvent) -> Int? {
      bench.feed(event)
      return (1...20).first { _ in
        bench.advance(.seconds(1)).contains { if case .tally = $0 { true } else { false } }
      }
    }
    _ = seconds(.tallied(DeadLetterTally()))
    #expect(seconds(.tallied(DeadLetterTally())) == 10)
    #expect(seconds(.storeFailed(DeadLetterStoreError("ill"))) == 3)
    #expect(seconds(.storeFailed(DeadLetterStoreError("ill"))) == 3)
    #expect(seconds(.tallied(DeadLetterTally())) == 10)
  }

  @Test func `many dead letters of one server in one tick are one event`() {
    var bench = FleetBench(tickInterval: .seconds(1))
    for _ in 0..<4 {
      let call = bench.submit("pay")
      bench.answer(call, .lost)
    }
    bench.storeAll()
    bench.advance(.seconds(1))
    let events = bench.machine.snapshot(at: bench.now).notices.filter { $0.severity == .error }
    #expect(events.count == 1)
    #expect(events.first?.text.hasPrefix("gave up 4 calls (the last: 1 try, reset") == true)
  }

  @Test func `a read that fails is not kept: nobody waits for its answer`() {
    var bench = FleetBench()
    let id = CallID(high: 3, low: 1)
    bench.feed(
      .submit(
        Call(id: id, server: FleetBench.server, method: "resources/list", origin: .cli)))
    for _ in 0..<5 {
      bench.answer(id, .lost)
      bench.advance(.seconds(1))
    }
    #expect(bench.stored.isEmpty)
    #expect(bench.outcome(of: id) != nil)
  }

  @Test func `a replay that fails is not kept a second time`() {
    var bench = FleetBench()
    let call = bench.submit("pay", origin: .replay)
    bench.answer(call, .lost)
    #expect(bench.stored.isEmpty)
    #expect(bench.outcome(of: call) != nil)
  }

  @Test func `after the stop nothing is begun, whatever is still heard`() {
    var bench = FleetBench(isConnected: false)
    bench.feed(.stop)
    for effect in bench.effects {
      if case .open(_, let id, _) = effect {
        let refusal = Failure(.connectionRefused, "refused", delivery: .notSent)
        #expect(bench.feed(.openFailed(id, refusal)).isEmpty)
      }
    }
    #expect(bench.machine.nextDeadline == nil)
  }

  @Test func `stopping ends every call and closes every connection`() {
    var bench = FleetBench()
    let calls = (0..<3).map { _ in bench.submit("pay") }
    let effects = bench.feed(.stop)
    bench.storeAll()
    for call in calls { #expect(bench.outcome(of: call) != nil) }
    #expect(effects.contains { if case .close = $0 { true } else { false } })
  }
}

@Suite struct `The breaker on every call` {
  /// Five failures in a row by calls that are not tried again.
  private func tripped() -> FleetBench {
    var policies = Policies()
    policies.retry.schedule.retryLimit = 0
    var bench = FleetBench(policies: policies)
    for _ in 0..<5 {
      let call = bench.submit("echo", origin: .probe)
      bench.answer(call, .unavailable)
    }
    return bench
  }

  @Test func `five failures open it, and it says which`() {
    var bench = tripped()
    let breaker = bench.picture()?.breaker
    #expect(breaker?.state == .open)
    #expect(breaker?.reason?.contains("5 consecutive failures") == true)
    #expect(breaker?.until == FleetBench.epoch + .seconds(30))
    let call = bench.submit("echo")
    #expect(bench.sendCount(of: call) == 0)
    guard case .failure(let failure)? = bench.outcome(of: call)?.reply else {
      Issue.record("no outcome")
      return
    }
    #expect(failure.kind == .breakerOpen)
  }

  @Test func `what it turned away is counted, and when it last judged a call`() {
    var bench = tripped()
    bench.advance(.seconds(10))
    for _ in 0..<3 { _ = bench.submit("pay") }
    _ = bench.read("resources/list")
    let breaker = bench.picture()?.breaker
    #expect(breaker?.rejections == 4)
    #expect(breaker?.lastFailure == FleetBench.epoch)
    #expect(breaker?.lastSuccess == nil)
    bench.advance(.seconds(20))
    let call = bench.submit("echo")
    bench.answer(call, .ok)
    #expect(bench.picture()?.breaker.probeSuccesses == 1)
    #expect(bench.picture()?.breaker.lastSuccess == FleetBench.epoch + .seconds(30))
  }

  @Test func `after thirty seconds two successes close it`() {
    var bench = tripped()
    bench.advance(.seconds(30))
    #expect(bench.picture()?.breaker.state == .halfOpen)
    for _ in 0..<2 {
      let call = bench.submit("echo")
      bench.answer(call, .ok)
    }
    #expect(bench.picture()?.breaker.state == .closed)
  }

  @Test func `forced open it refuses until it is reset`() {
    var bench = FleetBench()
    bench.feed(
      .override(
        FleetBench.server, BreakerOverride(.open, owner: "anna", timeToLive: .zero)))
    bench.advance(.seconds(3600))
    #expect(bench.picture()?.breaker.state == .forcedOpen)
    let refused = bench.submit("echo")
    #expect(bench.sendCount(of: refused) == 0)
    bench.feed(.resetBreaker(FleetBench.server))
    let sent = bench.submit("echo")
    #expect(bench.sendCount(of: sent) == 1)
  }

  @Test func `a tool error is an answer, not a failure`() {
    var bench = FleetBench()
    for _ in 0..<10 {
      let call = bench.submit("echo")
      bench.answer(call, .toolError(.emptyObject))
    }
    #expect(bench.picture()?.breaker.state == .closed)
    #expect(bench.picture()?.calls.toolError == 10)
    #expect(bench.picture()?.calls.transportFailure == 0)
  }
}

@Suite struct `Connections and checks` {
  @Test func `one refused exchange takes the whole server off line`() {
    var bench = FleetBench()
    let call = bench.submit("echo")
    bench.answer(
      call,
      .failure(Failure(.connectionRefused, "connection refused", delivery: .notSent)),
      closes: true)
    #expect(bench.picture()?.isConnected == false)
    #expect(
      bench.machine.snapshot(at: bench.now).notices.contains {
        $0.text.contains("connection lost")
      })
  }

  @Test func `a connection that never opens is given up and tried again later`() {
    var bench = FleetBench(isConnected: false)
    let opensBefore = bench.effects.count { if case .open = $0 { true } else { false } }
    bench.advance(.seconds(15))
    #expect(bench.effects.contains { if case .close = $0 { true } else { false } })
    bench.advance(.seconds(5))
    let opens = bench.effects.count { if case .open = $0 { true } else { false } }
    #expect(opens > opensBefore)
  }

  @Test func `a probe that still runs is not started again`() {
    var bench = FleetBench(
      probes: [Probe(tool: "echo", arguments: .emptyObject, interval: .seconds(1))])
    bench.advance(.seconds(5))
    let sends = bench.effects.count { if case .send = $0 { true } else { false } }
    #expect(sends == 1)
  }

  @Test func `a failed health check is not traffic`() {
    var bench = FleetBench()
    bench.advance(.seconds(1))
    bench.feed(
      .checked(
        FleetBench.server, Failure(.httpStatus(500), "HTTP 500", delivery: .executed)))
    #expect(bench.picture()?.health.status == .unhealthy)
    #expect(bench.picture()?.breaker.consecutiveFailures == 0)
    #expect(bench.picture()?.calls.total == 0)
  }

  @Test func `a server that is still starting is neither checked nor probed`() {
    var bench = FleetBench(
      probes: [Probe(tool: "echo", arguments: .emptyObject, interval: .seconds(1))],
      isConnected: false)
    func judgements(_ bench: FleetBench) -> Int {
      bench.effects.count {
        switch $0 {
        case .check, .finish: true
        default: false
        }
      }
    }
    bench.advance(.seconds(10))
    #expect(judgements(bench) == 0)
    #expect(bench.picture()?.health.status == .unknown)
    bench.answerOpens()
    bench.advance(.milliseconds(1))
    #expect(judgements(bench) == 1)
  }
}
