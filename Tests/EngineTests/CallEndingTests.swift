import Engine
import FleetModel
import Testing

/// Where a call can be when it is ended from outside.
enum WaitingPlace: CaseIterable, Sendable {
  case callersRate, serversRate, bulkhead, connection, wire, hedged, backoff, likeRead, otherServer

  static let beta = ServerDefinition(
    id: ServerID("beta"), endpoint: .http(url: "http://beta/mcp", headers: []))

  /// A bench with one call there, and the call.
  func make() -> (FleetBench, CallID) {
    switch self {
    case .callersRate: return second { ($0.load.callerRate, $0.load.callerBurst) = (1, 1) }
    case .serversRate: return second { ($0.load.rate, $0.load.burst) = (1, 1) }
    case .bulkhead: return second { $0.load.concurrency = 1 }
    case .connection:
      var bench = FleetBench(isConnected: false)
      let call = CallID(high: 5, low: 1)
      bench.feed(
        .submit(
          .tool("pay", arguments: .emptyObject, on: FleetBench.server, id: call, origin: .cli)))
      return (bench, call)
    case .wire:
      var bench = FleetBench()
      let call = bench.submit("pay")
      return (bench, call)
    case .hedged:
      var policies = Policies()
      policies.load.isHedging = true
      var bench = FleetBench(policies: policies)
      let calls = [bench.submit("echo"), bench.submit("echo")]
      for call in calls { bench.answer(call, .ok) }
      let call = bench.submit("echo")
      bench.advance(.milliseconds(100))
      return (bench, call)
    case .backoff:
      var bench = FleetBench()
      let call = bench.submit("pay")
      bench.answer(call, .unavailable)
      return (bench, call)
    case .likeRead:
      var bench = FleetBench()
      _ = bench.read("resources/list")
      let call = bench.read("resources/list")
      return (bench, call)
    case .otherServer:
      var policies = Policies()
      policies.retry.schedule = .none
      policies.fallbacks = [Fallback(target: .any, source: .tool(Self.beta.id, nil))]
      var bench = FleetBench(policies: policies, others: [Self.beta])
      let call = bench.submit("pay")
      bench.answer(call, .unavailable)
      return (bench, call)
    }
  }

  /// The second of two calls of one caller, where only one may go.
  private func second(_ change: (inout Policies) -> Void) -> (FleetBench, CallID) {
    var policies = Policies()
    change(&policies)
    var bench = FleetBench(policies: policies)
    let first = bench.submit("echo")
    let second = bench.submit("pay")
    if self != .bulkhead { bench.answer(first, .ok) }
    return (bench, second)
  }
}

@Suite struct `A call that is ended from outside` {
  /// All that is still under way gets its answer, and time passes.
  private func settle(_ bench: inout FleetBench) {
    for _ in 0..<3 {
      bench.answerOpens()
      for call in bench.sent { bench.answer(call, .ok) }
      bench.advance(.seconds(10))
      bench.storeAll()
    }
  }

  private func expectNothingHeld(_ bench: inout FleetBench) {
    let picture = bench.picture()
    #expect(picture?.load.running == 0)
    #expect(picture?.load.waiting == 0)
    #expect(picture?.pool.active == 0)
    #expect(picture?.pool.waiting == 0)
    #expect(picture?.retries.budgetUsed == 0)
    #expect(picture?.breaker.probesInFlight == 0)
    #expect(picture?.breaker.consecutiveFailures == 0 || picture?.calls.success == 0)
  }

  @Test(arguments: WaitingPlace.allCases)
  func `cancelled wherever it waits it ends at once, and holds nothing`(
    place: WaitingPlace
  ) {
    var (bench, call) = place.make()
    #expect(bench.outcome(of: call) == nil, "it waits")
    let sent = bench.sendCount(of: call)
    bench.feed(.cancel(call))
    #expect(bench.failure(of: call)?.kind == .cancelled)
    #expect(bench.failure(of: call)?.delivery == delivery(of: place))
    #expect(bench.picture()?.load.waiting == 0, "its place in the queue is free at once")
    #expect(bench.picture()?.pool.waiting == 0)
    settle(&bench)
    #expect(bench.sendCount(of: call) == sent, "nothing more is sent")
    #expect(bench.stored.isEmpty, "its caller knows that it gave up")
    expectNothingHeld(&bench)
    let next = bench.submit("echo")
    bench.answer(next, .ok)
    #expect(bench.outcome(of: next)?.reply == .ok)
  }

