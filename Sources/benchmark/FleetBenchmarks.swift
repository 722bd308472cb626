import Adapters
import Engine
import FleetModel
import Foundation
import Glibc
import Wire

/// The running engine as a whole, on its own thread, with a real store and real servers.
enum FleetBenchmarks {
  private static let serverCount = 1000
  private static let runTime = Duration.seconds(60)
  /// Taken with `perf record -g` on 2026-11-21.
  private static let profile =
    "By a profile: a quarter is the tick of each second, which takes a picture of every server; the"
    + " rest is HTTP, sockets and the scheduling of 33 checks a second."

  /// Share of one core while nobody calls: a health check of each server in 30 s, the tick, the
  /// snapshots.
  static func idle(_ bench: Bench) async throws -> Measurement {
    let runs = try await withFleet(bench) {
      var runs: [Double] = []
      for _ in 0..<3 {
        let (before, start) = (ProcessorTime.now(), ContinuousClock.now)
        try await Task.sleep(for: runTime)
        runs.append((ProcessorTime.now() - before) / (ContinuousClock.now - start) * 100)
      }
      return runs
    }
    return Measurement(
      name: "processor while nobody calls, \(serverCount) servers checked every 30 s",
      unit: "% of a core", bar: .atMost(2), runs: runs, command: "benchmark idle-fleet",
      profile: profile)
  }

  /// What connected servers add to this process's memory, each with its share of everything.
  static func memory(_ bench: Bench) async throws -> Measurement {
    let before = residentBytes()
    let after = try await withFleet(bench) { [residentBytes()] }
    return Measurement(
      name: "memory of a connected server, of \(serverCount)", unit: "kB",
      bar: .atMost(100), runs: after.map { ($0 - before) / 1000 / Double(serverCount) },
      command: "benchmark memory")
  }

  private static func residentBytes() -> Double {
    let text = FileManager.default.contents(atPath: "/proc/self/statm") ?? Data()
    let pages = String(decoding: text, as: UTF8.self).split(separator: " ").dropFirst().first
    return Double(pages.flatMap { Int($0) } ?? 0) * Double(getpagesize())
  }

  /// A thousand servers, connected and checked once; all definitions lead to one fault server, a
  /// process of its own.
  private static func withFleet(
    _ bench: Bench, _ body: () async throws -> [Double]
  ) async throws -> [Double] {
    let server = try bench.startServers(1)[0]
    let loop = EventLoop(name: "engine")
    loop.start()
    defer { loop.stop() }
    let definitions = (1...serverCount).map { number in
      ServerDefinition(
        id: ServerID(Bench.serverName(number)), endpoint: .http(url: server.url, headers: []))
    }
    let fleet = LiveFleet(
      machine: FleetMachine(
        engine: EngineIdentity(name: "benchmark", version: "1", startedAt: loop.wallClock),
        servers: definitions),
      host: loop,
      transport: MCPTransport(loop: loop, client: ClientIdentity(name: "benchmark", version: "1")),
      store: try SQLiteDeadLetterStore(path: "\(bench.directory)/dead-letters.sqlite"), seed: 7)
    await fleet.start()
    try await checked(fleet)
    let runs = try await body()
    let healthy = fleet.latest().servers.filter { $0.isConnected && $0.health.status == .healthy }
    await fleet.stop()
    try MicroBenchmark.expect(healthy.count, serverCount, "a healthy server")
    return runs
  }

  /// Every server is connected and its first check is over, which come all at once.
  private static func checked(_ fleet: LiveFleet) async throws {
    for _ in 0..<600 {
      let isReady = fleet.latest().servers.allSatisfy {
        $0.isConnected && $0.health.status == .healthy && $0.toolCount != nil
      }
      if isReady { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw BenchmarkError.neverHappened("\(serverCount) connected servers")
  }
}
