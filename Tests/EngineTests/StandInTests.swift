import Engine
import FleetModel
import Testing

@Suite struct `What stands in for an answer` {
  static let words = JSONText(unchecked: Array(#"{"content":[]}"#.utf8))

  private func bench(
    _ source: Fallback.Source, rules: [RetryRule] = [], others: [ServerDefinition] = []
  ) -> FleetBench {
    var policies = Policies()
    policies.retry.schedule.retryLimit = 0
    policies.retry.rules = rules
    policies.fallbacks = [Fallback(target: .any, source: source)]
    return FleetBench(policies: policies, others: others)
  }

  static let beta = ServerDefinition(
    id: ServerID("beta"), endpoint: .http(url: "http://beta/mcp", headers: []))

  @Test func `a configured answer is given and marked, and the server's failure is counted`() {
    var bench = bench(.answer(Self.words))
    let call = bench.submit("echo")
    bench.answer(call, .unavailable)
    bench.storeAll()
    #expect(bench.outcome(of: call)?.reply == .success(Self.words))
    #expect(bench.outcome(of: call)?.source == .fallback)
    #expect(bench.picture()?.calls.transportFailure == 1)
    #expect(bench.picture()?.calls.success == 0)
  }

  @Test func `a configured answer does not lose a call that was to do something`() {
    var bench = bench(.answer(Self.words))
    let call = bench.submit("pay")
    bench.answer(call, .lost)
    bench.storeAll()
    #expect(bench.stored.map(\.id.call) == [call])
    #expect(bench.stored.first?.delivery == .unknown)
    #expect(bench.outcome(of: call)?.source == .fallback)
    #expect(bench.outcome(of: call)?.isDeadLettered == true)
  }

  @Test func `another server's tool is asked with the same arguments`() {
    var bench = bench(.tool(ServerID("beta"), "echo2"), others: [Self.beta])
    let call = bench.submit("echo")
    bench.answer(call, .unavailable)
    bench.answerOpens()
    let asked = bench.effects.compactMap {
      if case .send(let call, _, _) = $0, call.server == ServerID("beta") { call } else { nil }
    }
    #expect(asked.map(\.target) == ["echo2"])
    #expect(asked.first?.params.text == #"{"name":"echo2","arguments":{}}"#)
    guard let other = asked.first else { return }
    bench.answer(other.id, .success(Self.words))
    #expect(bench.outcome(of: call)?.reply == .success(Self.words))
    #expect(bench.outcome(of: call)?.source == .fallback)
    #expect(bench.outcome(of: other.id) == nil, "nobody asked for that one")
  }

  @Test func `another server is not asked to do what this one may have done`() {
    var bench = bench(.tool(ServerID("beta"), nil), others: [Self.beta])
    let call = bench.submit("pay")
    bench.answer(call, .lost)
    bench.storeAll()
    #expect(bench.outcome(of: call)?.source == .server)
    #expect(bench.stored.map(\.delivery) == [.unknown])
  }

  @Test func `what the other server may have done is kept as possibly executed`() {
    var policies = Policies()
    policies.fallbacks = [Fallback(target: .any, source: .tool(ServerID("beta"), nil))]
    func asked(_ end: (inout FleetBench, CallID) -> Void) -> [DeadLetter] {
      var bench = FleetBench(policies: policies, others: [Self.beta])
      bench.feed(.override(FleetBench.server, BreakerOverride(.open, owner: "anna")))
      _ = bench.submit("pay")
      bench.answerOpens()
      guard let other = bench.sent.last else { return [] }
      end(&bench, other)
      return bench.stored
    }
    let lost = asked { $0.answer($1, .lost) }
    #expect(lost.map(\.delivery) == [.unknown])
    #expect(lost.map(\.server) == [FleetBench.server])
    let overdue = asked { bench, _ in bench.advance(.seconds(300)) }
    #expect(overdue.map(\.delivery) == [.unknown])
  }

  @Test func `two servers that fall back to each other end`() {
    var beta = Self.beta
    beta.policies.retry.schedule.retryLimit = 0
    beta.policies.fallbacks = [
      Fallback(target: .any, source: .tool(FleetBench.server, nil))
    ]
    var bench = bench(.tool(ServerID("beta"), nil), others: [beta])
    let call = bench.submit("echo")
    bench.answer(call, .unavailable)
    bench.answerOpens()
    guard let other = bench.sent.last, other != call else {
      Issue.record("the other server must be asked")
      return
    }
    bench.answer(other, .unavailable)
    bench.storeAll()
    #expect(bench.failure(of: call)?.kind == .httpStatus(503))
    #expect(bench.sent.count == 2)
  }

  @Test func `a caller that gives up takes the stand-in with it`() {
    var bench = bench(.tool(ServerID("beta"), nil), others: [Self.beta])
    let call = bench.submit("echo")
    bench.answer(call, .unavailable)
    bench.answerOpens()
    bench.feed(.cancel(call))
    #expect(bench.failure(of: call)?.kind == .cancelled)
    #expect(bench.effects.contains { if case .abort = $0 { true } else { false } })
    #expect(bench.effects.count { if case .finish = $0 { true } else { false } } == 1)
  }

  @Test(arguments: [true, false])
  func `a removed server's call waits for another's answer, asked before or then`(isBefore: Bool) {
    var policies = Policies()
    policies.fallbacks = [Fallback(target: .any, source: .tool(ServerID("beta"), nil))]
    var bench = FleetBench(policies: policies, others: [Self.beta], isConnected: false)
    if isBefore { bench.feed(.override(FleetBench.server, BreakerOverride(.open, owner: "anna"))) }
    let call = bench.submit("pay", opens: false)
    bench.reconfigure { $0.remove(at: 0) }
    #expect(bench.outcome(of: call) == nil && bench.sent.isEmpty)
    bench.answerOpens()
    guard let other = bench.sent.last, other != call else {
      Issue.record("the other server must be asked")
      return
    }
    bench.answer(other, .success(Self.words))
    #expect(bench.outcome(of: call)?.source == .fallback)
    #expect(bench.machine.footprint.calls == 0)
  }

  @Test func `a rule may ask for the fallback where the server did answer`() {
    let rule = RetryRule(causes: [.code(-32602 ... -32602)], action: .fallBack)
    var bench = bench(.answer(Self.words), rules: [rule])
    let ruled = bench.submit("echo")
    bench.answer(ruled, .protocolError(RPCError(code: -32602, message: "no")))
    #expect(bench.outcome(of: ruled)?.source == .fallback)
    let other = bench.submit("echo")
    bench.answer(other, .protocolError(RPCError(code: -32601, message: "no")))
    #expect(bench.outcome(of: other)?.source == .server)
  }

  @Test(arguments: [
    Reply.unavailable, .protocolError(RPCError(code: -32602, message: "no")),
  ])
  func `a rule that gives up lets nothing stand in for the failure`(reply: Reply) {
    var bench = bench(.answer(Self.words), rules: [RetryRule(causes: [], action: .giveUp)])
    let call = bench.submit("echo")
    bench.answer(call, reply)
    bench.storeAll()
    #expect(bench.outcome(of: call)?.source == .server)
  }

  @Test func `a rule may keep a failure that would not be kept`() {
    let rule = RetryRule(causes: [.status(400...400)], action: .deadLetter)
    var policies = Policies()
    policies.retry.rules = [rule]
    var bench = FleetBench(policies: policies)
    let call = bench.submit("pay")
    bench.answer(
      call, .failure(Failure(.httpStatus(400), "HTTP 400", delivery: .refused)))
    #expect(bench.stored.map(\.id.call) == [call])
  }

  @Test func `while the breaker is open a read gets the cache's last answer, marked stale`() {
    var policies = Policies()
    policies.retry.schedule.retryLimit = 0
    policies.breaker.openDuration = .seconds(3600)
    var bench = FleetBench(policies: policies)
    let first = bench.read("resources/list")
    bench.answer(first, .success(Self.words), timeToLive: .seconds(10))
    let hit = bench.read("resources/list")
    #expect(bench.outcome(of: hit)?.source == .cache)
    bench.advance(.seconds(11))
    for _ in 0..<5 {
      let call = bench.submit("echo", origin: .probe)
      bench.answer(call, .unavailable)
    }
    let stale = bench.read("resources/list")
    #expect(bench.outcome(of: stale)?.reply == .success(Self.words))
    #expect(bench.outcome(of: stale)?.source == .staleCache)
    #expect(bench.picture()?.cache.stale == 1)
    bench.advance(.seconds(3600))
    _ = bench.submit("echo", origin: .probe)
    #expect(bench.picture()?.cache.stale == 1)
  }

  @Test func `an answer asked for before an invalidation is not kept`() {
    var bench = FleetBench()
    let read = bench.read("resources/list")
    bench.feed(.invalidateCache(.server(FleetBench.server)))
    bench.answer(read, .success(Self.words), timeToLive: .seconds(10))
    let next = bench.read("resources/list")
    #expect(bench.sendCount(of: next) == 1)
  }

  @Test func `one entry, one server or everything can be invalidated by hand`() {
    var bench = FleetBench()
    let read = bench.read("resources/list")
    bench.answer(read, .success(Self.words), timeToLive: .seconds(10))
    #expect(bench.picture()?.cache.entries.map(\.key) == ["resources/list", "tools/list"])
    bench.feed(.invalidateCache(.entry(FleetBench.server, "resources/list")))
    #expect(bench.picture()?.cache.entries.map(\.key) == ["tools/list"])
    bench.feed(.invalidateCache(.all))
    #expect(bench.picture()?.cache.size == 0)
  }
}
