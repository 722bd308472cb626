import Foundation
import Glibc

/// Takes the figures asked for, all of them by default, and keeps whole suites below
/// `docs/benchmarks`.
struct BenchmarkProgram {
  private typealias Body = @Sendable (Bench) async throws -> Measurement

  /// Figures that are reported together.
  private struct Suite {
    /// What is asked for on the command line to have it whole.
    let name: String
    /// Behind the date in the names of its files.
    let suffix: String
    let micro: [MicroBenchmark]
    let others: [(id: String, body: Body)]
    /// Figures that are only to be had together.
    var rounds: (id: String, body: @Sendable (Bench) async throws -> [Measurement])?

    var ids: [String] { micro.map(\.id) + others.map(\.id) + [rounds?.id].compactMap(\.self) }
  }

  private static let suites = [
    Suite(
      name: "program", suffix: "", micro: [],
      others: [
        ("first-frame", { try ScreenBenchmarks.firstFrame($0) }),
        ("key-to-frame", { try ScreenBenchmarks.keyToFrame($0) }),
        ("idle", { try ScreenBenchmarks.idle($0) }),
        ("many-servers", { try ScreenBenchmarks.manyServers($0) }),
        ("call", { try await CallBenchmarks.overHTTP($0) }),
        ("call-alone", { try await CallBenchmarks.engineAlone($0) }),
        ("fault-server", { try RateBenchmarks.faultServer($0) }),
      ]),
    Suite(
      name: "engine", suffix: "-engine", micro: EngineRounds.all,
      others: [
        ("simulation", { try SimulationBenchmarks.events($0) }),
        ("idle-fleet", { try await FleetBenchmarks.idle($0) }),
      ]),
    Suite(
      name: "wire", suffix: "-wire", micro: MessageBenchmarks.all,
      others: [("memory", { try await FleetBenchmarks.memory($0) })],
      rounds: ("clients", { try await ClientRounds.run($0) })),
    Suite(
      name: "letters", suffix: "-letters", micro: [],
      others: [
        ("letters-batched", { try await LetterBenchmarks.batched($0) }),
        ("letters-single", { try await LetterBenchmarks.single($0) }),
        ("letters-pipelined", { try await RedisBenchmarks.adds($0) }),
      ],
      rounds: ("letters-lists", { try await LetterBenchmarks.lists($0) })),
  ]

  let arguments: [String]

  /// - Returns: the exit status: 0 when every figure is on the good side of its bar.
  func run() async -> Int32 {
    do {
      let chosen = try choose()
      var holds = true
      for suite in Self.suites {
        let measurements = try await take(suite, chosen)
        holds = holds && measurements.allSatisfy(\.holds)
        guard !measurements.isEmpty, chosen.isSuperset(of: suite.ids) else { continue }
        try Report(suffix: suite.suffix, measurements: measurements).write(below: "docs/benchmarks")
      }
      return holds ? 0 : 1
    } catch {
      print("benchmark: \(error)")
      return 70
    }
  }

  private func take(_ suite: Suite, _ chosen: Set<String>) async throws -> [Measurement] {
    var measurements: [Measurement] = []
    let micro = suite.micro.filter { chosen.contains($0.id) }
    if !micro.isEmpty {
      let hasPeers = micro.count == suite.micro.count && micro.contains { !$0.peers.isEmpty }
      measurements = try EngineRounds.run(micro, hasPeers: hasPeers, try Bench())
      for measurement in measurements { say(measurement) }
    }
    for benchmark in suite.others where chosen.contains(benchmark.id) {
      let measurement = try await benchmark.body(try Bench())
      say(measurement)
      measurements.append(measurement)
    }
    if let rounds = suite.rounds, chosen.contains(rounds.id) {
      let figures = try await rounds.body(try Bench())
      for measurement in figures { say(measurement) }
      measurements += figures
    }
    return measurements
  }

  private func say(_ measurement: Measurement) {
    print(Report.line(measurement))
    fflush(nil)
  }

  private func choose() throws(BenchmarkError) -> Set<String> {
    let known = Self.suites.flatMap { [$0.name] + $0.ids }
    let names = arguments.dropFirst()
    if let odd = names.first(where: { !known.contains($0) }) {
      throw .unknownBenchmark(odd, known: known)
    }
    let suites = Self.suites.filter { names.isEmpty || names.contains($0.name) }
    return Set(names).union(suites.flatMap(\.ids))
  }
}
