package import FleetModel

/// Everything that can happen to the fleet's machine.
package enum FleetEvent: Sendable {
  case start(wallClock: Timestamp)
  /// Nothing new is begun; what is on the wire and must not run twice is waited for.
  case drain(limit: Duration)
  /// Everything waiting ends with `.shuttingDown`; nothing is accepted afterwards.
  case stop
  /// These servers, in this order, from now on.
  case reconfigured([ServerDefinition])
  /// Where the servers come from, for the picture.
  case sourcesChanged([SourceSnapshot])
  case submit(Call)
  /// The caller gave up.
  case cancel(CallID)
  case opened(ConnectionID, ConnectionInfo)
  case openFailed(ConnectionID, Failure)
  /// A connection died by itself.
  case closed(ServerID, ConnectionID, Failure)
  /// An idle connection was asked whether it still works; nil is yes.
  case validated(ConnectionID, Failure?)
  /// A more preferred endpoint than the one in use was tried; nil is well.
  case watched(ServerID, Failure?)
  /// The server reports on an attempt under way.
  case progress(AttemptID, CallProgress)
  case exchanged(AttemptID, Exchange)
  /// Who answers on the ports of a server's range.
  case located(ServerID, [PortCandidate])
  case toolsListed(ServerID, ToolList)
  case toolsFailed(ServerID, Failure)
  /// The server announced that its tools changed.
  case toolsChanged(ServerID)
  /// The server announced that its answers to methods that begin so are old.
  case readsChanged(ServerID, String)
  /// A health check ended; nil is well.
  case checked(ServerID, Failure?)
  case noted(ServerID, Notice.Severity, String)
  /// Where a call's dead letter is, and why when it is lost.
  case stored(CallID, LetterKeeping, DeadLetterStoreError? = nil)
  case tallied(DeadLetterTally)
  /// The store failed outside of a write.
  case storeFailed(DeadLetterStoreError)
  case override(ServerID, BreakerOverride)
  case resetBreaker(ServerID)
  case reconnect(ServerID)
  /// Whoever answers in the server's place is the server from now on.
  case trust(ServerID)
  case invalidateCache(CacheSelection)
  /// A fact from outside the machine worth the operator's eye.
  case announced(Notice.Severity, String)
  /// The earliest deadline has passed.
  case timeReached
  /// Civil time, once a tick, so that a stepped wall clock is followed.
  case clockRead(Timestamp)
}
