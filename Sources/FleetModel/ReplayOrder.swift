/// How dead letters are to be sent again.
package struct ReplayOrder: Hashable, Sendable {
  /// Of the ids, those that are pending; the letters are fixed before the first is sent.
  package var selection: DeadLetterSelection
  /// Also those that may have executed on a tool that is not declared idempotent.
  package var isForced: Bool
  /// Says what would be sent and what not, and why; sends nothing.
  package var isDryRun: Bool
  /// Letters begun a second, in `paceRange`; nil leaves the pace to the server's own limits.
  package var pace: Double?
  /// Letters of a server whose breaker is open wait until it closes, instead of failing.
  package var waitsForBreaker: Bool
  /// The call's `arguments` from now on, for one letter alone; what was sent first is kept.
  package var arguments: JSONText?
  /// For letters that were sent with their caller's own token.
  package var token: Secret?
  /// Who asks, for the lease and the picture.
  package var owner: String

  package static let standardPace = 10.0
  package static let paceRange = 0.1...1000.0

  package init(
    _ selection: DeadLetterSelection, isForced: Bool = false, isDryRun: Bool = false,
    pace: Double? = ReplayOrder.standardPace, waitsForBreaker: Bool = false,
    arguments: JSONText? = nil, token: Secret? = nil, owner: String = ""
  ) {
    self.selection = selection
    self.isForced = isForced
    self.isDryRun = isDryRun
    self.pace = pace
    self.waitsForBreaker = waitsForBreaker
    self.arguments = arguments
    self.token = token
    self.owner = owner
  }
}

/// How a replay went, or goes.
package struct ReplayCount: Hashable, Sendable {
  package var delivered: Int
  package var failed: Int
  /// Left out because they may have executed and `force` was not given.
  package var unsafe: Int
  /// Left out because another replay had them, or had delivered them, or was killed with them a
  /// short time ago.
  package var taken: Int
  /// Left out because they cannot be sent as they are: a secret or a token is missing, the entry
  /// cannot be read, or the server is not in the fleet.
  package var unsendable: Int
  /// Of a dry run: those that would be sent.
  package var planned: Int
  /// Not come to, because the replay was stopped.
  package var left: Int

  package init(
    delivered: Int = 0, failed: Int = 0, unsafe: Int = 0, taken: Int = 0, unsendable: Int = 0,
    planned: Int = 0, left: Int = 0
  ) {
    self.delivered = delivered
    self.failed = failed
    self.unsafe = unsafe
    self.taken = taken
    self.unsendable = unsendable
    self.planned = planned
    self.left = left
  }

  /// Letters dealt with.
  package var settled: Int { delivered + failed + unsafe + taken + unsendable }
}

/// A replay that runs, or ended a short time ago.
package struct ReplaySnapshot: Hashable, Sendable {
  /// Numbers the replays of one engine from 1.
  package var number: Int
  package var owner: String
  /// It says what would be sent, and sends nothing.
  package var isDryRun: Bool
  package var startedAt: Timestamp
  /// Nil while it runs.
  package var endedAt: Timestamp?
  /// Letters fixed at its beginning.
  package var total: Int
  package var count: ReplayCount
  /// The server whose breaker it waits for.
  package var waitsFor: ServerID?
  /// It was told to stop and ends what is on the wire.
  package var isStopping: Bool
  /// Why it ended early, such as the store's trouble; nil when it did not.
  package var trouble: String?

  package init(
    number: Int, owner: String, isDryRun: Bool = false, startedAt: Timestamp,
    endedAt: Timestamp? = nil, total: Int, count: ReplayCount = ReplayCount(),
    waitsFor: ServerID? = nil, isStopping: Bool = false, trouble: String? = nil
  ) {
    self.number = number
    self.owner = owner
    self.isDryRun = isDryRun
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.total = total
    self.count = count
    self.waitsFor = waitsFor
    self.isStopping = isStopping
    self.trouble = trouble
  }
}
