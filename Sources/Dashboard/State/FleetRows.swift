import FleetModel

/// The servers of the table as they stand on the screen: filtered, then sorted.
struct FleetRows {
  let servers: [ServerSnapshot]

  /// - Parameter column: nil keeps the order of the configuration; ties keep it too.
  init(_ all: [ServerSnapshot], filter: String, column: FleetColumn?, isReversed: Bool) {
    let filter = FleetFilter(filter)
    let admitted = all.filter { filter.admits($0) }
    guard let column else {
      servers = isReversed ? admitted.reversed() : admitted
      return
    }
    let isDescending = column.isDescendingFirst != isReversed
    let keyed = admitted.enumerated().map { ($0.offset, column.key(of: $0.element), $0.element) }
    servers = keyed.sorted { left, right in
      if column == .name, left.2.id != right.2.id {
        return isDescending ? left.2.id > right.2.id : left.2.id < right.2.id
      }
      switch (left.1, right.1) {
      case (let a?, let b?) where a != b: return isDescending ? a > b : a < b
      case (.some, nil): return true
      case (nil, .some): return false
      default: return left.0 < right.0
      }
    }.map(\.2)
  }

  /// The row of the selection; the first one when the selected server is not among them.
  func index(of selection: ServerID?) -> Int? {
    guard !servers.isEmpty else { return nil }
    return selection.flatMap { id in servers.firstIndex { $0.id == id } } ?? 0
  }

  func server(at selection: ServerID?) -> ServerSnapshot? {
    index(of: selection).map { servers[$0] }
  }
}
