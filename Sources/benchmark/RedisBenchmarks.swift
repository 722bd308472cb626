import Adapters
import Engine
import FleetModel

/// Letters kept in Redis, beside a bare client of the same server.
enum RedisBenchmarks {
  private static let runCount = 5
  private static let depth = 64
  private static let addCount = 6400

  /// 64 letters under way at any time, by turns with as many of a bare pipelined client that sends
  /// each command of the store's script by itself.
  static func adds(_ bench: Bench) async throws -> Measurement {
    let server = try RedisProcess(bench, "adds")
    let store = try RedisDeadLetterStore(server.address(0))
    let raw = try RawRedis(port: server.port, database: 1)
    var (runs, ours, theirs): ([Double], [Double], [Double]) = ([], [], [])
    for run in 0...runCount {
      let letters = LetterBenchmarks.letters(addCount, from: run * addCount)
      var start = MicroBenchmark.now()
      try await add(letters, to: store)
      let own = Double(addCount) / (MicroBenchmark.now() - start).seconds
      start = MicroBenchmark.now()
      for first in stride(from: 0, to: letters.count, by: depth) {
        try raw.add(letters[first..<min(letters.count, first + depth)])
      }
      let rate = Double(addCount) / (MicroBenchmark.now() - start).seconds
      // The first run warms up.
      guard run > 0 else { continue }
      ours.append(own)
      theirs.append(rate)
      runs.append(own / rate * 100)
    }
    try MicroBenchmark.expect(
      try await store.count(.all), addCount * (runCount + 1), "a letter")
    await store.close()
    return Measurement(
      name: "Redis: letters kept, \(depth) at once, as a share of a bare pipelined client",
      unit: "%", bar: .atLeast(60), runs: runs, command: "benchmark letters-pipelined",
      peers: [
        PeerFigure(name: "the store", runs: ours, unit: "letters/s"),
        PeerFigure(
          name: "libhiredis, the same \(RawRedis.commandCount) commands for each letter",
          runs: theirs, unit: "letters/s"),
      ])
  }

  private static func add(
    _ letters: [DeadLetter], to store: RedisDeadLetterStore
  ) async throws {
    try await withThrowingTaskGroup { group in
      for lane in 0..<depth {
        group.addTask {
          for number in stride(from: lane, to: letters.count, by: depth) {
            _ = try await store.add(letters[number])
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
