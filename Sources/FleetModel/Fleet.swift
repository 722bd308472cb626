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
  /// How many dead letters there are.
  func deadLetterCount(of selection: DeadLetterSelection) async throws(CommandError) -> Int
  /// Takes in letters of another store, each under its own id; adding one twice is one letter.
  func add(_ letters: [DeadLetter]) async throws(CommandError) -> DeadLetterIntake
}

extension Fleet {
  package func deadLetterCount(
    of selection: DeadLetterSelection
  ) async throws(CommandError) -> Int {
    var (count, cursor) = (0, DeadLetterCursor?.none)
    repeat {
      let page = try await deadLetters(of: selection, after: cursor, limit: 10_000)
      count += page.letters.count
      cursor = page.next
    } while cursor != nil
    return count
  }

  package func add(_ letters: [DeadLetter]) async throws(CommandError) -> DeadLetterIntake {
    throw .unreachable("this fleet takes in no dead letters")
  }

  package func call(_ call: Call) async -> Outcome { await self.call(call, onProgress: { _ in }) }

  package func deadLetterCount(
    of selection: DeadLetterSelection
  ) async throws(CommandError) -> Int? { nil }
}
