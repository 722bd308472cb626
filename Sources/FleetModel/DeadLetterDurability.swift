/// What becomes of the letters that a store has acknowledged when its program or machine fails.
package struct DeadLetterDurability: Hashable, Sendable {
  package enum Grade: String, Hashable, Sendable, CaseIterable {
    /// Each one is on the disk before it is acknowledged.
    case durable
    /// Those of the last second may be lost with the machine.
    case almost
    /// They may be lost: they are in memory only, reach the disk late, or may be pushed out.
    case lossy
    /// The store does not tell.
    case unknown
  }

  package var grade: Grade
  /// One sentence for the operator: what is so, and what to change.
  package var text: String

  package init(_ grade: Grade, _ text: String) { (self.grade, self.text) = (grade, text) }

  /// `lossy: Redis keeps the queue in memory only; set appendonly yes`
  package var words: String { "\(grade.rawValue): \(text)" }
}
