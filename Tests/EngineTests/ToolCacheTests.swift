import Engine
import FleetModel
import Testing

@Suite struct `The cache of reads` {
  @Test func `a listing past its time is fetched once and kept again`() {
    var bench = FleetBench()
    let fresh = bench.read("tools/list")
    #expect(bench.outcome(of: fresh)?.source == .cache)
    bench.advance(.seconds(300))
    let first = bench.read("tools/list")
    let second = bench.read("tools/list")
    #expect(bench.sent.count == 1)
    #expect(listings(bench) == 2, "the first at the connection, and this one")
    bench.answer(first, .ok)
    bench.feed(.toolsListed(FleetBench.server, ToolList(tools: [], result: .emptyObject)))
    #expect(bench.outcome(of: second)?.reply == .ok)
    let next = bench.read("tools/list")
    #expect(bench.outcome(of: next)?.source == .cache)
  }

  private func listings(_ bench: FleetBench) -> Int {
    bench.effects.count { if case .listTools = $0 { true } else { false } }
  }

  @Test func `many who ask for what is not kept cost one request (pitfall 31)`() {
    var bench = FleetBench()
    let reads = (0..<1000).map { _ in bench.read("resources/list") }
    #expect(bench.sent.count == 1)
    bench.answer(reads[0], .ok, timeToLive: .seconds(60))
    for read in reads { #expect(bench.outcome(of: read)?.reply == .ok) }
    let later = bench.read("resources/list")
    #expect(bench.outcome(of: later)?.source == .cache)
    #expect(bench.sent.count == 1)
  }

  @Test func `an error is shared but not kept (pitfall 32)`() {
    var policies = Policies()
    policies.retry.schedule = .none
    var bench = FleetBench(policies: policies)
    let reads = (0..<3).map { _ in bench.read("resources/list") }
    bench.answer(reads[0], .unavailable, timeToLive: .seconds(60))
    for read in reads { #expect(bench.failure(of: read)?.kind == .httpStatus(503)) }
    let later = bench.read("resources/list")
    #expect(bench.sendCount(of: later) == 1)
  }

  @Test func `the server's own time counts, and without one nothing but tools is kept`() {
    var bench = FleetBench()
    let kept = bench.read("resources/list")
    bench.answer(kept, .ok, timeToLive: .seconds(7))
    bench.advance(.seconds(6))
    let second = bench.read("resources/list")
    #expect(bench.outcome(of: second)?.source == .cache)
    bench.advance(.seconds(1))
    let again = bench.read("resources/list")
    #expect(bench.sendCount(of: again) == 1)
    bench.answer(again, .ok)
    let third = bench.read("resources/list")
    #expect(bench.sendCount(of: third) == 1)
  }

  @Test func `what has no use any more is swept away every minute (pitfall 34)`() {
    var policies = Policies()
    policies.cache.staleLimit = .zero
    var bench = FleetBench(policies: policies)
    let read = bench.read("resources/list")
    bench.answer(read, .ok, timeToLive: .seconds(30))
    #expect(bench.picture()?.cache.size == 2)
    bench.advance(.seconds(59))
    #expect(bench.picture()?.cache.size == 2)
    bench.advance(.seconds(1))
    #expect(bench.picture()?.cache.size == 1)
  }

  @Test func `what a server announces as changed is asked for anew, the rest is kept`() {
    var bench = FleetBench()
    for method in ["resources/list", "resources/read", "prompts/list"] {
      let read = bench.read(method)
      bench.answer(read, .ok, timeToLive: .seconds(60))
    }
    bench.feed(.readsChanged(FleetBench.server, "resources/"))
    func isCached(_ method: String) -> Bool {
      let read = bench.read(method)
      return bench.outcome(of: read)?.source == .cache
    }
    #expect(!isCached("resources/list"))
    #expect(!isCached("resources/read"))
    #expect(isCached("prompts/list"))
    #expect(isCached("tools/list"))
  }

  @Test func `an answer asked for before the announcement is neither kept nor shared after it`() {
    var bench = FleetBench()
    let old = bench.read("prompts/list")
    bench.feed(.readsChanged(FleetBench.server, "prompts/"))
    let new = bench.read("prompts/list")
    #expect(bench.sendCount(of: new) == 1)
    bench.answer(old, .ok, timeToLive: .seconds(60))
    #expect(bench.outcome(of: old)?.reply == .ok)
    #expect(bench.outcome(of: new) == nil)
    let third = bench.read("prompts/list")
    #expect(bench.sendCount(of: third) == 0, "it waits for the new one")
    bench.answer(new, .ok, timeToLive: .seconds(60))
    #expect(bench.outcome(of: third)?.source == .server)
    let fourth = bench.read("prompts/list")
    #expect(bench.outcome(of: fourth)?.source == .cache)
  }
}
