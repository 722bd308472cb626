package import FleetModel

/// What the engine's machine waits for; each has at most one deadline.
///
/// It is here because `DeadlineQueue` is specialized for it: other modules see no generic code.
package enum FleetTimer: Hashable, Sendable {
  case callDeadline(CallID)
  case tryTimeout(CallID)
  case backoff(CallID)
  case pace(CallID)
  case hedge(CallID)
  case connect(ConnectionID)
  case validation(ConnectionID)
  case pool(Int)
  case bulkhead(Int)
  case override(Int)
  case watch(Int)
  case watchTimeout(Int)
  case search(Int)
  case check(Int)
  case checkTimeout(Int)
  case probe(server: Int, probe: Int)
  case sweep(Int)
  case tick
  case drain
}
