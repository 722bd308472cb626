/// Everything an operator can ask of the fleet.
package enum Command: Hashable, Sendable {
  /// Trips the breaker and keeps it open until it is closed or reset by hand.
  case openBreaker(ServerID)
  /// Closes the breaker with its counts at zero; the rules go on from there.
  case closeBreaker(ServerID)
  /// As closing, and forgets the history of transitions too.
  case resetBreaker(ServerID)
  /// Sends dead letters again; those that may have executed on a tool that is not declared
  /// idempotent are left out unless `force` is set.
  case replay(DeadLetterSelection, force: Bool)
  /// Deletes dead letters for good.
  case discard(DeadLetterSelection)
}

/// Which dead letters a command means.
package enum DeadLetterSelection: Hashable, Sendable {
  case ids([CallID])
  case server(ServerID)
  case all
}

/// What a command did, in one line for the operator.
package struct CommandReceipt: Hashable, Sendable {
  package var text: String
  /// Of a replay: how many were delivered, failed again, and were left out as unsafe.
  package var replay: ReplayCount?

  package init(text: String, replay: ReplayCount? = nil) {
    self.text = text
    self.replay = replay
  }
}

/// How a replay went.
package struct ReplayCount: Hashable, Sendable {
  package var delivered: Int
  package var failed: Int
  /// Left out because they may have executed and `force` was not given.
  package var unsafe: Int
  /// Left out because another replay had them, or had delivered them, or was killed with them a
  /// short time ago.
  package var taken: Int

  package init(delivered: Int = 0, failed: Int = 0, unsafe: Int = 0, taken: Int = 0) {
    self.delivered = delivered
    self.failed = failed
    self.unsafe = unsafe
    self.taken = taken
  }
}

/// Why a command was not carried out.
package enum CommandError: Error, Hashable, Sendable {
  /// The server's name, and the names there are.
  case unknownServer(String, known: [String])
  case noSuchDeadLetter(CallID)
  /// The dead-letter store failed, with its own words.
  case store(String)
  /// The engine could not be reached, or ended in between.
  case unreachable(String)
}