  private func delivery(of place: WaitingPlace) -> Delivery {
    switch place {
    case .callersRate, .serversRate, .bulkhead, .connection, .likeRead: .notSent
    case .backoff: .refused
    case .wire, .hedged, .otherServer: .unknown
    }
  }

  @Test(arguments: WaitingPlace.allCases, [true, false])
  func `stopped wherever it waits it has its end, and no timer is left (pitfall 33)`(
    place: WaitingPlace, drains: Bool
  ) {
    var (bench, call) = place.make()
    if drains { bench.feed(.drain(limit: .seconds(2))) }
    bench.feed(.stop)
    bench.storeAll()
    #expect(bench.failure(of: call) != nil)
    #expect(bench.machine.nextDeadline == nil, "sweeps, checks and ticks end with the engine")
    let ends = bench.effects.count {
      if case .finish(let outcome) = $0 { outcome.call == call } else { false }
    }
    #expect(ends == 1)
  }

  @Test func `a call whose deadline has passed is not sent (pitfall 23)`() {
    var bench = FleetBench()
    bench.advance(.seconds(5))
    let call = bench.submit("pay", deadline: bench.now)
    bench.advance(.milliseconds(1))
    #expect(bench.sendCount(of: call) == 0)
    #expect(bench.failure(of: call)?.kind == .totalTimeout)
    #expect(bench.failure(of: call)?.delivery == .notSent)
    #expect(bench.stored.isEmpty)
  }

  @Test func `a connection that comes after the deadline sends nothing (pitfall 23)`() {
    var bench = FleetBench(isConnected: false)
    let call = CallID(high: 5, low: 1)
    bench.feed(
      .submit(
        .tool(
          "pay", arguments: .emptyObject, on: FleetBench.server, id: call, origin: .cli,
          deadline: bench.now + .seconds(1))))
    // The alarm is a little late: the connection is told first.
    bench.now = bench.now + .milliseconds(1001)
    bench.answerOpens()
    bench.feed(.timeReached)
    #expect(bench.sendCount(of: call) == 0)
    #expect(bench.failure(of: call)?.delivery == .notSent)
    expectNothingHeld(&bench)
  }

  @Test func `a try that ignores its end holds nobody up (pitfall 24)`() {
    var policies = Policies()
    policies.load.concurrency = 1
    policies.retry.schedule = .none
    var bench = FleetBench(policies: policies)
    let hung = bench.submit("echo")
    bench.advance(.seconds(28))
    let next = bench.submit("echo")
    bench.advance(.seconds(2))
    bench.storeAll()
    #expect(bench.failure(of: hung)?.kind == .tryTimeout, "its transport never answered")
    #expect(bench.sendCount(of: next) == 1, "its place and its connection are free")
    bench.answer(next, .ok)
    #expect(bench.outcome(of: next)?.reply == .ok)
  }

  @Test func `a server that never answers opens its breaker also where the total is the shorter`() {
    var policies = Policies()
    policies.retry.totalTimeout = .seconds(10)
    var bench = FleetBench(policies: policies)
    for _ in 0..<5 {
      _ = bench.submit("pay")
      bench.advance(.seconds(10))
    }
    #expect(bench.picture()?.breaker.state == .open)
  }

  @Test func `a last try cut short by the total says nothing about the server`() {
    var policies = Policies()
    policies.retry.totalTimeout = .seconds(40)
    var bench = FleetBench(policies: policies)
    _ = bench.submit("echo")
    bench.advance(.seconds(40))
    #expect(bench.picture()?.breaker.consecutiveFailures == 1, "the first try's 30 s")
  }

  @Test func `a read that outlives its first caller's deadline keeps its try's time`() {
    var bench = FleetBench()
    let first = bench.read("resources/list", deadline: bench.now + .seconds(2))
    let second = bench.read("resources/list")
    bench.advance(.seconds(10))
    #expect(bench.failure(of: first)?.kind == .totalTimeout)
    #expect(bench.sendCount(of: first) == 1)
    #expect(bench.picture()?.breaker.consecutiveFailures == 0)
    bench.answer(first, .ok)
    #expect(bench.outcome(of: second)?.reply == .ok)
  }
}
