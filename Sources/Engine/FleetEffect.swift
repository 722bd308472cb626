package import FleetModel

/// What the machine wants done; the driver does each once, in order, and reports back as events.
///
/// The rare ones with a whole definition are indirect: each effect is as large as the largest.
package enum FleetEffect: Sendable {
  /// Answered by `opened` or `openFailed`.
  indirect case open(ServerDefinition, ConnectionID, knownEra: ConnectionInfo?)
  /// Also ends an `open` that is still under way.
  case close(ConnectionID)
  /// Answered by `validated`.
  case validate(ConnectionID)
  case abortValidation(ConnectionID)
  /// Opens a connection to see whether it can be done, and closes it; answered by `watched` with
  /// the server's own name.
  indirect case watch(ServerDefinition, ServerID, ConnectionID)
  case abortWatch(ServerID)
  /// Asks the ports of the endpoint's range who is there; answered by `located`.
  indirect case locate(ServerDefinition)
  case abortLocate(ServerID)
  /// Answered by `exchanged`.
  case send(Call, AttemptID, ConnectionID)
  /// The answer is no longer wanted.
  case abort(AttemptID)
  /// Answered by `toolsListed` or `toolsFailed`.
  case listTools(ServerID, ConnectionID)
  case abortTools(ServerID)
  /// Answered by `checked`.
  indirect case check(ServerDefinition, knownEra: ConnectionInfo?, ConnectionID?)
  case abortCheck(ServerID)
  /// For the caller, if it wants to know.
  case progress(CallID, CallProgress)
  case finish(Outcome)
  /// Answered by `stored`.
  case store(DeadLetter)
  /// Answered by `tallied` or `storeFailed`.
  case tally
  case publish(Snapshot)
  /// Answered by `clockRead`.
  case readClock
  /// Nothing that must not run twice is on the wire any more.
  case drained
}
