import Adapters
import Engine
import FleetModel

/// Opens the store that was chosen.
enum DeadLetterStores {
  /// A Redis that is down just now is no error: the store connects by itself when it is there.
  static func open(_ policy: DeadLetterPolicy) throws(CommandFailure) -> any DeadLetterStore {
    do throws(DeadLetterStoreError) {
      switch policy.place {
      case .file(let path):
        return try SQLiteDeadLetterStore(path: path, entryLimit: policy.entryLimit)
      case .redis(let address):
        return try RedisDeadLetterStore(
          address, entryLimit: policy.entryLimit, lifetime: policy.lifetime)
      case nil: preconditionFailure("somebody chose a place")
      }
    } catch {
      throw CommandFailure("dead letters: \(error.message)", .cannotCreate)
    }
  }
}
