/// Everything an operator can ask of the fleet.
package enum Command: Hashable, Sendable {
  /// Takes a breaker out of the rules' hands for a time.
  case override(ServerID, BreakerOverride)
  /// Ends an override and closes the breaker, its counts and its history at zero.
  case resetBreaker(ServerID)
  /// Accepts whoever answers in a server's place as that server from now on.
  case trust(ServerID)
  /// Drops every connection and connects again; calls on the wire keep theirs to their end.
  case reconnect(ServerID)
  case invalidateCache(CacheSelection)
  /// Sends dead letters again; returns when all of them are dealt with.
  case replay(ReplayOrder)
  /// Stops the replay of this number, or every one; what is on the wire is waited for.
  case stopReplay(Int?)
  /// Marks open dead letters as decided against; they stay to be seen until they expire.
  case discard(DeadLetterSelection)
  /// Deletes dead letters for good.
  case delete(DeadLetterSelection)
}

/// An operator's hand on a breaker: by whom, why, and until when.
package struct BreakerOverride: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Nothing passes.
    case open
    /// Everything passes; the rules count but do not open it.
    case closed
    /// Everything passes and nothing is counted.
    case disabled
  }

  package var kind: Kind
  /// In the operator's words; may be empty.
  package var reason: String
  package var owner: String
  /// Then the rules go on by themselves; zero is until somebody resets it.
  package var timeToLive: Duration

  package static let standardTimeToLive = Duration.seconds(15 * 60)

  package init(
    _ kind: Kind, reason: String = "", owner: String,
    timeToLive: Duration = standardTimeToLive
  ) {
    self.kind = kind
    self.reason = reason
    self.owner = owner
    self.timeToLive = timeToLive
  }
}

/// Which cached answers a command means.
package enum CacheSelection: Hashable, Sendable {
  case all
  case server(ServerID)
  /// One entry by its key as `CacheEntrySnapshot` gives it.
  case entry(ServerID, String)
}

/// What a command did, in one line for the operator.
package struct CommandReceipt: Hashable, Sendable {
  package var text: String
  package var replay: ReplayCount?
  /// Of a discard or a deletion: how many.
  package var letters: Int?

  package init(text: String, replay: ReplayCount? = nil, letters: Int? = nil) {
    self.text = text
    self.replay = replay
    self.letters = letters
  }
}

/// Why a command was not carried out.
package enum CommandError: Error, Hashable, Sendable {
  /// The server's name, and the names there are.
  case unknownServer(String, known: [String])
  case noSuchDeadLetter(DeadLetterID)
  /// The dead-letter store failed, with its own words.
  case store(String)
  /// What was asked for makes no sense, in words that say what to do.
  case invalid(String)
  /// The engine could not be reached, or ended in between.
  case unreachable(String)
}
