package import FleetModel

/// A broken invariant.
package struct Violation: Hashable, Sendable, CustomStringConvertible {
  package let at: Instant
  /// What is wrong with what, for a person.
  package let words: String

  package var description: String { "\(at.secondsText)  \(words)" }
}
