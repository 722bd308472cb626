import Adapters
import Synchronization

/// Wakes a terminal that is opened later than the engine that has news for it.
final class WakeLater: Sendable {
  private let waker = Mutex<Waker?>(nil)

  func set(_ waker: Waker) { self.waker.withLock { $0 = waker } }

  func wake() { waker.withLock { $0 }?.wake() }
}
