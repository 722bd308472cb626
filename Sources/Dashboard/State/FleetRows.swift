import FleetModel

/// The servers of the table as they stand on the screen: filtered, then sorted.
struct FleetRows {
  let servers: [ServerSnapshot]
  /// Those that the filter hides too.
  private let all: [ServerSnapshot]

  /// - Parameter column: nil keeps the order of the configuration; ties keep it too.
  init(_ all: [ServerSnapshot], filter: String, column: FleetColumn?, isReversed: Bool) {
    self.all = all
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

  /// The row of the selection; the first one when the filter hides the selected server.
  ///
  /// - Parameter row: where it was last, and its neighbour stands when it has left the fleet.
  func index(of selection: ServerID?, lastAt row: Int) -> Int? {
    guard !servers.isEmpty else { return nil }
    guard let selection else { return 0 }
    if let index = servers.firstIndex(where: { $0.id == selection }) { return index }
    return all.contains { $0.id == selection } ? 0 : min(row, servers.count - 1)
  }
}
