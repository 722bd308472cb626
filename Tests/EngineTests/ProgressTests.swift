import Engine
import FleetModel
import Testing

@Suite struct `Progress reports` {
  private func bench(_ change: (inout Policies) -> Void = { _ in }) -> FleetBench {
    var policies = Policies()
    policies.retry.schedule = .none
    policies.retry.tryTimeout = .seconds(10)
    policies.retry.progressTimeout = .seconds(25)
    change(&policies)
    return FleetBench(policies: policies)
  }

  private static func report(_ progress: Double) -> CallProgress {
    CallProgress(progress: progress, total: 100, message: "at work")
  }

  @Test func `give a try its time anew, up to a limit from its beginning`() {
    var bench = bench()
    let call = bench.submit("pay")
    for step in 1...4 {
      bench.advance(.seconds(6))
      bench.report(on: call, Double(step))
      #expect(bench.outcome(of: call) == nil, "after \(6 * step) s")
    }
    bench.advance(.milliseconds(999))
    #expect(bench.outcome(of: call) == nil && bench.stored.isEmpty)
    bench.advance(.milliseconds(1))
    bench.storeAll()
    #expect(bench.failure(of: call)?.kind == .tryTimeout)
    #expect(bench.failure(of: call)?.message.contains("25 s") ?? false)
  }

  @Test func `without them, or with one only, the try ends at its own time after the last`() {
    var bench = bench()
    let silent = bench.submit("pay")
    let talker = bench.submit("pay")
    bench.advance(.seconds(4))
    bench.report(on: talker, 1)
    bench.advance(.seconds(6))
    bench.storeAll()
    #expect(bench.failure(of: silent)?.kind == .tryTimeout)
    #expect(bench.outcome(of: talker) == nil)
    bench.advance(.seconds(4))
    bench.storeAll()
    #expect(bench.failure(of: talker)?.kind == .tryTimeout)
  }

  @Test func `extend nothing where the limit is no longer than a try`() {
    var bench = bench { $0.retry.progressTimeout = .seconds(5) }
    let call = bench.submit("pay")
    bench.advance(.seconds(9))
    bench.report(on: call, 1)
    bench.advance(.seconds(1))
    #expect(!bench.stored.isEmpty)
  }

  @Test func `pass neither the call's total time nor its caller's deadline`() {
    var bench = bench { $0.retry.totalTimeout = .seconds(15) }
    let call = bench.submit("pay")
    let hasty = bench.submit("pay", deadline: bench.now + .seconds(12))
    for _ in 1...3 {
      bench.advance(.seconds(4))
      bench.report(on: call, 1)
      bench.report(on: hasty, 1)
    }
    bench.storeAll()
    #expect(bench.failure(of: hasty)?.kind == .totalTimeout)
    bench.advance(.seconds(3))
    bench.storeAll()
    #expect(bench.outcome(of: call) != nil)
  }

  @Test func `reach the caller in order, and never after the outcome`() {
    var bench = bench()
    let call = bench.submit("pay")
    for step in [1.0, 2, 5] { bench.report(on: call, step) }
    bench.answer(call, .ok)
    bench.report(on: call, 6)
    #expect(bench.reports.map(\.call) == [call, call, call])
    #expect(bench.reports.map(\.report) == [1, 2, 5].map(Self.report))
    #expect(bench.outcome(of: call)?.reply == .ok)
  }

  @Test func `only grow for the caller, though a second try begins from zero`() {
    var bench = bench { $0.retry.schedule = .standard }
    let call = bench.submit("echo")
    bench.report(on: call, 7)
    bench.report(on: call, 7)
    bench.report(on: call, .nan)
    bench.answer(call, .unavailable)
    bench.advance(.seconds(1))
    #expect(bench.sendCount(of: call) == 2)
    bench.report(on: call, 1)
    bench.report(on: call, 8)
    #expect(bench.reports.map(\.report.progress) == [7, 8])
  }

