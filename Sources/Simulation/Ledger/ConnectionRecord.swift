import FleetModel

/// One connection.
struct ConnectionRecord: Sendable {
  var server: Int
  var isOpen = false
  var streams = 0
}
