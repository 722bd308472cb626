import Adapters
import Engine
import FleetModel
import Synchronization

/// Every dead-letter store there is; the contract's tests run on each.
enum StoreKind: CaseIterable, Sendable {
  case sqlite

  /// An empty store whose clock stands where the bench's stands.
  func make(_ bench: StoreBench, entryLimit: Int = 1000) throws -> any DeadLetterStore {
    switch self {
    case .sqlite:
      try SQLiteDeadLetterStore(
        path: bench.directory.file("letters"), entryLimit: entryLimit,
        wallClock: { bench.now })
    }
  }
}

/// A place for stores and a clock that a test moves.
final class StoreBench: Sendable {
  let directory = TemporaryDirectory()
  private let clock = Mutex(Timestamp(millisecondsSinceEpoch: 1_000_000))

  var now: Timestamp {
    get { clock.withLock { $0 } }
    set { clock.withLock { $0 = newValue } }
  }
}

/// A letter whose id is `number`, created `number` milliseconds after the bench's start.
func letter(
  _ number: UInt64, server: String = "github", delivery: Delivery = .notSent,
  isIdempotent: Bool = false, timeToLive: Duration = .seconds(3600)
) -> DeadLetter {
  let createdAt = Timestamp(millisecondsSinceEpoch: 1_000_000 + Int64(number))
  return DeadLetter(
    id: DeadLetterID(CallID(high: 7, low: number)), server: ServerID(server), client: "agent",
    method: "tools/call", target: "create_issue",
    params: JSONText(unchecked: Array(#"{"name":"créer","n":1.50}"#.utf8)),
    errorKind: "503", errorMessage: "Service \u{1B}[31mUnavailable\0", delivery: delivery,
    isIdempotent: isIdempotent,
    attempts: [
      Attempt(
        startedAt: createdAt, duration: .milliseconds(12), result: "503", backoff: .zero),
      Attempt(
        startedAt: createdAt + .milliseconds(112), duration: .nanoseconds(7), result: "\"q\"",
        backoff: .milliseconds(100)),
    ],
    createdAt: createdAt, lastAttemptAt: createdAt + .milliseconds(112),
    expiresAt: createdAt + timeToLive)
}
