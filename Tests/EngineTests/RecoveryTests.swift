import Engine
import FleetModel
import Testing

@Suite struct `Reconnection` {
  private static let lostSession = Reply.failure(
    Failure(.sessionLost, "the server does not know our session", delivery: .refused))

  private func bench(retries: Int = 0, endpoint: Endpoint = FleetBench.http) -> FleetBench {
    var policies = Policies()
    policies.retry.schedule.retryLimit = retries
    if endpoint == FleetBench.stdio { policies.pool = .stdio }
    return FleetBench(policies: policies, endpoint: endpoint)
  }

  @Test func `a call whose session ended is sent again once over a new connection`() {
    var bench = bench()
    let call = bench.submit("pay")
    bench.answer(call, Self.lostSession, closes: true)
    bench.answerOpens()
    #expect(bench.sendCount(of: call) == 2)
    bench.answer(call, Self.lostSession, closes: true)
    bench.answerOpens()
    #expect(bench.sendCount(of: call) == 2, "once, not for ever")
    #expect(bench.stored.map(\.delivery) == [.refused])
  }

  @Test func `a call that may have run is kept, marked, and not sent again`() {
    var bench = bench(retries: 3)
    let call = bench.submit("pay")
    bench.answer(call, .lost, closes: true)
    bench.answerOpens()
    bench.storeAll()
    #expect(bench.sendCount(of: call) == 1)
    #expect(bench.stored.map(\.delivery) == [.unknown])
    #expect(bench.outcome(of: call)?.isDeadLettered == true)
  }

  @Test func `all callers wait for one reconnection`() {
    var bench = FleetBench(isConnected: false)
    let opens = { (bench: FleetBench) in
      bench.effects.count { if case .open = $0 { true } else { false } }
    }
    for number in 0..<10 {
      bench.feed(
        .submit(
          .tool(
            "echo", arguments: .emptyObject, on: FleetBench.server,
            id: CallID(high: 8, low: UInt64(number)), origin: .cli)))
    }
    #expect(opens(bench) == 1)
    #expect(bench.sent.isEmpty)
    bench.answerOpens()
    while opens(bench) > 1, bench.sent.count < 10 {
      let before = bench.sent.count
      bench.answerOpens()
      if bench.sent.count == before { break }
    }
    #expect(bench.sent.count == 10)
  }

  @Test func `a child that keeps ending is in a crash loop, with its last words`() {
    var bench = bench(endpoint: FleetBench.stdio)
    let words = "exit status 1: no module named 'flask'"
    for _ in 0..<4 {
      guard let id = bench.lastOpen else { return }
      bench.feed(
        .closed(FleetBench.server, id, Failure(.processExited, words, delivery: .notSent)))
      while bench.lastOpen == id { bench.advance(.seconds(1)) }
      bench.answerOpens()
      bench.advance(.seconds(1))
    }
    #expect(bench.picture()?.crashLoop?.lastWords.contains("flask") == true)
    #expect(bench.notices().contains { $0.hasPrefix("crash loop") && $0.contains("flask") })
    bench.advance(.seconds(10))
    #expect(bench.picture()?.crashLoop == nil, "it stayed up")
  }

  @Test func `a crash loop of one server takes nothing from another`() {
    let beta = ServerDefinition(
      id: ServerID("beta"), endpoint: .http(url: "http://beta/mcp", headers: []))
    var policies = Policies()
    policies.pool = .stdio
    var bench = FleetBench(
      policies: policies, endpoint: FleetBench.stdio, others: [beta], isConnected: false)
    let failure = Failure(.spawnFailed, "no such file", delivery: .notSent)
    for _ in 0..<50 {
      if let id = bench.lastOpen { bench.feed(.openFailed(id, failure)) }
      bench.advance(.seconds(1))
    }
    let id = CallID(high: 9, low: 1)
    bench.feed(
      .submit(
        .tool("echo", arguments: .emptyObject, on: beta.id, id: id, origin: .cli)))
    bench.answerOpens()
    bench.answer(id, .ok)
    #expect(bench.outcome(of: id)?.reply == .ok)
  }

  @Test func `reconnecting by hand lets a call on the wire finish`() {
    var bench = bench()
    let call = bench.submit("pay")
    bench.feed(.reconnect(FleetBench.server))
    bench.answer(call, .ok)
    #expect(bench.outcome(of: call)?.reply == .ok)
    bench.answerOpens()
    #expect(bench.picture()?.isConnected == true)
    let next = bench.submit("echo")
    #expect(bench.sendCount(of: next) == 1)
  }

