import FleetModel

/// Who is in the fleet, and which place in the machine's list each server has.
///
/// A server keeps its place while it is in the fleet and, once removed, until its last call has
/// ended; then the place is free for another. The numbers of connections are never used twice:
/// their upper half counts the servers ever added, so that late news of a removed server's
/// connection finds nobody, and never the next one in its place.
struct Roster: Sendable {
  /// Of the servers that are in the fleet.
  private(set) var numbers: [ServerID: Int] = [:]
  /// Places in the order shown.
  var order: [Int] = []
  /// Places of removed servers whose last calls are on the wire.
  private(set) var retiring: [Int] = []
  private var freePlaces: [Int] = []
  private var placeCount = 0
  private var lastTenancy: UInt64 = 0
  private var tenancies: [UInt64: Int] = [:]
  /// Calls of servers that are gone for good, so that the fleet's total never falls.
  private(set) var callsOfTheGone = 0

  /// - Returns: its place, which is the one after the last when none is free, and the number its
  ///   connections are known by.
  mutating func add(_ server: ServerID) -> (place: Int, tenancy: UInt64) {
    precondition(numbers[server] == nil, "names of servers must differ")
    let place = freePlaces.popLast() ?? placeCount
    if place == placeCount { placeCount += 1 }
    lastTenancy += 1
    numbers[server] = place
    tenancies[lastTenancy] = place
    return (place, lastTenancy)
  }

  /// Not in the fleet any more; its place stays taken until `free`.
  mutating func retire(_ server: ServerID) {
    guard let place = numbers.removeValue(forKey: server) else { return }
    order.removeAll { $0 == place }
    retiring.append(place)
  }

  /// - Parameter calls: that ended there.
  mutating func free(_ place: Int, tenancy: UInt64, calls: Int) {
    retiring.removeAll { $0 == place }
    tenancies[tenancy] = nil
    freePlaces.append(place)
    callsOfTheGone += calls
  }

  /// Which server a connection belongs to; nil when that server is gone.
  func place(of connection: ConnectionID) -> Int? { tenancies[connection.number >> 32] }
}
