import FleetModel

/// A course that breaks one invariant, and the words that the ledger must find for it.
struct Forgery: Sendable, CustomStringConvertible {
  /// What is wrong, for the test's name.
  var description: String
  /// In the violation.
  var words: String
  var course: @Sendable () -> ForgedCourse

  init(
    _ description: String, says words: String,
    _ change: @escaping @Sendable (inout Policies) -> Void = { _ in },
    other: @escaping @Sendable (inout Policies) -> Void = { _ in },
    _ body: @escaping @Sendable (inout ForgedCourse) -> Void
  ) {
    self.description = description
    self.words = words
    course = {
      var course = ForgedCourse(change, other: other)
      body(&course)
      return course
    }
  }
}
