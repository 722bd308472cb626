package import FleetModel

/// How many of a server's log messages are told.
package struct LogMeter: Sendable {
  /// In each `window`; the rest is counted.
  package static let limit = 10
  package static let window = Duration.seconds(1)

  private var windowEnd = Instant.origin
  private var told = 0
  /// Messages kept back since the last `takeRest`.
  package private(set) var rest = 0

  package init() {}

  /// Whether this message is told.
  package mutating func admits(at now: Instant) -> Bool {
    if now >= windowEnd {
      windowEnd = now + Self.window
      told = 0
    }
    guard told < Self.limit else {
      rest += 1
      return false
    }
    told += 1
    return true
  }

  /// When the messages kept back may be told as a number.
  package var restIsDue: Instant? { rest > 0 ? windowEnd : nil }

  package mutating func takeRest() -> Int {
    defer { rest = 0 }
    return rest
  }
}