  @Test func `of a try that has ended change nothing`() throws {
    var bench = bench { $0.retry.schedule = .standard }
    let call = bench.submit("echo")
    let first = try #require(bench.attempt(of: call))
    bench.answer(call, .unavailable)
    while bench.sendCount(of: call) < 2 { bench.advance(.milliseconds(1)) }
    let begun = bench.now
    bench.feed(.progress(first, Self.report(9)))
    #expect(bench.reports.isEmpty)
    bench.advance(.seconds(5))
    bench.feed(.progress(first, Self.report(10)))
    bench.advance(begun + .seconds(10) - bench.now)
    #expect(bench.picture()?.pool.active == 0, "the second try has ended at its own time")
  }

  @Test func `reach all who wait for the same read, and those who left no more`() {
    var bench = bench()
    let leader = bench.read("resources/list")
    let follower = bench.read("resources/list")
    let leaver = bench.read("resources/list")
    bench.report(on: leader, 1)
    bench.feed(.cancel(leaver))
    bench.report(on: leader, 2)
    bench.feed(.cancel(leader))
    bench.report(on: leader, 3)
    #expect(
      bench.reports.map(\.call) == [leader, follower, leaver, leader, follower, follower])
  }

  @Test func `of the one that stands in reach the caller it stands in for`() {
    var policies = Policies()
    policies.retry.schedule = .none
    policies.fallbacks = [Fallback(target: .any, source: .tool(ServerID("beta"), nil))]
    let beta = ServerDefinition(
      id: ServerID("beta"), endpoint: .http(url: "http://beta/mcp", headers: []))
    var bench = FleetBench(policies: policies, others: [beta])
    let call = bench.submit("pay")
    bench.answer(call, .unavailable)
    bench.report(onAttempt: bench.lastAttempt, 3)
    #expect(bench.reports.map(\.call) == [call])
  }

  @Test func `of a second sending keep that one alone`() throws {
    var bench = bench {
      $0.load.isHedging = true
      $0.load.hedgeDelay = .seconds(1)
    }
    bench.openSecond()
    let call = bench.submit("echo")
    let first = try #require(bench.attempt(of: call))
    bench.advance(.seconds(1))
    let second = try #require(bench.attempt(of: call))
    #expect(first != second)
    bench.advance(.seconds(7))
    bench.report(onAttempt: second, 1)
    bench.advance(.seconds(2))
    #expect(bench.aborted == [first])
    #expect(bench.outcome(of: call) == nil)
    bench.feed(.exchanged(second, Exchange(reply: .ok)))
    #expect(bench.outcome(of: call)?.reply == .ok)
    #expect(bench.outcome(of: call)?.attempts.map(\.result) == ["timeout", "ok"])
    #expect(bench.picture()?.retries.budgetUsed == 0)
    #expect(bench.picture()?.pool.active == 0)
  }

  @Test func `two silent sendings end together`() throws {
    var bench = bench {
      $0.load.isHedging = true
      $0.load.hedgeDelay = .seconds(1)
    }
    bench.openSecond()
    let call = bench.submit("echo")
    bench.advance(.seconds(10))
    #expect(bench.aborted.count == 2)
    bench.storeAll()
    #expect(bench.failure(of: call)?.kind == .tryTimeout)
  }
}

extension FleetBench {
  fileprivate mutating func report(on call: CallID, _ progress: Double) {
    report(onAttempt: attempt(of: call), progress)
  }

  fileprivate mutating func report(onAttempt attempt: AttemptID?, _ progress: Double) {
    guard let attempt else { return }
    feed(.progress(attempt, CallProgress(progress: progress, total: 100, message: "at work")))
  }

  fileprivate var lastAttempt: AttemptID? {
    effects.reversed().lazy.compactMap {
      if case .send(_, let attempt, _) = $0 { attempt } else { nil }
    }.first
  }

  fileprivate var aborted: [AttemptID] {
    effects.compactMap { if case .abort(let attempt) = $0 { attempt } else { nil } }
  }

  /// Two connections are open and free.
  fileprivate mutating func openSecond() {
    let calls = [submit("echo"), submit("echo")]
    for call in calls { answer(call, .ok) }
  }
}
