import Glibc

/// All the small figures of the engine, and their peers, in rounds: one of each a round, so that a
/// busy moment of the machine hits all of them alike.
enum EngineRounds {
  static let count = 5

  static let all =
    BreakerBenchmarks.all + CounterBenchmarks.all + CacheBenchmarks.all + PoolBenchmarks.all
    + LoadBenchmarks.all + MachineBenchmarks.all

  /// - Parameter hasPeers: their programs are run in each round too.
  static func run(
    _ benchmarks: [MicroBenchmark], hasPeers: Bool, _ bench: Bench
  ) throws -> [Measurement] {
    let counts = try benchmarks.map { try $0.calibrated() }
    var runs = [[Double]](repeating: [], count: benchmarks.count)
    var peers: [(id: String, figure: PeerFigure)] = []
    for round in 0..<count {
      for (number, benchmark) in benchmarks.enumerated() {
        runs[number].append(try benchmark.round(of: counts[number]))
      }
      guard hasPeers, round == 0 || !peers.isEmpty else { continue }
      add(try PeerPrograms.round(bench), to: &peers)
    }
    if hasPeers { addRecorded(to: &peers) }
    return zip(benchmarks, runs).map { benchmark, runs in
      benchmark.measurement(
        runs, peers: peers.filter { benchmark.peers.contains($0.id) }.map(\.figure))
    }
  }

  private static func add(
    _ round: [(id: String, figure: PeerFigure)], to peers: inout [(id: String, figure: PeerFigure)]
  ) {
    for (id, figure) in round {
      if let index = peers.firstIndex(where: { $0.id == id && $0.figure.name == figure.name }) {
        peers[index].figure.runs += figure.runs
      } else {
        peers.append((id, figure))
      }
    }
  }

  /// Of those that could not be run.
  private static func addRecorded(to peers: inout [(id: String, figure: PeerFigure)]) {
    let measured = Set(peers.map(\.id))
    peers += PeerPrograms.recorded.filter { !measured.contains($0.id) }
  }
}
