import FleetModel

@testable import Dashboard

/// A store of dead letters that answers what the page asks.
struct PretendQueue {
  var letters: [DeadLetter]
  /// Nil: it cannot count.
  var canCount = true

  func matching(_ filter: DeadLetterFilter, now: Timestamp) -> [DeadLetter] {
    letters.filter { $0.expiresAt > now && filter.matches($0) }
      .sorted { ($1.createdAt, $1.id) < ($0.createdAt, $0.id) }
  }

  func answer(to question: Effect, now: Timestamp, error: CommandError?) -> Message {
    switch question {
    case .readLetters(let request):
      if let error { return .lettersRead(request.number, .failure(error)) }
      let all = matching(request.filter, now: now)
        .filter { letter in request.cursor.map { $0.precedes(letter) } ?? true }
      let page = Array(all.prefix(request.limit))
      let next = page.count < all.count ? page.last.map { DeadLetterCursor(after: $0) } : nil
      return .lettersRead(request.number, .success(DeadLetterPage(letters: page, next: next)))
    case .countLetters(let number, let filter):
      if let error { return .lettersCounted(number, .failure(error)) }
      return .lettersCounted(number, .success(canCount ? matching(filter, now: now).count : nil))
    case .rehearse(let number, let order):
      if let error { return .rehearsed(number, .failure(error)) }
      let count = letters.count { order.selection.contains($0) }
      let words =
        "dry run: \(count) would be sent (mcp-github \(count)), "
        + "2 left out: they may have executed (force sends them)"
      return .rehearsed(number, .success(CommandReceipt(text: words)))
    default: return .lettersRead(0, .success(DeadLetterPage()))
    }
  }
}

extension Effect {
  /// Asks the store or the engine, and changes nothing.
  var isQuestion: Bool {
    switch self {
    case .readLetters, .countLetters, .rehearse: true
    default: false
    }
  }
}
