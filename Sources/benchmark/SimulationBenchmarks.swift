import FleetModel
import Simulation

/// How fast the production machine runs on the virtual clock, every invariant checked.
enum SimulationBenchmarks {
  private static let seedsPerRun: UInt64 = 8

  /// As `mcpdash simulate` does it.
  static func events(_ bench: Bench) throws -> Measurement {
    var seed: UInt64 = 1
    let runs = try (0..<5).map { _ in
      var events = 0
      let start = MicroBenchmark.now()
      for _ in 0..<seedsPerRun {
        var simulation = Simulation(seed: seed)
        let report = simulation.run()
        guard report.violations.isEmpty else {
          throw BenchmarkError.ended(
            "seed \(seed)", report.violations.map { "\($0)" }.joined(separator: "; "))
        }
        events += report.tallies.events
        seed += 1
      }
      return Double(events) / (MicroBenchmark.now() - start).seconds
    }
    return Measurement(
      name: "simulation: events of the machine a second, all invariants checked", unit: "events/s",
      bar: .atLeast(500_000), runs: runs, command: "benchmark simulation")
  }
}
