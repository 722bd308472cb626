import FleetModel
import Simulation

/// How fast the production machine runs on the virtual clock, every invariant checked.
enum SimulationBenchmarks {
  private static let seedsPerRun: UInt64 = 8
  /// Taken with `perf record -g` on 2026-11-21.
  private static let profile =
    "By a profile: 57 % is the production machine itself, of which the ticks with their snapshots"
    + " are 9 % and the pools' timers 9 %; the ledger of invariants and its fingerprint take 16 %,"
    + " the pretend servers and their traffic 10 %."

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
      bar: .atLeast(500_000), runs: runs, command: "benchmark simulation", profile: profile)
  }
}
