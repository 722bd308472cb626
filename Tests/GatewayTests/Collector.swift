import FleetModel
import Synchronization

/// Keeps what is reported of a call.
final class Collector: Sendable {
  private let reports = Mutex<[CallProgress]>([])

  var taken: [CallProgress] { reports.withLock { $0 } }

  func take(_ report: CallProgress) { reports.withLock { $0.append(report) } }
}
