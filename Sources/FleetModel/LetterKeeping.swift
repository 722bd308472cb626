/// Where a call's dead letter is when its caller is told.
package enum LetterKeeping: String, Hashable, Sendable, CaseIterable {
  /// The store has acknowledged it.
  case stored
  /// In memory alone, until the store works again; lost if the process is killed before.
  case memory
  /// Neither the store nor memory has it.
  case lost
}
