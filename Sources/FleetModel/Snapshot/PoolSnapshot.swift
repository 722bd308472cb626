/// The server's connections.
package struct PoolSnapshot: Hashable, Sendable {
  package var open = 0
  package var idle = 0
  /// Calls on a connection just now.
  package var active = 0
  /// Calls that fit at once.
  package var max = 0
  package var waiting = 0
  package var connecting = 0
  /// Calls that had to wait for a connection, since the engine started.
  package var waitCount = 0
  /// How long they waited, together.
  package var waitTime = Duration.zero
  /// Waits that ended without a connection.
  package var refusals = 0
  /// Connections closed, by cause, since the engine started.
  package var closed = PoolClosings()
  /// Calls that held a connection longer than the policy allows.
  package var leaks = 0

  package init() {}
}

/// Why connections were closed, counted since the engine started.
package struct PoolClosings: Hashable, Sendable {
  /// Without work for too long, or one more than may be idle.
  package var idle = 0
  package var lifetime = 0
  /// A check found it dead.
  package var health = 0
  /// Broke in use, or died by itself.
  package var error = 0
  /// The operator, a failover or the engine's end.
  package var reset = 0

  package init() {}
}
