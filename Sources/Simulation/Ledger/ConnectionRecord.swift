import FleetModel

/// One connection.
struct ConnectionRecord: Sendable {
  var server: Int
  var isOpen = false
  /// Another server answers than the one expected.
  var isStranger = false
  var streams = 0
}
