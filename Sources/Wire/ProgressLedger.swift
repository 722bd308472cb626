/// Which requests may be reported on, and how far each has come.
package struct ProgressLedger: Sendable {
  private var newest: [Int: Double] = [:]

  package init() {}

  package mutating func begin(_ token: Int) { newest[token] = -.infinity }

  package mutating func end(_ token: Int) { newest[token] = nil }

  /// Whether a report counts: its request is active, and it says more than the one before.
  package mutating func admits(_ progress: Double, for token: Int) -> Bool {
    guard let last = newest[token], progress > last else { return false }
    newest[token] = progress
    return true
  }

  /// The next step of a request whose server gives no measure; nil when it is not active.
  ///
  /// Whole steps, until a server has reported by itself: then the least growth there is, so that
  /// nothing it says later is lost.
  package mutating func step(_ count: Int, for token: Int) -> Double? {
    guard let last = newest[token] else { return nil }
    guard last.isFinite else { return Double(count) }
    newest[token] = last.nextUp
    return last.nextUp
  }
}
