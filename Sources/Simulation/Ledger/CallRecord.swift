import FleetModel

/// What the ledger knows of one call, by its own observation.
struct CallRecord: Sendable {
  let call: Call
  let server: Int
  let submittedAt: Instant
  let deadline: Instant
  /// By the tools that were listed when it was submitted.
  let isSafe: Bool
  /// Of the call for which it stands in.
  var principal: Int?
  /// That stands in for it.
  var standIn: Int?
  /// When its next try began, at the earliest.
  var begunAt: Instant
  /// Attempts on the wire just now.
  var inFlight = 0
  var sends = 0
  var retries = 0
  /// Units of the retry budget that its attempts on the wire hold.
  var units = 0
  var hasResent = false
  /// When the last attempt ended, and how; nil before the first end.
  var lastEnd: Instant?
  var lastReply: Reply?
  var executions = 0
  /// An attempt ended without certainty that it had not run.
  var mayHaveRun = false
  /// The most its caller was told of its course.
  var told = -Double.infinity
  /// Its server's policies changed while it was under way.
  var spansChange = false
  var isCancelled = false
  var isFinished = false
  /// Waits for its dead letter to be written.
  var storedAt: Instant?
  var storedDelivery: Delivery?
  /// Its outcome says that it is kept.
  var isKept = false

  /// A tool that may have run, without an answer.
  var isInDoubt: Bool {
    call.method == "tools/call" && !isAnswered && (mayHaveRun || executions > 0)
  }

  /// The server's last word was an answer.
  var isAnswered: Bool {
    switch lastReply {
    case .success, .toolError, .protocolError: true
    case .failure, nil: false
    }
  }
}
