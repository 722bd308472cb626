import FleetModel

/// One attempt on the wire.
struct AttemptRecord: Sendable {
  var call: Int
  var server: Int
  var connection: ConnectionID
  var sentAt: Instant
  /// When its try began to wait, at the earliest.
  var begunAt: Instant
  /// It must have ended then; each report moves it.
  var until: Instant
  var isLive = true
}
