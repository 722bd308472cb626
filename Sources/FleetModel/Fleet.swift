/// The one door to a fleet: live, simulated, or a running engine over its control interface.
package protocol Fleet: Sendable {
  /// Runs one call to its outcome; never throws, because every end of a call is an outcome.
  ///
  /// - Parameter onProgress: called for each report of the server, from any thread, never after
  ///   the outcome.
  func call(_ call: Call, onProgress: @escaping @Sendable (CallProgress) -> Void) async -> Outcome
  /// The newest picture, without waiting.
  func latest() -> Snapshot
  /// Carries out one command and says what it did.
  func perform(_ command: Command) async throws(CommandError) -> CommandReceipt
  /// Dead letters, newest first.
  ///
  /// - Parameters:
  ///   - cursor: where the last page ended; nil begins with the newest.
  ///   - limit: 0…10,000.
  func deadLetters(
    of selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(CommandError) -> DeadLetterPage
  /// How many letters there are; nil where nobody can say without reading them.
  func deadLetterCount(
    of selection: DeadLetterSelection
  ) async throws(CommandError) -> Int?
  /// The queue in numbers.
  func deadLetterStatistics() async throws(CommandError) -> DeadLetterStatistics
}

extension Fleet {
  package func call(_ call: Call) async -> Outcome { await self.call(call, onProgress: { _ in }) }

  package func deadLetterCount(
    of selection: DeadLetterSelection
  ) async throws(CommandError) -> Int? { nil }
}
