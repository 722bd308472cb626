import FleetModel
import TerminalUI

/// How it stands with a letter, in words: what is over is never told as what is delivered.
struct LetterStanding {
  /// `replaying`
  var word: String
  /// `replaying 0:42 anna`
  var short: String
  var sentence: String
  var role: Role
  var isPending = false
}

extension DeadLetter {
  func standing(now: Timestamp) -> LetterStanding {
    if expiresAt <= now {
      return LetterStanding(
        word: "expired", short: "expired", sentence: "expired: it is gone, nobody delivered it",
        role: .muted)
    }
    switch state {
    case .pending:
      let words = fault == nil ? "waits for an operator" : "can be looked at and deleted"
      return LetterStanding(
        word: "pending", short: "pending", sentence: "pending: \(words)", role: .fg,
        isPending: true)
    case .replaying:
      let left = lease.map { Figures.clock(seconds: now.seconds(until: $0.until)) } ?? "0:00"
      let owner = lease.map { " \($0.owner)" } ?? ""
      return LetterStanding(
        word: "replaying", short: "replaying \(left)\(owner)",
        sentence: "being replayed by\(owner.isEmpty ? " nobody" : owner), "
          + "whose lease ends in \(left)",
        role: .info)
    case .done:
      return LetterStanding(
        word: "done", short: "done", sentence: "done: a replay delivered it", role: .ok)
    case .discarded:
      return LetterStanding(
        word: "discarded", short: "discarded",
        sentence: "discarded: kept to be seen until it expires", role: .muted)
    }
  }
}
