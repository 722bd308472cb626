import Engine
import FleetModel
import Testing

@Suite struct `The removal of a server` {
  @Test func `opens no connection in the place of a probe's whose time is over`() {
    let probe = Probe(tool: "echo", arguments: .emptyObject, interval: .seconds(1))
    var policies = Policies()
    policies.pool.lifetime = .milliseconds(1500)
    var bench = FleetBench(policies: policies, probes: [probe])
    bench.advance(.seconds(2))
    #expect(bench.sent.count == 1)
    let effects = bench.reconfigure { $0 = [] }
    #expect(effects.contains { if case .abort = $0 { true } else { false } })
    #expect(effects.contains { if case .close = $0 { true } else { false } })
    #expect(!effects.contains { if case .open = $0 { true } else { false } })
  }
}
