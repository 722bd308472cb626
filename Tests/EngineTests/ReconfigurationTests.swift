import Engine
import FleetModel
import Testing

@Suite struct `A reconfiguration` {
  private static let beta = definition("beta")
  private static let gamma = definition("gamma")

  private static func definition(_ name: String) -> ServerDefinition {
    ServerDefinition(id: ServerID(name), endpoint: .http(url: "http://\(name)/mcp", headers: []))
  }

  private func names(_ bench: inout FleetBench) -> [String] {
    bench.machine.snapshot(at: bench.now).servers.map(\.id.name)
  }

  // MARK: What stays

  @Test func `leaves an unchanged server's connections, counters and history alone`() {
    var bench = FleetBench(others: [Self.beta])
    bench.answer(bench.submit("echo"), .ok)
    bench.answer(bench.read("resources/list"), .ok, timeToLive: .seconds(60))
    bench.advance(.seconds(1))
    let before = bench.picture()
    let effects = bench.reconfigure { $0.append(Self.gamma) }
    #expect(bench.picture() == before)
    #expect(before?.calls.success == 2 && before?.isConnected == true)
    for effect in effects {
      switch effect {
      case .publish: break
      case .open(let definition, _, _): #expect(definition.id == Self.gamma.id)
      default: Issue.record("\(effect) is not needed")
      }
    }
    #expect(bench.reconfigure { _ in }.count == 1, "the picture alone")
  }

  @Test func `shows exactly the new list, in its order`() {
    var bench = FleetBench(others: [Self.beta])
    bench.reconfigure { $0 = [Self.gamma, $0[1], $0[0]] }
    #expect(names(&bench) == ["gamma", "beta", "alpha"])
    bench.reconfigure { $0.remove(at: 1) }
    #expect(names(&bench) == ["gamma", "alpha"])
    let late = bench.submit("echo", server: Self.beta.id)
    #expect(bench.failure(of: late)?.kind == .unknownServer)
    #expect(bench.failure(of: late)?.message.hasSuffix("there are: gamma, alpha") ?? false)
  }

