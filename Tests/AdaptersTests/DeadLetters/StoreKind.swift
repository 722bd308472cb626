import Engine
import FleetModel

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
