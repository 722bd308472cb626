import Engine
import FleetModel
import Testing

@testable import Adapters

/// Every dead-letter store there is; the contract's tests run on each.
enum StoreKind: CaseIterable, Sendable {
  case memory, sqlite, redis

  /// A store whose clock stands where the bench's stands. The stores of one kind that are made from
  /// one bench share one queue, empty at first; their limit is that of the first.
  func make(_ bench: StoreBench, entryLimit: Int = 1000) async throws -> any DeadLetterStore {
    switch self {
    case .memory: bench.memory(entryLimit: entryLimit)
    case .sqlite:
      try SQLiteDeadLetterStore(
        path: bench.lettersFile, entryLimit: entryLimit, wallClock: { bench.now })
    case .redis:
      try RedisDeadLetterStore(
        await bench.redis().address(database: bench.redisDatabase), entryLimit: entryLimit,
        wallClock: { bench.now })
    }
  }

  /// Those that several processes may share.
  static let shared: [StoreKind] = [.sqlite, .redis]

  /// As `make`, with room for many letters and the system's clock, which other processes go by.
  func makeReal(_ bench: StoreBench) async throws -> any DeadLetterStore {
    switch self {
    case .memory: preconditionFailure("no other process sees this one's memory")
    case .sqlite: try SQLiteDeadLetterStore(path: bench.lettersFile, entryLimit: 10_000_000)
    case .redis:
      try RedisDeadLetterStore(
        await bench.redis().address(database: bench.redisDatabase), entryLimit: 10_000_000)
    }
  }

  /// What `letters-testhost` calls the store: its kind and place.
  func hostArguments(_ bench: StoreBench) async throws -> [String] {
    switch self {
    case .memory: preconditionFailure("no other process sees this one's memory")
    case .sqlite: ["sqlite", bench.lettersFile]
    case .redis: ["redis", "\(try await bench.redis().port)/\(bench.redisDatabase)"]
    }
  }

  /// Expects what lies below the store to be undamaged.
  func expectSound(_ bench: StoreBench) async throws {
    switch self {
    case .memory, .redis: break
    case .sqlite:
      let check = try SQLiteConnection(path: bench.lettersFile).statement("PRAGMA integrity_check")
      #expect(try check.rows { $0.text(0) } == ["ok"])
    }
  }

  /// Adds the letter and makes what is stored of it unreadable, behind the store's back.
  func addUnreadable(
    _ letter: DeadLetter, to store: any DeadLetterStore, on bench: StoreBench
  ) async throws {
    switch self {
    case .memory:
      var letter = letter
      letter.fault = "it makes no sense"
      letter.errorKind = DeadLetter.unreadableKind
      try await store.add([letter])
    case .sqlite:
      try await store.add([letter])
      let sql = "UPDATE dead_letters SET params = '[' WHERE id = ?1"
      try SQLiteConnection(path: bench.lettersFile).statement(sql).run(.text(letter.id.text))
    case .redis:
      try await store.add([letter])
      let redis = try await bench.redis()
      try redis.run(
        "SET", "mcp:dlq:" + letter.id.text, "[", "KEEPTTL", database: bench.redisDatabase)
    }
  }
}
