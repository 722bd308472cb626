import FleetModel
import Synchronization

/// The newest snapshot: written once a tick by the engine, read by anyone without waiting.
final class PublishedSnapshot: Sendable {
  private let snapshot: Mutex<Snapshot>
  private let onPublish: @Sendable () -> Void

  init(_ snapshot: Snapshot, _ onPublish: @escaping @Sendable () -> Void) {
    self.snapshot = Mutex(snapshot)
    self.onPublish = onPublish
  }

  var latest: Snapshot { snapshot.withLock { $0 } }

  func publish(_ newest: Snapshot) {
    snapshot.withLock { $0 = newest }
    onPublish()
  }
}
