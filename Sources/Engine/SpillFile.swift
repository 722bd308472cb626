/// Where dead letters are left, while no engine runs, that their store has not taken.
///
/// Its methods may block the engine's thread: they are called once at its start and at its end.
package protocol SpillFile: Sendable {
  /// For messages.
  var path: String { get }
  /// Nil when there is none.
  func read() throws(SpillFileError) -> [UInt8]?
  /// Replaces the file as a whole; nobody else may read it.
  func write(_ bytes: [UInt8]) throws(SpillFileError)
  /// Nothing happens when there is none.
  func remove() throws(SpillFileError)
}

/// What went wrong with the file, in the system's words.
package struct SpillFileError: Error, Hashable, Sendable {
  package var message: String

  package init(_ message: String) { self.message = message }
}
