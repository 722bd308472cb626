import FleetModel

/// Reads `{retry: {…}, breaker: {…}, …, fallbacks: […]}`.
enum PolicyReader {
  static let keys = PolicyField.groups + ["fallbacks"]

  /// Reports everything wrong with a policies object: a misspelt limit must not be no limit.
  static func check(_ spot: Spot, _ faults: inout PolicyFaults) {
    guard let groups = spot.members else {
      faults.isDeliveryInDoubt = true
      return faults.add(
        spot, "policies must be an object such as {retry: {retries: 5}}, not \(spot.value.kind)")
    }
    for (group, groupSpot) in groups {
      if group == "fallbacks" {
        _ = FallbackReader.fallbacks(groupSpot, &faults)
      } else if !PolicyField.groups.contains(group) {
        faults.isDeliveryInDoubt = true
        faults.addUnknown("policy", group, at: groupSpot, among: keys)
      } else {
        check(group, groupSpot, &faults)
      }
    }
  }

  private static func check(_ group: String, _ spot: Spot, _ faults: inout PolicyFaults) {
    let fields = PolicyField.fields(of: group)
    guard let members = spot.members else {
      if fields.contains(where: \.decidesDelivery) { faults.isDeliveryInDoubt = true }
      return faults.add(spot, "must be an object, not \(spot.value.kind)")
    }
    for (name, value) in members {
      let before = faults.count
      let field = fields.first { $0.name == name }
      if let field {
        check(field, value, beside: spot, &faults)
      } else {
        faults.addUnknown("key", name, at: value, among: fields.map(\.name))
      }
      let isDelivery = field?.decidesDelivery ?? fields.contains(where: \.decidesDelivery)
      if isDelivery, faults.count > before { faults.isDeliveryInDoubt = true }
    }
  }

  static func check(
    _ field: PolicyField, _ spot: Spot, beside group: Spot, _ faults: inout PolicyFaults
  ) {
    if let rival = field.rival, group[rival] != nil {
      return faults.add(spot, "says the same as \(rival) in another way; remove one")
    }
    switch field.target {
    case .nested(.rules): _ = RetryRuleReader.rules(spot, base: .standard, &faults)
    case .nested(.tools): _ = ToolDeliveryReader.tools(spot, &faults)
    case .choice(let words, _, _):
      var scratch = Policies()
      guard !field.set(spot.value, in: &scratch) else { return }
      let suggestion = Suggestion.phrase(for: spot.value.string ?? "", among: words)
      faults.add(spot, "\(spot.value.shown) is not \(field.form)" + suggestion)
    case .count, .ratio, .time, .flag:
      var scratch = Policies()
      if !field.set(spot.value, in: &scratch) {
        faults.add(spot, "\(spot.value.shown) is not \(field.form)")
      }
    }
  }

  /// Sets what a group holds and is sound, in the table's order: a profile before what changes it.
  static func apply(_ fields: [PolicyField], of group: Spot, to policies: inout Policies) {
    for field in fields {
      guard let setting = group.value[field.name] else { continue }
      let isContested =
        field.rival.map { group.value[$0] != nil } == true
        || fields.contains { $0.rival == field.name && group.value[$0.name] != nil }
      if !isContested { _ = field.set(setting, in: &policies) }
    }
  }

  /// What is possible and yet hardly meant, in the end result.
  static func oddities(in policies: Policies) -> [String] {
    var found: [String] = []
    if policies.pool.idleLimit > policies.pool.openLimit {
      found.append(
        "pool.idle (\(policies.pool.idleLimit)) is more than pool.open"
          + " (\(policies.pool.openLimit)), which then limits both")
    }
    if policies.retry.tryTimeout > policies.retry.totalTimeout {
      found.append("retry.tryTimeout is longer than retry.totalTimeout, which then ends the try")
    }
    if policies.health.timeout > policies.health.interval {
      found.append("health.timeout is longer than health.interval")
    }
    return found
  }
}

extension JSON5Value {
  /// The value for a message, cut to a few words; never of a place that may hold a secret.
  var shown: String {
    let text = string.map { "'\($0)'" } ?? json.text
    return text.count > 60 ? String(text.prefix(57)) + "..." : text
  }
}
