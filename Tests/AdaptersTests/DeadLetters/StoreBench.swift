import Engine
import FleetModel
import Synchronization

/// A place for stores and a clock that a test moves.
final class StoreBench: Sendable {
  let directory = TemporaryDirectory()
  /// A database of the tests' Redis server that no other bench uses.
  let redisDatabase = RedisServer.nextDatabase()
  private let clock = Mutex(Timestamp(millisecondsSinceEpoch: 1_000_000))
  private let memory = Mutex<MemoryDeadLetterStore?>(nil)

  var now: Timestamp {
    get { clock.withLock { $0 } }
    set { clock.withLock { $0 = newValue } }
  }

  var lettersFile: String { directory.file("letters") }

  func redis() async throws -> RedisServer { try await RedisServer.shared.value }

  /// The end of a lease that begins now.
  func lease(_ length: Duration = .seconds(60)) -> Timestamp { now + length }

  /// The one queue in memory that this bench has.
  func memory(entryLimit: Int) -> MemoryDeadLetterStore {
    memory.withLock { store in
      let known =
        store ?? MemoryDeadLetterStore(entryLimit: entryLimit, wallClock: { [self] in now })
      store = known
      return known
    }
  }
}
