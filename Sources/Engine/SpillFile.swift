/// Where dead letters are left, while no engine runs, that their store has not taken: a letter a
/// line. Several processes may use it at the same time.
///
/// Its methods may block the engine's thread: they are called at its start, at its end, and when
/// all that was read is in the store.
package protocol SpillFile: Sendable {
  /// For messages.
  var path: String { get }
  /// Its lines without their ends, as they are; none where there is no file.
  func read() throws(SpillFileError) -> [[UInt8]]
  /// Takes lines out and puts others behind what is left, which others may have written. All of it
  /// or nothing; nobody else may read the file, and it goes with its last line.
  func exchange(_ old: Set<[UInt8]>, for new: [[UInt8]]) throws(SpillFileError)
}

/// What went wrong with the file, in the system's words.
package struct SpillFileError: Error, Hashable, Sendable {
  package var message: String

  package init(_ message: String) { self.message = message }
}
