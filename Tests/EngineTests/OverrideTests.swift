import Engine
import FleetModel
import Testing

@Suite struct `The operator's hand on a breaker` {
  private func overridden(
    _ kind: BreakerOverride.Kind, for time: Duration = .seconds(60), reason: String = "deploy of v2"
  ) -> FleetBench {
    var policies = Policies()
    policies.retry.schedule.retryLimit = 0
    var bench = FleetBench(policies: policies)
    bench.feed(
      .override(
        FleetBench.server,
        BreakerOverride(kind, reason: reason, owner: "anna", timeToLive: time)))
    return bench
  }

  @Test func `forced open it counts down, says who and why, and sends nothing`() {
    var bench = overridden(.open)
    bench.advance(.seconds(59))
    let refused = bench.submit("echo")
    #expect(bench.sendCount(of: refused) == 0)
    #expect(bench.failure(of: refused)?.kind == .breakerOpen)
    let override = bench.picture()?.breaker.override
    #expect(override?.owner == "anna")
    #expect(override?.reason == "deploy of v2")
    #expect(override?.until == FleetBench.epoch + .seconds(60))
    #expect(bench.picture()?.breaker.state == .forcedOpen)
  }

  @Test func `when the lease ends probes decide, and an audit notice stays`() {
    var bench = overridden(.open)
    bench.advance(.seconds(60))
    #expect(bench.picture()?.breaker.override == nil)
    #expect(bench.picture()?.breaker.state == .halfOpen)
    for _ in 0..<2 {
      let call = bench.submit("echo")
      bench.answer(call, .ok)
    }
    #expect(bench.picture()?.breaker.state == .closed)
    let notices = bench.notices()
    #expect(notices.contains("breaker forced open by anna for 60 s: deploy of v2"))
    #expect(notices.contains { $0.contains("is over") && $0.contains("anna") })
  }

  @Test func `held closed it never opens, and the rules go on afterwards`() {
    var bench = overridden(.closed)
    for _ in 0..<20 {
      let call = bench.submit("echo")
      bench.answer(call, .unavailable)
    }
    #expect(bench.picture()?.breaker.state == .closed)
    bench.advance(.seconds(60))
    let call = bench.submit("echo")
    bench.answer(call, .unavailable)
    #expect(bench.picture()?.breaker.state == .open)
  }

  @Test func `disabled everything passes and nothing is counted`() {
    var bench = overridden(.disabled)
    for _ in 0..<20 {
      let call = bench.submit("echo")
      bench.answer(call, .unavailable)
    }
    #expect(bench.picture()?.breaker.state == .disabled)
    #expect(bench.picture()?.breaker.consecutiveFailures == 0)
    bench.advance(.seconds(60))
    #expect(bench.picture()?.breaker.state == .closed)
  }

  @Test func `without a time to live only a reset ends it`() {
    var bench = overridden(.open, for: .zero, reason: "")
    bench.advance(.seconds(30 * 86_400))
    #expect(bench.picture()?.breaker.state == .forcedOpen)
    #expect(bench.picture()?.breaker.override?.until == nil)
    #expect(bench.notices().contains("breaker forced open by anna until reset"))
    bench.feed(.resetBreaker(FleetBench.server))
    #expect(bench.picture()?.breaker.state == .closed)
    #expect(bench.picture()?.breaker.override == nil)
  }

  @Test func `a new override replaces the one before it`() {
    var bench = overridden(.open)
    bench.feed(
      .override(
        FleetBench.server, BreakerOverride(.disabled, owner: "ben", timeToLive: .seconds(600))))
    bench.advance(.seconds(60))
    #expect(bench.picture()?.breaker.state == .disabled)
    #expect(bench.picture()?.breaker.override?.owner == "ben")
  }

  @Test func `who waits for a connection is told at once when it is forced open`() {
    var policies = Policies()
    policies.load.concurrency = 100
    policies.pool.openLimit = 1
    var bench = FleetBench(policies: policies)
    _ = bench.submit("echo")
    let waiting = bench.submit("echo")
    #expect(bench.outcome(of: waiting) == nil)
    bench.feed(.override(FleetBench.server, BreakerOverride(.open, owner: "anna")))
    #expect(bench.failure(of: waiting)?.kind == .breakerOpen)
    #expect(bench.failure(of: waiting)?.delivery == .notSent)
    #expect(bench.picture()?.pool.waiting == 0)
  }

  @Test func `health checks neither open nor close a breaker (pitfall 10)`() {
    var policies = Policies()
    policies.retry.schedule.retryLimit = 0
    var bench = FleetBench(policies: policies)
    for _ in 0..<5 {
      let call = bench.submit("echo")
      bench.answer(call, .unavailable)
    }
    for _ in 0..<10 {
      bench.advance(.seconds(1))
      bench.feed(.checked(FleetBench.server, nil))
    }
    bench.storeAll()
    #expect(bench.picture()?.breaker.state == .open)
    #expect(bench.picture()?.calls.total == 5)
  }
}
