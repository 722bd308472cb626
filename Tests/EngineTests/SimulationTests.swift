import Simulation
import Testing

@Suite struct `A fleet's life from a seed` {
  @Test(arguments: UInt64(1)...12)
  func `no storm breaks an invariant, and calm heals everything`(seed: UInt64) {
    var simulation = Simulation(seed: seed)
    let report = simulation.run()
    #expect(report.violations.isEmpty)
    #expect(report.calls == report.finished || report.finished > report.calls)
    #expect(report.calls > 1000)
  }

  @Test func `equal seeds live equal lives`() {
    var first = Simulation(seed: 7)
    var second = Simulation(seed: 7)
    #expect(first.run() == second.run())
  }

  @Test func `a storm really opens breakers and fills the queue`() {
    let reports = (1...5).map { seed in
      var simulation = Simulation(seed: UInt64(seed))
      return simulation.run()
    }
    #expect(reports.allSatisfy { $0.deadLetters > 0 })
    #expect(reports.contains { $0.breakerOpenings > 0 })
  }
}