  @Test func `a call that holds a connection too long is named`() {
    var policies = Policies()
    policies.retry.tryTimeout = .seconds(600)
    policies.retry.totalTimeout = .seconds(600)
    var bench = FleetBench(policies: policies)
    _ = bench.submit("pay", client: "billing")
    bench.advance(.seconds(61))
    #expect(bench.picture()?.pool.leaks == 1)
    #expect(bench.notices().contains { $0.contains("tools/call pay of billing") })
  }

  @Test func `stopping waits for what must not run twice, and keeps what stays unanswered`() {
    var bench = bench()
    let pay = bench.submit("pay")
    let late = bench.submit("pay")
    let echo = bench.submit("echo")
    let effects = bench.feed(.drain(limit: .seconds(2)))
    bench.storeAll()
    #expect(bench.failure(of: echo)?.kind == .shuttingDown)
    #expect(!effects.contains { if case .drained = $0 { true } else { false } })
    let refused = bench.submit("echo")
    #expect(bench.failure(of: refused)?.kind == .shuttingDown)
    bench.answer(pay, .ok)
    #expect(bench.outcome(of: pay)?.reply == .ok)
    let rest = bench.advance(.seconds(2))
    #expect(rest.contains { if case .drained = $0 { true } else { false } })
    bench.feed(.stop)
    bench.storeAll()
    #expect(bench.stored.map(\.id.call) == [echo, late])
    #expect(bench.stored.map(\.delivery) == [.unknown, .unknown])
    #expect(bench.failure(of: late)?.kind == .shuttingDown)
  }
}

@Suite struct `Failover` {
  private static let choices = ["primary", "backup"].map {
    EndpointChoice(name: $0, endpoint: .http(url: "http://\($0)/mcp", headers: []))
  }

  private func bench() -> FleetBench {
    var policies = Policies()
    policies.retry.schedule.retryLimit = 0
    return FleetBench(
      policies: policies, endpoint: Self.choices[0].endpoint, choices: Self.choices,
      checkInterval: .seconds(30))
  }

  private func trip(_ bench: inout FleetBench) {
    for _ in 0..<5 {
      let call = bench.submit("echo")
      bench.answer(call, .unavailable)
    }
  }

  @Test func `an opening breaker moves the server to its next endpoint`() {
    var bench = bench()
    #expect(bench.picture()?.endpoint?.name == "primary")
    trip(&bench)
    #expect(bench.picture()?.endpoint?.name == "backup")
    #expect(bench.picture()?.breaker.state == .closed)
    bench.answerOpens()
    let call = bench.submit("echo")
    bench.answer(call, .ok)
    #expect(bench.outcome(of: call)?.reply == .ok)
    #expect(bench.notices().contains { $0.hasPrefix("moved to endpoint backup (2 of 2)") })
  }

  @Test func `failures to connect move it too`() {
    var bench = bench()
    let refusal = Failure(.connectionRefused, "connection refused", delivery: .notSent)
    let call = bench.submit("echo")
    bench.answer(call, .failure(refusal), closes: true)
    for _ in 0..<3 {
      if let id = bench.lastOpen { bench.feed(.openFailed(id, refusal)) }
      bench.advance(.seconds(5))
    }
    #expect(bench.picture()?.endpoint?.name == "backup")
  }

  @Test func `it moves back only after the preferred endpoint was well for a while`() {
    var bench = bench()
    trip(&bench)
    bench.answerOpens()
    func watch(_ failure: Failure?) {
      bench.advance(.seconds(34))
      bench.feed(.watched(FleetBench.server, failure))
      bench.answerOpens()
    }
    watch(nil)
    watch(Failure(.connectionRefused, "refused", delivery: .notSent))
    watch(nil)
    #expect(bench.picture()?.endpoint?.name == "backup")
    watch(nil)
    watch(nil)
    #expect(bench.picture()?.endpoint?.name == "primary")
    let sent = bench.effects.contains {
      if case .watch(let definition, _, _) = $0 {
        definition.endpoint == Self.choices[0].endpoint
      } else {
        false
      }
    }
    #expect(sent)
  }

  @Test func `a server with one endpoint stays and its breaker stays open`() {
    var policies = Policies()
    policies.retry.schedule.retryLimit = 0
    var bench = FleetBench(policies: policies)
    trip(&bench)
    #expect(bench.picture()?.breaker.state == .open)
    #expect(bench.picture()?.endpoint == nil)
  }
}

