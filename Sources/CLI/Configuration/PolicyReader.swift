import FleetModel

/// Reads `{retry: {…}, breaker: {…}, …}`.
enum PolicyReader {
  /// Reports everything wrong with a policies object; false when there was an error in it.
  static func check(
    _ spot: Spot, _ report: inout ConfigurationReport, server: ServerID? = nil
  ) -> Bool {
    guard let groups = spot.members else {
      report.fail(
        spot, "policies must be an object such as {retry: {retries: 5}}, not \(spot.value.kind)",
        server: server)
      return false
    }
    var isSound = true
    for (group, groupSpot) in groups {
      guard PolicyField.groups.contains(group) else {
        report.warn(
          groupSpot,
          "unknown policy '\(group)'" + Suggestion.phrase(for: group, among: PolicyField.groups),
          server: server)
        continue
      }
      guard let members = groupSpot.members else {
        report.fail(
          groupSpot, "must be an object, not \(groupSpot.value.kind)", server: server)
        isSound = false
        continue
      }
      let fields = PolicyField.fields(of: group)
      for (name, value) in members {
        if !check(name, value, among: fields, &report, server: server) { isSound = false }
      }
    }
    return isSound
  }

  private static func check(
    _ name: String, _ spot: Spot, among fields: [PolicyField],
    _ report: inout ConfigurationReport, server: ServerID?
  ) -> Bool {
    guard let field = fields.first(where: { $0.name == name }) else {
      report.warn(
        spot, "unknown key '\(name)'" + Suggestion.phrase(for: name, among: fields.map(\.name)),
        server: server)
      return true
    }
    var scratch = Policies()
    guard field.set(spot.value, in: &scratch) else {
      report.fail(spot, "\(spot.value.shown) is not \(field.form)", server: server)
      return false
    }
    return true
  }

  /// Sets what the object holds and is sound.
  /// - Parameter isNamed: the object is meant for this server alone.
  static func apply(
    _ value: JSON5Value, to policies: inout Policies, overStdio: Bool, isNamed: Bool
  ) {
    for group in value.members ?? [] {
      for field in PolicyField.fields(of: group.key) {
        guard let setting = group.value[field.name],
          isNamed || !(overStdio && field.isPerServerOnStdio)
        else { continue }
        _ = field.set(setting, in: &policies)
      }
    }
  }

  /// What is possible and yet hardly meant, in the end result.
  static func contradictions(in policies: Policies) -> [String] {
    var found: [String] = []
    if policies.pool.idleLimit > policies.pool.openLimit {
      found.append(
        "pool.idle (\(policies.pool.idleLimit)) is more than pool.open"
          + " (\(policies.pool.openLimit)), which then limits both")
    }
    if policies.retry.schedule.initialDelay > policies.retry.schedule.delayCap {
      found.append(
        "retry.initialDelay is longer than retry.maxDelay, which then is the first wait")
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