  @Test func `says each change in a sentence`() {
    var bench = FleetBench(others: [Self.beta])
    bench.reconfigure {
      $0.remove(at: 1)
      $0[0].policies.retry.tryTimeout = .seconds(1)
      $0[0].source = "~/.mcp.json"
      $0.append(Self.gamma)
    }
    #expect(
      bench.notices().suffix(3) == [
        "removed", "changed: policies, source; its connections stay (~/.mcp.json)",
        "added: http://gamma/mcp",
      ])
  }

  @Test func `of policies alone keeps connections, counters and the breaker's state`() {
    var policies = Policies()
    policies.retry.schedule = .none
    policies.breaker.failureLimit = 2
    var bench = FleetBench(policies: policies)
    for _ in 0..<2 { bench.answer(bench.submit("echo"), .unavailable) }
    let before = bench.picture()
    #expect(before?.breaker.state == .open)
    let effects = bench.reconfigure {
      $0[0].policies.breaker.openDuration = .seconds(1)
      $0[0].policies.load.concurrency = 1
      $0[0].policies.cache.timeToLive = .seconds(3)
    }
    #expect(effects.count == 1, "the picture alone")
    let after = bench.picture()
    #expect(after?.breaker == before?.breaker)
    #expect(after?.calls == before?.calls && after?.pool == before?.pool)
    #expect(after?.load.limit == 1)
  }

  @Test func `puts new limits in force for what comes`() {
    var bench = FleetBench()
    bench.reconfigure {
      $0[0].policies.load.concurrency = 1
      $0[0].policies.retry.tryTimeout = .seconds(2)
      $0[0].policies.retry.schedule = .none
    }
    let first = bench.submit("pay")
    let second = bench.submit("pay")
    #expect(bench.sent == [first])
    bench.advance(.seconds(2))
    bench.storeAll()
    #expect(bench.failure(of: first)?.kind == .tryTimeout)
    #expect(bench.sent == [first, second])
  }

  @Test func `lets those that wait in when there are more places`() {
    var policies = Policies()
    policies.load.concurrency = 1
    var bench = FleetBench(policies: policies)
    let calls = (0..<4).map { _ in bench.submit("echo") }
    bench.reconfigure { $0[0].policies.load.concurrency = 3 }
    bench.answerOpens()
    #expect(bench.sent == Array(calls.prefix(3)))
    bench.reconfigure { $0[0].policies.load.concurrency = 1 }
    bench.answer(calls[0], .ok)
    bench.answer(calls[1], .ok)
    #expect(bench.sent.count == 3, "two too many have left, one runs")
    bench.answer(calls[2], .ok)
    #expect(bench.sent == calls)
  }

  @Test func `starts and ends probes with their new list`() {
    let probe = Probe(tool: "echo", arguments: .emptyObject, interval: .seconds(10))
    var bench = FleetBench()
    bench.reconfigure { $0[0].probes = [probe] }
    bench.advance(.seconds(1))
    #expect(bench.sent.count == 1)
    bench.answer(bench.sent[0], .ok)
    bench.reconfigure { $0[0].probes = [] }
    bench.advance(.seconds(60))
    #expect(bench.sent.count == 1)
  }

  // MARK: Another endpoint

  @Test func `with another endpoint connects anew and keeps counters and series`() {
    var bench = FleetBench(tickInterval: .seconds(1))
    bench.answer(bench.submit("echo"), .ok)
    let running = bench.submit("pay")
    bench.advance(.seconds(3))
    let before = bench.picture()
    let effects = bench.reconfigure {
      $0[0].endpoint = .http(url: "http://other/mcp", headers: [])
    }
    #expect(
      effects.contains {
        if case .open(let definition, _, knownEra: nil) = $0 {
          definition.endpoint == .http(url: "http://other/mcp", headers: [])
        } else {
          false
        }
      })
    let after = bench.picture()
    #expect(after?.address == "http://other/mcp" && after?.isConnected == false)
    #expect(after?.calls == before?.calls && after?.series == before?.series)
    #expect(after?.toolCount == nil && after?.era == .unknown)
    bench.answer(running, .ok)
    #expect(bench.outcome(of: running)?.reply == .ok, "what was on the wire has its answer")
    bench.answerOpens()
    #expect(bench.picture()?.isConnected == true)
    #expect(bench.picture()?.pool.open == 1, "the old connection closed with its last call")
  }

  @Test(arguments: [true, false])
  func `connects anew within the new limits, beside what is still in use`(isElsewhere: Bool) {
    var policies = Policies()
    policies.pool.openLimit = 4
    var bench = FleetBench(policies: policies)
    let running = [bench.submit("pay"), bench.submit("pay")]
    let before = bench.opens
    bench.reconfigure {
      if isElsewhere { $0[0].endpoint = .http(url: "http://elsewhere/mcp", headers: []) }
      $0[0].policies.session.listens.toggle()
      $0[0].policies.pool.openLimit = 2
    }
    #expect(bench.opens == before)
    bench.answer(running[0], .ok)
    #expect(bench.opens == before + 1)
  }

  @Test func `with another endpoint drops what was known of the old one`() {
    var bench = FleetBench()
    bench.answer(bench.read("resources/list"), .ok, timeToLive: .seconds(60))
    let paying = bench.submit("echo")
    bench.reconfigure { $0[0].endpoint = .http(url: "http://other/mcp", headers: []) }
    bench.answer(paying, .lost)
    bench.feed(.toolsListed(FleetBench.server, ToolList(tools: [], result: .emptyObject)))
    #expect(bench.picture()?.toolCount == nil, "a late list of the old endpoint")
    let read = bench.read("resources/list")
    #expect(bench.sendCount(of: read) == 1)
    let unsafe = bench.submit("echo")
    bench.answer(unsafe, .lost)
    #expect(
      bench.stored.map(\.id.call).contains(unsafe), "no tool of the new one is known to be safe")
  }

  @Test func `goes on where a server was moved to, if its endpoints are the same`() {
    let choices = ["first", "second"].map {
      EndpointChoice(name: $0, endpoint: .http(url: "http://\($0)/mcp", headers: []))
    }
    var policies = Policies()
    policies.failover.openFailureLimit = 1
    var bench = FleetBench(
      policies: policies, endpoint: choices[0].endpoint, choices: choices, isConnected: false)
    guard let first = bench.lastOpen else { return }
    bench.feed(.openFailed(first, Failure(.connectionRefused, "refused", delivery: .notSent)))
    bench.answerOpens()
    #expect(bench.picture()?.endpoint?.position == 2)
    bench.reconfigure { $0[0].choices[1].name = "spare" }
    #expect(bench.picture()?.endpoint?.name == "spare")
    #expect(bench.picture()?.isConnected == true)
    bench.reconfigure { $0[0].choices.reverse() }
    #expect(bench.picture()?.isConnected == false)
  }

  // MARK: Removal

  @Test func `ends what waits, and lets what is on the wire finish`() {
    var policies = Policies()
    policies.load.concurrency = 1
    var bench = FleetBench(policies: policies, others: [Self.beta])
    let running = bench.submit("pay")
    let waiting = bench.submit("pay")
    bench.reconfigure { $0.remove(at: 0) }
    #expect(bench.failure(of: waiting)?.kind == .unknownServer)
    #expect(bench.failure(of: waiting)?.delivery == .notSent)
    #expect(bench.outcome(of: running) == nil)
    let late = bench.submit("pay")
    #expect(bench.failure(of: late)?.kind == .unknownServer)
    #expect(bench.closed.isEmpty)
    bench.answer(running, .ok)
    #expect(bench.outcome(of: running)?.reply == .ok)
    #expect(bench.closed.count == 1)
    #expect(bench.notices().contains("removed; calls on the wire: 1, which end first"))
  }

  @Test func `keeps a dead letter of a removed server's call that may have run`() {
    var bench = FleetBench(others: [Self.beta])
    let running = bench.submit("pay")
    bench.reconfigure { $0.remove(at: 0) }
    bench.advance(.seconds(30))
    #expect(bench.stored.map(\.id.call) == [running])
    bench.storeAll()
    #expect(bench.outcome(of: running)?.isDeadLettered == true)
    #expect(bench.failure(of: running)?.delivery == .unknown)
    #expect(bench.closed.count == 1)
  }

  @Test func `never sends a removed server's call again, and tells how it had failed`() {
    var bench = FleetBench(others: [Self.beta])
    let running = bench.submit("echo")
    let backingOff = bench.submit("echo")
    bench.answer(backingOff, .unavailable)
    let opens = bench.opens
    bench.reconfigure { $0.remove(at: 0) }
    bench.answer(running, .unavailable)
    bench.storeAll()
    bench.advance(.seconds(60))
    for call in [running, backingOff] {
      #expect(bench.sendCount(of: call) == 1)
      #expect(bench.failure(of: call)?.kind == .httpStatus(503))
    }
    #expect(bench.failure(of: backingOff)?.message.contains("no longer in the fleet") ?? false)
    #expect(bench.opens == opens)
  }

  @Test func `takes a removed server's checks, probes and searches with it`() {
    let probe = Probe(tool: "echo", arguments: .emptyObject, interval: .seconds(1))
    var bench = FleetBench(probes: [probe], others: [Self.beta], checkInterval: .seconds(1))
    bench.advance(.milliseconds(500))
    bench.reconfigure { $0.remove(at: 0) }
    let count = bench.effects.count
    bench.advance(.seconds(600))
    for effect in bench.effects.dropFirst(count) {
      switch effect {
      case .check(let definition, _, _): #expect(definition.id == Self.beta.id)
      case .send, .listTools: Issue.record("\(effect)")
      default: break
      }
    }
    bench.feed(.stop)
    #expect(bench.machine.footprint.timers == 0)
  }

  @Test func `sends nobody over what a removed server's probe leaves`() {
    let probe = Probe(tool: "echo", arguments: .emptyObject, interval: .seconds(1))
    var policies = Policies()
    policies.pool.openLimit = 1
    policies.load.concurrency = 5
    var bench = FleetBench(policies: policies, probes: [probe])
    bench.advance(.seconds(1))
    #expect(bench.sent.count == 1)
    let waiting = bench.submit("pay")
    bench.reconfigure { $0 = [] }
    #expect(bench.sendCount(of: waiting) == 0)
    #expect(bench.failure(of: waiting)?.kind == .unknownServer)
    #expect(bench.machine.footprint.calls == 0 && bench.machine.footprint.attempts == 0)
  }

  @Test func `news of a removed server's connection never reaches its successor`() throws {
    var bench = FleetBench()
    let old = try #require(bench.lastOpen)
    bench.reconfigure { $0 = [Self.gamma] }
    bench.reconfigure { $0 = [FleetBench.alpha] }
    let new = try #require(bench.lastOpen)
    #expect(new != old)
    bench.feed(.opened(new, FleetBench.info))
    bench.feed(.closed(FleetBench.server, old, Failure(.connectionReset, "", delivery: .unknown)))
    bench.feed(.openFailed(old, Failure(.connectionReset, "", delivery: .unknown)))
    #expect(bench.picture()?.isConnected == true)
    #expect(bench.feed(.opened(old, FleetBench.info)).closes == [old])
    #expect(bench.picture()?.calls == CallCounts())
  }

  @Test func `that brings a server back begins it anew beside what is left of it`() {
    var bench = FleetBench()
    let running = bench.submit("pay")
    let attempt = bench.attempt(of: running)
    bench.reconfigure { $0 = [] }
    bench.reconfigure { $0 = [FleetBench.alpha] }
    bench.answerOpens()
    let next = bench.submit("pay")
    #expect(bench.sendCount(of: next) == 1)
    if let attempt { bench.feed(.exchanged(attempt, Exchange(reply: .ok))) }
    #expect(bench.outcome(of: running)?.reply == .ok)
    #expect(bench.picture()?.calls == CallCounts(), "the old one's answer is not the new one's")
    #expect(bench.picture()?.pool.active == 1)
    #expect(bench.machine.snapshot(at: bench.now).totals.calls == 1)
  }

  @Test func `of servers that come and go for ever takes no more memory`() {
    var bench = FleetBench()
    for round in 0..<2000 {
      let name = "server-\(round)"
      bench.reconfigure { $0 = [$0[0], Self.definition(name), Self.gamma] }
      bench.answerOpens()
      let call = bench.submit("echo", server: ServerID(name))
      bench.reconfigure { $0 = [$0[0]] }
      bench.answer(call, .ok)
      bench.effects = []
    }
    let footprint = bench.machine.footprint
    #expect(footprint.places <= 4 && footprint.calls == 0 && footprint.attempts == 0)
    #expect(footprint.timers < 20)
    #expect(bench.machine.snapshot(at: bench.now).totals.calls == 2000)
  }

  @Test func `while the engine drains is left for the next start`() {
    var bench = FleetBench()
    let running = bench.submit("pay")
    bench.feed(.drain(limit: .seconds(5)))
    bench.reconfigure { $0 = [Self.gamma] }
    #expect(names(&bench) == ["alpha"])
    bench.answer(running, .ok)
    #expect(bench.outcome(of: running)?.reply == .ok)
  }

  @Test func `before the start changes the list only`() {
    var machine = FleetMachine(
      engine: EngineIdentity(name: "test", version: "0", startedAt: FleetBench.epoch), servers: [])
    var random = SplitMix64(seed: 1)
    #expect(machine.handle(.reconfigured([Self.beta]), at: .origin, using: &random).isEmpty)
    let effects = machine.handle(.start(wallClock: FleetBench.epoch), at: .origin, using: &random)
    #expect(effects.contains { if case .open = $0 { true } else { false } })
  }

  @Test func `sources are shown as given`() {
    var bench = FleetBench()
    let source = SourceSnapshot(
      name: "~/.mcp.json", kind: .file, serverCount: 1, isWell: true, text: "read just now")
    bench.feed(.sourcesChanged([source]))
    #expect(bench.machine.snapshot(at: bench.now).sources == [source])
  }
}

extension FleetBench {
  /// The first server as it was configured at first.
  fileprivate static var alpha: ServerDefinition {
    var definition = ServerDefinition(id: server, endpoint: http)
    definition.policies.health.interval = .seconds(86_400)
    return definition
  }

  fileprivate var closed: [ConnectionID] { effects.closes }

  /// Connections asked for to the first server.
  fileprivate var opens: Int {
    effects.count { effect in
      if case .open(let definition, _, _) = effect { definition.id == Self.server } else { false }
    }
  }
}

extension [FleetEffect] {
  fileprivate var closes: [ConnectionID] {
    compactMap { if case .close(let id) = $0 { id } else { nil } }
  }
}