@Suite struct `Checks and traffic` {
  @Test func `checks that pass while calls fail are a disagreement`() {
    var policies = Policies()
    policies.retry.schedule.retryLimit = 0
    var bench = FleetBench(policies: policies, checkInterval: .seconds(10))
    func check() {
      bench.advance(.milliseconds(4))
      bench.feed(.checked(FleetBench.server, nil))
    }
    check()
    #expect(bench.picture()?.health.status == .healthy)
    for _ in 0..<4 {
      let call = bench.submit("echo")
      bench.answer(call, .unavailable)
    }
    #expect(bench.picture()?.health.status == .healthy, "the check is merely older")
    bench.advance(.seconds(11))
    check()
    #expect(bench.picture()?.health.status == .disagreeing)
    #expect(bench.picture()?.health.disagreement?.contains("503") == true)
    let call = bench.submit("echo")
    bench.answer(call, .ok)
    #expect(bench.picture()?.health.status == .healthy)
  }

  @Test func `the last probe is kept apart from checks and calls`() {
    var bench = FleetBench(
      probes: [Probe(tool: "echo", arguments: .emptyObject, interval: .seconds(5))])
    bench.advance(.seconds(1))
    guard let probe = bench.sent.first else {
      Issue.record("no probe was sent")
      return
    }
    bench.answer(probe, .toolError(.emptyObject))
    let health = bench.picture()?.health
    #expect(health?.lastProbe?.isSuccess == false)
    #expect(health?.lastProbe?.result == "tool error")
    #expect(health?.lastAttempt != nil)
  }

  @Test func `synthetic probes neither make a disagreement nor end one`() {
    var policies = Policies()
    policies.retry.schedule = .none
    policies.breaker.failureLimit = 1000
    var bench = FleetBench(
      policies: policies,
      probes: [Probe(tool: "echo", arguments: .emptyObject, interval: .seconds(1))],
      checkInterval: .seconds(1))
    for _ in 0..<10 {
      bench.advance(.seconds(1))
      bench.feed(.checked(FleetBench.server, nil))
      if let probe = bench.sent.last { bench.answer(probe, .unavailable) }
    }
    #expect(bench.picture()?.health.lastProbe?.isSuccess == false)
    #expect(bench.picture()?.health.status == .healthy, "nobody's calls fail")
  }

  @Test func `no more checks run at once than the fleet's limit, and none is forgotten`() {
    let others = (0..<200).map {
      ServerDefinition(
        id: ServerID("s\($0)"), endpoint: .http(url: "http://s\($0)/mcp", headers: []))
    }
    var bench = FleetBench(others: others, checkInterval: .seconds(30))
    bench.answerOpens()
    bench.advance(.milliseconds(1))
    var seen: Set<ServerID> = []
    var open: [ServerID] = []
    var most = 0
    var read = 0
    while true {
      for effect in bench.effects[read...] {
        if case .check(let definition, _, _) = effect {
          seen.insert(definition.id)
          open.append(definition.id)
        }
      }
      read = bench.effects.count
      most = max(most, open.count)
      guard let next = open.popLast() else { break }
      bench.feed(.checked(next, nil))
    }
    #expect(most == 64)
    #expect(seen.count == 201)
  }
}

@Suite struct `Statistics of retries` {
  @Test func `attempts, retries, waits and their ends are counted by operation`() {
    var bench = FleetBench()
    let mended = bench.submit("echo")
    bench.answer(mended, .unavailable)
    bench.advance(.seconds(1))
    bench.answer(mended, .ok)
    let lost = bench.submit("pay")
    bench.answer(lost, .lost)
    let told = bench.submit("echo")
    bench.answer(
      told,
      .failure(
        Failure(
          .httpStatus(429), "HTTP 429", delivery: .refused, retryAfter: .seconds(2))))
    bench.advance(.seconds(3))
    bench.answer(told, .ok)
    let operations = bench.picture()?.operations ?? []
    #expect(operations.map(\.name) == ["tools/call echo", "tools/call pay"])
    #expect(operations.first?.calls == 2)
    #expect(operations.first?.attempts == 4)
    #expect(operations.first?.retries == 2)
    #expect(operations.first?.successesAfterRetry == 2)
    #expect(operations.first?.retryAfterHonoured == 1)
    #expect(operations.first?.sleeps.count == 2)
    #expect(operations.last?.giveUps.map(\.reason) == ["may have run"])
    #expect(bench.picture()?.retries.amplification == 5.0 / 3.0)
  }

  @Test func `calls that never reached the wire do not thin the amplification`() {
    var bench = FleetBench()
    bench.feed(.override(FleetBench.server, BreakerOverride(.open, owner: "anna")))
    _ = bench.submit("echo")
    #expect(bench.picture()?.retries.amplification == nil)
  }
}
