import Foundation
import Glibc

/// Takes the figures asked for, all of them by default, and keeps them below `docs/benchmarks`.
struct BenchmarkProgram {
  private typealias Body = @Sendable (Bench) async throws -> Measurement

  private static let benchmarks: [(name: String, body: Body)] = [
    ("first-frame", { try ScreenBenchmarks.firstFrame($0) }),
    ("key-to-frame", { try ScreenBenchmarks.keyToFrame($0) }),
    ("idle", { try ScreenBenchmarks.idle($0) }),
    ("many-servers", { try ScreenBenchmarks.manyServers($0) }),
    ("call", { try await CallBenchmarks.overHTTP($0) }),
    ("engine", { try await CallBenchmarks.engineAlone($0) }),
    ("fault-server", { try RateBenchmarks.faultServer($0) }),
  ]

  let arguments: [String]

  /// - Returns: the exit status: 0 when every figure is on the good side of its bar.
  func run() async -> Int32 {
    do {
      let chosen = try choose()
      var measurements: [Measurement] = []
      for benchmark in chosen {
        let measurement = try await benchmark.body(try Bench())
        print(Report.line(measurement))
        fflush(nil)
        measurements.append(measurement)
      }
      if chosen.count == Self.benchmarks.count {
        try Report(measurements: measurements).write(below: "docs/benchmarks")
      }
      return measurements.allSatisfy(\.holds) ? 0 : 1
    } catch {
      print("benchmark: \(error)")
      return 70
    }
  }

  private func choose() throws(BenchmarkError) -> [(name: String, body: Body)] {
    let names = arguments.dropFirst()
    let known = Self.benchmarks.map(\.name)
    if let odd = names.first(where: { !known.contains($0) }) {
      throw .unknownBenchmark(odd, known: known)
    }
    return names.isEmpty ? Self.benchmarks : Self.benchmarks.filter { names.contains($0.name) }
  }
}
