import Adapters
import Engine
import FleetModel

/// The stores of dead letters; in SQLite every add is on the disk before it counts.
enum LetterBenchmarks {
  private static let runCount = 5
  private static let listedCount = 100_000
  private static let pageLength = 100

  /// Of an outage: a thousand calls end at once, and share a few transactions.
  static func batched(_ bench: Bench) async throws -> Measurement {
    let store = try store(bench, "batched")
    var runs: [Double] = []
    for run in 0..<runCount {
      let letters = letters(20_000, from: run * 20_000)
      let start = MicroBenchmark.now()
      for thousand in stride(from: 0, to: letters.count, by: 1000) {
        try await add(letters[thousand..<thousand + 1000], to: store)
      }
      runs.append(Double(letters.count) / (MicroBenchmark.now() - start).seconds)
    }
    try MicroBenchmark.expect(try await store.count(.all), 100_000, "a letter")
    await store.close()
    return Measurement(
      name: "SQLite: letters kept, 1,000 at once, each on the disk", unit: "letters/s",
      bar: .atLeast(10_000), runs: runs, command: "benchmark letters-batched")
  }

  /// One after the other, by turns with the raw library in the same directory.
  static func single(_ bench: Bench) async throws -> Measurement {
    let store = try store(bench, "single")
    let raw = try RawLetters(path: "\(bench.directory)/raw.sqlite3")
    let count = 1000
    var (runs, ours, theirs): ([Double], [Double], [Double]) = ([], [], [])
    for run in 0...runCount {
      let letters = letters(count, from: run * count)
      let rows = letters.map { RawLetters.Row($0) }
      var (own, bare) = (Duration.zero, Duration.zero)
      // In short turns: what else the disk is asked for slows down both.
      for turn in stride(from: 0, to: count, by: 20) {
        var start = MicroBenchmark.now()
        for letter in letters[turn..<turn + 20] { _ = try await store.add(letter) }
        own += MicroBenchmark.now() - start
        start = MicroBenchmark.now()
        for row in rows[turn..<turn + 20] { try raw.add(row) }
        bare += MicroBenchmark.now() - start
      }
      // The first run makes the files grow.
      guard run > 0 else { continue }
      ours.append(Double(count) / own.seconds)
      theirs.append(Double(count) / bare.seconds)
      runs.append(bare / own * 100)
    }
    await store.close()
    return Measurement(
      name: "SQLite: letters kept one after the other, as a share of bare inserts", unit: "%",
      bar: .atLeast(60), runs: runs, command: "benchmark letters-single",
      peers: [
        PeerFigure(name: "the store", runs: ours, unit: "letters/s"),
        PeerFigure(
          name: "libsqlite3, a table without indexes, a commit for each row", runs: theirs,
          unit: "rows/s"),
      ])
  }

  /// What is asked of 100,000 open letters, in either store.
  static func lists(_ bench: Bench) async throws -> [Measurement] {
    let file = try store(bench, "lists")
    var measurements = try await lists(of: file, "SQLite")
    let start = MicroBenchmark.now()
    try MicroBenchmark.expect(try await file.delete(.all), listedCount, "a letter")
    measurements.append(
      Measurement(
        name: "SQLite, \(listedCount) letters: deleting them all, while adds wait", unit: "ms",
        runs: [(MicroBenchmark.now() - start).seconds * 1000], command: "benchmark letters-lists"))
    await file.close()
    let server = try RedisProcess(bench, "lists")
    let redis = try RedisDeadLetterStore(server.address(0), entryLimit: 1_000_000)
    measurements += try await lists(of: redis, "Redis")
    await redis.close()
    return measurements
  }

  private static func lists(
    of store: some DeadLetterStore, _ name: String
  ) async throws -> [Measurement] {
    let letters = letters(listedCount, from: 0)
    for thousand in stride(from: 0, to: letters.count, by: 1000) {
      try await add(letters[thousand..<thousand + 1000], to: store)
    }
    func measure(_ what: String, _ body: () async throws -> Void) async throws -> Measurement {
      var runs: [Double] = []
      for _ in 0..<21 {
        let start = MicroBenchmark.now()
        try await body()
        runs.append((MicroBenchmark.now() - start).seconds * 1000)
      }
      return Measurement(
        name: "\(name), \(listedCount) letters: \(what)", unit: "ms", bar: .atMost(10), runs: runs,
        command: "benchmark letters-lists")
    }
    let middle = DeadLetterCursor(after: letters[listedCount / 2])
    let pages: [(what: String, cursor: DeadLetterCursor?, filter: DeadLetterFilter)] = [
      ("", nil, DeadLetterFilter()),
      (" from the middle", middle, DeadLetterFilter()),
      (" of one operation of 4", nil, DeadLetterFilter(operation: "resources/read")),
      (" of one client of 50", nil, DeadLetterFilter(client: "client-7")),
    ]
    var measurements: [Measurement] = []
    for page in pages {
      measurements.append(
        try await measure("a page of \(pageLength) letters\(page.what)") {
          let found = try await store.page(
            .matching(page.filter), after: page.cursor, limit: pageLength)
          try MicroBenchmark.expect(found.letters.count, pageLength, "a letter")
        })
    }
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
    return measurements
  }

  private static func store(
    _ bench: Bench, _ name: String
  ) throws -> SQLiteDeadLetterStore {
    try SQLiteDeadLetterStore(path: "\(bench.directory)/\(name).sqlite3", entryLimit: 1_000_000)
  }

  private static func add(
    _ letters: ArraySlice<DeadLetter>, to store: some DeadLetterStore
  ) async throws {
    try await withThrowingTaskGroup { group in
      for letter in letters { group.addTask { _ = try await store.add(letter) } }
      try await group.waitForAll()
    }
  }

  /// A kilobyte each as a row, their ids in the order of their times.
  static func letters(_ count: Int, from first: Int) -> [DeadLetter] {
    let now = SQLiteDeadLetterStore.systemTime()
    let operations = ["tools/call", "tools/list", "resources/read", "prompts/get"]
    let body = String(repeating: "x", count: 500)
    return (first..<first + count).map { number in
      let time = now + .milliseconds(number / 10)
      return DeadLetter(
        id: DeadLetterID(
          CallID(
            high: UInt64(time.millisecondsSinceEpoch) << 16 | 0x7000,
            low: UInt64(number) &* 0x9E37_79B9_7F4A_7C15)),
        server: ServerID("server-\(number % 10)"), client: "client-\(number % 50)",
        method: operations[number % 4], target: "create_issue",
        endpoint: "https://example.org/mcp",
        params: JSONText(
          unchecked: Array(
            #"{"name":"create_issue","arguments":{"number":\#(number),"body":"\#(body)"}}"#.utf8)),
        errorKind: number % 3 == 0 ? "503" : "timeout", errorMessage: "Service Unavailable",
        delivery: .unknown, isIdempotent: false,
        attempts: [
          Attempt(startedAt: time, duration: .milliseconds(12), result: "503", backoff: .zero)
        ],
        createdAt: time, lastAttemptAt: time, expiresAt: time + .seconds(7 * 86_400))
    }
  }
}
