import FleetModel

/// The policies of one server, layer over layer, the farthest first: built in, those of all
/// servers, those of its groups, its own.
struct PolicyLayers: Sendable {
  struct Layer: Sendable {
    /// A policies object; what is not sound in it is left out.
    var spot: Spot
    /// Meant for this server, by its name or a group's.
    var isOwn: Bool
    /// Of a group.
    var isGroups = false
  }

  /// Two times of which one must not exceed the other.
  private struct Bound: Sendable {
    var group: String
    var low: String
    var high: String
    var lowPath: any KeyPath<Policies, Duration> & Sendable
    var highPath: any WritableKeyPath<Policies, Duration> & Sendable
    /// Where nobody wrote the higher one it grows with the lower one.
    var isHighFollowing: Bool
  }

  private static let bounds: [Bound] = [
    Bound(
      group: "retry", low: "initialDelay", high: "maxDelay",
      lowPath: \.retry.schedule.initialDelay, highPath: \.retry.schedule.delayCap,
      isHighFollowing: false),
    Bound(
      group: "breaker", low: "openFor", high: "maxOpenFor", lowPath: \.breaker.openDuration,
      highPath: \.breaker.openDurationCap, isHighFollowing: true),
    Bound(
      group: "pool", low: "reconnectDelay", high: "maxReconnectDelay",
      lowPath: \.pool.reconnectDelay, highPath: \.pool.reconnectDelayCap, isHighFollowing: true),
  ]

  var layers: [Layer]
  var isStdio: Bool
  /// A fault in the layers of all servers may have been meant as a limit on sending calls twice.
  var isDeliveryInDoubt = false
  /// Fields such as `retry.maxDelay` that contradict each other in the layers of all servers.
  var leftOut: Set<String> = []

  /// All of them in one. The arrays of rules, tools and fallbacks replace each other whole.
  func merged() -> Policies {
    var policies = Policies()
    if isStdio { policies.pool = .stdio }
    for layer in layers where !layer.isOwn { apply(layer, to: &policies) }
    if isDeliveryInDoubt { policies.retry.delivery = .atMostOnce }
    for layer in layers where layer.isOwn { apply(layer, to: &policies) }
    for bound in Self.bounds where bound.isHighFollowing && spot(bound.group, bound.high) == nil {
      let low = policies[keyPath: bound.lowPath]
      policies[keyPath: bound.highPath] = max(low, policies[keyPath: bound.highPath])
    }
    let base = policies.retry.schedule
    policies.retry.rules =
      nearest("retry", "rules") { RetryRuleReader.rules($0, base: base, &$1) } ?? []
    policies.retry.toolDelivery = nearest("retry", "tools", ToolDeliveryReader.tools) ?? []
    return policies
  }

  /// The fallbacks of the nearest layer that has some, and whether it is for this
  /// server alone.
  func fallbacks() -> (written: [WrittenFallback], isOwn: Bool) {
    for layer in layers.reversed() {
      var faults = PolicyFaults(server: nil)
      guard let spot = layer.spot["fallbacks"],
        let written = FallbackReader.fallbacks(spot, &faults)
      else { continue }
      return (written, layer.isOwn && !layer.isGroups)
    }
    return ([], false)
  }

  /// What contradicts itself in the end result, where it was written, and the fields in question.
  func contradictions() -> [(spot: Spot, message: String, fields: [String])] {
    let policies = merged()
    return Self.bounds.compactMap { bound in
      let low = policies[keyPath: bound.lowPath]
      let high = policies[keyPath: bound.highPath]
      guard low > high else { return nil }
      let fields = ["\(bound.group).\(bound.low)", "\(bound.group).\(bound.high)"]
      if let spot = spot(bound.group, bound.low) {
        let range = "a duration from 0s to \(DurationText.write(high))"
        return (spot, "\(spot.value.shown) is not \(range), which is \(bound.high) here", fields)
      }
      guard let spot = spot(bound.group, bound.high) else { return nil }
      let range = "a duration of at least \(DurationText.write(low))"
      return (spot, "\(spot.value.shown) is not \(range), which is \(bound.low) here", fields)
    }
  }

  private func apply(_ layer: Layer, to policies: inout Policies) {
    for (name, group) in layer.spot.members ?? [] {
      let fields = PolicyField.fields(of: name).filter { field in
        let isLeftOut = !layer.isOwn && leftOut.contains("\(name).\(field.name)")
        return !isLeftOut && (layer.isOwn || !(isStdio && field.isPerServerOnStdio))
      }
      PolicyReader.apply(fields, of: group, to: &policies)
    }
  }

  /// The nearest place where a field is written.
  private func spot(_ group: String, _ name: String) -> Spot? {
    for layer in layers.reversed() {
      if !layer.isOwn, leftOut.contains("\(group).\(name)") { continue }
      if let spot = layer.spot[group]?[name] { return spot }
    }
    return nil
  }

  /// What the nearest layer with a sound value of a field holds.
  private func nearest<Value>(
    _ group: String, _ name: String, _ read: (Spot, inout PolicyFaults) -> Value?
  ) -> Value? {
    for layer in layers.reversed() {
      // What is wrong was told when the layer was checked.
      var faults = PolicyFaults(server: nil)
      if let spot = layer.spot[group]?[name], let value = read(spot, &faults) { return value }
    }
    return nil
  }
}
