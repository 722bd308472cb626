import Testing

/// The whole program against real servers in a real terminal; one test at a time, for there are two
/// cores and every test starts processes.
@Suite(.serialized) struct EndToEnd {}

/// Polls until the value is there, or fails with what was waited for.
///
/// - Parameter limit: a bound for a broken program, not an expectation of speed.
func eventually<Value>(
  _ what: String, within limit: Duration = .seconds(30), _ look: () throws -> Value?
) async throws -> Value {
  let end = ContinuousClock.now + limit
  while true {
    if let value = try look() { return value }
    guard ContinuousClock.now < end else { throw NeverHappened(what: what, limit: limit) }
    try await Task.sleep(for: .milliseconds(50))
  }
}

/// The same for a condition.
func eventually(
  _ what: String, within limit: Duration = .seconds(30), _ holds: () throws -> Bool
) async throws {
  _ = try await eventually(what, within: limit) { try holds() ? true : nil }
}

/// The same for a condition that is asked of another process.
func eventually(
  _ what: String, within limit: Duration = .seconds(30), asking holds: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + limit
  while try await !holds() {
    guard ContinuousClock.now < end else { throw NeverHappened(what: what, limit: limit) }
  }
}

/// What a test waited for in vain.
struct NeverHappened: Error, CustomStringConvertible {
  let what: String
  let limit: Duration

  var description: String { "not within \(limit): \(what)" }
}
