import FleetModel

/// A task that a call became, as far as it has been followed.
struct TaskCourse: Sendable {
  enum Phase: Hashable {
    /// Asked how it stands.
    case polling
    /// Told the answers to its questions.
    case updating
    /// Asked for its result (2025-11-25).
    case fetching
    case over
  }

  var id: String
  var phase = Phase.polling
  var interval: Duration
  var status: String
  var message: String?
  /// `lastUpdatedAt`, as written.
  var stamp: JSONText?
  var moves = 0
  /// Requests about it that failed in a row.
  var misses = 0
  /// Rounds of questions.
  var rounds = 0
  var answered: Set<String> = []

  var isOver: Bool { phase == .over }

  func request(
    _ method: String, _ members: [(key: String, value: JSONText)] = []
  ) -> Conversation.Request {
    var writer = JSONWriter()
    writer.object {
      $0.member("taskId", id)
      for member in members { $0.member(member.key, member.value) }
    }
    return Conversation.Request(method: method, target: id, params: writer.json)
  }
}
