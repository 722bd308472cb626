import Adapters
import Engine
import FleetModel

/// Opens the store that was chosen.
enum DeadLetterStores {
  /// A Redis that is down just now is no error: the store connects by itself when it is there.
  static func open(_ policy: DeadLetterPolicy) throws(CommandFailure) -> any DeadLetterStore {
    switch policy.place {
    case .file(let path):
      do throws(DeadLetterStoreError) {
        return try SQLiteDeadLetterStore(path: path, entryLimit: policy.entryLimit)
      } catch {
        throw CommandFailure(error.message, .cannotCreate)
      }
    case .redis(let address):
      // UNTIL THE ADAPTER IS THERE: RedisDeadLetterStore(address: address, entryLimit: …).
      throw CommandFailure("this mcpdash cannot reach a Redis yet (\(address))", .unavailable)
    case nil: preconditionFailure("somebody chose a place")
    }
  }
}
