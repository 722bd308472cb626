import FleetModel
import Gateway

/// What an operator wants of dead letters.
enum DeadLetterRequest: Hashable, Sendable {
  case list(LetterListRequest)
  case show([DeadLetterID], isJSON: Bool)
  case replay(LetterReplayRequest)
  /// nil: every replay.
  case stop(Int?, isJSON: Bool)
  case discard(LetterChoice, isJSON: Bool)
  case delete([DeadLetterID], isJSON: Bool)
  case purge(LetterChoice, isSure: Bool, isJSON: Bool)
  case statistics(isJSON: Bool)
  case export(LetterExportRequest)
  /// `-` is standard input.
  case take(from: String, isJSON: Bool)
}

/// Which letters, before anybody has looked at a clock.
struct LetterChoice: Hashable, Sendable {
  /// Empty: those that the filter means.
  var ids: [DeadLetterID] = []
  /// Without its times.
  var filter = DeadLetterFilter()
  var since: ControlTime?
  var before: ControlTime?

  func selection(now: Timestamp) -> DeadLetterSelection {
    guard ids.isEmpty else { return .ids(ids) }
    var filter = filter
    filter.since = since?.timestamp(now: now)
    filter.before = before?.timestamp(now: now)
    return .matching(filter)
  }
}

struct LetterListRequest: Hashable, Sendable {
  static let standardLimit = 50

  var choice = LetterChoice()
  var limit = LetterListRequest.standardLimit
  var cursor: DeadLetterCursor?
  var isJSON = false
}

struct LetterExportRequest: Hashable, Sendable {
  var choice = LetterChoice()
  /// nil: all.
  var limit: Int?
  var cursor: DeadLetterCursor?
}

struct LetterReplayRequest: Hashable, Sendable {
  var choice: LetterChoice
  var isForced = false
  var isDryRun = false
  /// nil: the servers' own limits.
  var pace: Double? = ReplayOrder.standardPace
  var waitsForBreaker = false
  var arguments: CallRequest.Arguments?
  var token: TokenPlace?
  var isQuiet = false
  var isJSON = false
}
