/// What became of letters that were brought from elsewhere.
package struct DeadLetterIntake: Hashable, Sendable {
  /// A letter that this store cannot hold, whatever its state.
  package struct Refusal: Hashable, Sendable {
    package var id: DeadLetterID
    package var reason: String

    package init(id: DeadLetterID, reason: String) { (self.id, self.reason) = (id, reason) }
  }

  /// Added.
  package var new: Int
  /// Left out, because a letter of that id was there already.
  package var known: Int
  /// Left out, because their time was over.
  package var expired: Int
  /// The oldest letters of the store, which its size limit pushed out for them.
  package var dropped: Int
  /// Left out, because the store cannot hold them.
  package var refused: [Refusal]

  package init(
    new: Int = 0, known: Int = 0, expired: Int = 0, dropped: Int = 0, refused: [Refusal] = []
  ) {
    self.new = new
    self.known = known
    self.expired = expired
    self.dropped = dropped
    self.refused = refused
  }

  package static func + (left: DeadLetterIntake, right: DeadLetterIntake) -> DeadLetterIntake {
    DeadLetterIntake(
      new: left.new + right.new, known: left.known + right.known,
      expired: left.expired + right.expired, dropped: left.dropped + right.dropped,
      refused: left.refused + right.refused)
  }
}
