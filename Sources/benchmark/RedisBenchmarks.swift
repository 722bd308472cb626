import Adapters
import Engine
import FleetModel
import Glibc

/// The store of dead letters in Redis, beside a bare client of the same server.
enum RedisBenchmarks {
  private static let runCount = 5
  private static let depth = 64
  private static let addCount = 6400
  private static let listedCount = 100_000
  private static let pageLength = 100

  static func run(_ bench: Bench) async throws -> [Measurement] {
    try await lists(bench) + [try await adds(bench)]
  }

  /// 64 letters under way at any time, by turns with as many of a bare pipelined client that sends
  /// each command of the store's script by itself.
  private static func adds(_ bench: Bench) async throws -> Measurement {
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
      unit: "%", bar: .atLeast(60), runs: runs, command: "benchmark letters-redis",
      peers: [
        PeerFigure(name: "the store", runs: ours, unit: "letters/s"),
        PeerFigure(
          name: "libhiredis, the same \(RawRedis.commandCount) commands for each letter",
          runs: theirs, unit: "letters/s"),
      ])
  }

  private static func lists(_ bench: Bench) async throws -> [Measurement] {
    let server = try RedisProcess(bench, "lists")
    let store = try RedisDeadLetterStore(server.address(0), entryLimit: 1_000_000)
    let letters = LetterBenchmarks.letters(listedCount, from: 0)
    try await add(letters, to: store)
    let middle = DeadLetterCursor(after: letters[listedCount / 2])
    func page(
      _ what: String, after cursor: DeadLetterCursor? = nil, _ filter: DeadLetterFilter
    ) async throws -> Measurement {
      try await measure("a page of \(pageLength) letters\(what)") {
        let page = try await store.page(.matching(filter), after: cursor, limit: pageLength)
        try MicroBenchmark.expect(page.letters.count, pageLength, "a letter")
      }
    }
    var measurements = [
      try await page("", DeadLetterFilter()),
      try await page(" from the middle", after: middle, DeadLetterFilter()),
      try await page(" of one operation of 4", DeadLetterFilter(operation: "resources/read")),
      try await page(" of one client of 50", DeadLetterFilter(client: "client-7")),
    ]
    measurements.append(
      try await measure("the statistics") {
        let statistics = try await store.statistics()
        try MicroBenchmark.expect(statistics.total, listedCount, "a letter")
      })
    measurements.append(
      try await measure("the tally of every second") {
        let tally = try await store.tally(recentLimit: 50)
        try MicroBenchmark.expect(tally.total, listedCount, "a letter")
      })
    await store.close()
    return measurements
  }

  private static func measure(
    _ what: String, _ body: () async throws -> Void
  ) async throws -> Measurement {
    var runs: [Double] = []
    for _ in 0..<21 {
      let start = MicroBenchmark.now()
      try await body()
      runs.append((MicroBenchmark.now() - start).seconds * 1000)
    }
    return Measurement(
      name: "Redis, \(listedCount) letters: \(what)", unit: "ms", bar: .atMost(10), runs: runs,
      command: "benchmark letters-redis")
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

/// A Redis server of a figure's own, which keeps what it has in memory alone.
private final class RedisProcess {
  let port: Int
  private let program: LaunchedProgram

  init(_ bench: Bench, _ name: String) throws(BenchmarkError) {
    port = name == "adds" ? 16_391 : 16_392
    program = try LaunchedProgram(
      "/usr/bin/redis-server",
      [
        "--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
        bench.directory,
      ], streams: .file(path: "\(bench.directory)/redis-\(name).log"))
    for _ in 0..<500 {
      if RawRedis.answers(port: port) { return }
      usleep(10_000)
    }
    throw .neverHappened("an answer of redis-server on port \(port)")
  }

  func address(_ database: Int) -> RedisAddress {
    RedisAddress(.network("127.0.0.1", port: port), database: database)
  }
}
