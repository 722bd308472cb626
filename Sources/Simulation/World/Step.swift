import Engine
import FleetModel

/// One thing that is going to happen.
enum Step: Sendable {
  /// The world tells the engine.
  case report(FleetEvent)
  /// Of the health check with this number; not told when it was aborted.
  case check(server: Int, number: Int, Failure?)
  /// As `check`, of a watch over another endpoint.
  case watch(server: Int, number: Int, Failure?)
  /// As `check`, of a search of ports.
  case located(server: Int, number: Int, [PortCandidate])
  /// As `check`, of a list of tools.
  case tools(server: Int, number: Int, FleetEvent)
  /// A connection opens, unless it is closed by then.
  case opened(ConnectionID)
  /// An open connection dies by itself, unless it is closed by then.
  case died(ConnectionID, Failure)
  /// An attempt's answer; told even when nobody waits for it any more.
  case answer(AttemptID, Exchange)
  /// The store has a letter now, or failed.
  case added(DeadLetterID, DeadLetterStoreError?)
  case swept
  /// Somebody calls; nil is any server.
  case call(server: Int?)
  case happening(Int)
  case cancel(CallID)
}
