import FleetModel

/// Reads `groups: {payments: {servers: ["pay-*"], policies: {…}}}`.
enum GroupReader {
  static let limit = 100
  static let keys = ["servers", "policies"]

  /// nil when it cannot be known whom it holds.
  static func group(
    _ name: String, _ spot: Spot, _ faults: inout PolicyFaults
  ) -> FleetPlan.Group? {
    guard let members = spot.members else {
      faults.add(
        spot,
        "must be an object such as {servers: [\"pay-*\"], policies: {}}, not "
          + spot.value.kind)
      return nil
    }
    for (key, value) in members where !keys.contains(key) {
      faults.addUnknown("key", key, at: value, among: keys)
    }
    guard let list = spot["servers"] else {
      faults.add(spot, "needs servers: names or patterns such as [\"pay-*\"]")
      return nil
    }
    let elements = list.value.string != nil ? [list] : list.elements ?? []
    let patterns = elements.compactMap { $0.value.string }.filter { !$0.isEmpty }
    guard !patterns.isEmpty, patterns.count == elements.count, patterns.count <= limit else {
      faults.add(list, "must be an array of 1 to \(limit) names or patterns such as [\"pay-*\"]")
      return nil
    }
    return FleetPlan.Group(
      name: name, servers: patterns.map { NamePattern($0) }, spot: spot, policies: spot["policies"])
  }
}
