import FleetModel

/// Reads `{"send_*": "atMostOnce"}`, in the file's order.
enum ToolDeliveryReader {
  static let limit = 1000

  /// nil when one of them is broken.
  static func tools(_ spot: Spot, _ faults: inout PolicyFaults) -> [ToolDelivery]? {
    guard let members = spot.members else {
      faults.add(
        spot,
        "must be an object such as {\"send_*\": \"atMostOnce\"}, not \(spot.value.kind)")
      return nil
    }
    guard members.count <= limit else {
      faults.add(spot, "has \(members.count) tools; at most \(limit) are read")
      return nil
    }
    let before = faults.count
    let words = RetryPolicy.DeliveryRule.allCases.map(\.rawValue)
    var tools: [ToolDelivery] = []
    for (name, value) in members {
      if name.isEmpty { faults.add(value, "the name of a tool is empty") }
      let word = value.value.string ?? ""
      if let rule = RetryPolicy.DeliveryRule(rawValue: word) {
        tools.append(ToolDelivery(tool: NamePattern(name), rule: rule))
      } else {
        faults.add(
          value,
          "\(value.value.shown) is not one of \(words.joined(separator: ", "))"
            + Suggestion.phrase(for: word, among: words))
      }
    }
    return faults.count == before ? tools : nil
  }
}
