import FleetModel

/// Reads `[{tool: "ping", arguments: {}, every: "30s"}]`.
enum ProbeReader {
  static let standardInterval = Duration.seconds(60)
  static let intervalRange = Duration.milliseconds(100)...Duration.seconds(86_400)
  static let keys = ["tool", "arguments", "every"]

  /// nil when one of them is broken; the report says which.
  static func read(
    _ spot: Spot, _ report: inout ConfigurationReport, server: ServerID
  ) -> [Probe]? {
    guard let elements = spot.elements else {
      report.fail(
        spot,
        "probes must be an array such as [{tool: \"ping\", every: \"30s\"}],"
          + " not \(spot.value.kind)", server: server)
      return nil
    }
    let probes = elements.map { probe($0, &report, server: server) }
    let sound = probes.compactMap(\.self)
    return sound.count == probes.count ? sound : nil
  }

  private static func probe(
    _ spot: Spot, _ report: inout ConfigurationReport, server: ServerID
  ) -> Probe? {
    for (key, value) in spot.members ?? [] where !keys.contains(key) {
      let suggestion = Suggestion.phrase(for: key, among: keys)
      report.warn(value, "unknown key '\(key)'" + suggestion, server: server)
    }
    guard let tool = spot["tool"]?.value.string, !tool.isEmpty else {
      report.fail(spot["tool"] ?? spot, "a probe needs the name of a tool", server: server)
      return nil
    }
    let arguments = spot["arguments"]
    if let arguments, arguments.value.members == nil {
      report.fail(
        arguments, "must be an object, not \(arguments.value.kind)", server: server)
      return nil
    }
    var interval = standardInterval
    if let every = spot["every"] {
      guard let duration = every.value.duration, intervalRange.contains(duration) else {
        let form = "a duration from 100ms to 1d"
        report.fail(every, "\(every.value.shown) is not \(form)", server: server)
        return nil
      }
      interval = duration
    }
    return Probe(
      tool: tool, arguments: arguments?.value.json ?? .emptyObject, interval: interval)
  }
}
