import FleetModel

/// One server of a file, before policies and probes from other places are added.
struct ServerEntry: Hashable, Sendable {
  var id: ServerID
  var endpoint: Endpoint
  var spot: Spot

  /// Keys of other programs that change nothing for us.
  private static let foreignKeys: Set<String> = [
    "description", "alwaysLoad", "alwaysAllow", "autoApprove", "timeout", "keep_alive", "trust",
    "sandbox", "sandboxEnabled", "dev", "gallery", "version", "icon", "tools", "metadata",
  ]

  /// Keys of other programs without which the server may not work.
  private static let unsupportedKeys = ["envFile", "headersHelper", "oauth", "auth"]

  private static let ownKeys = EndpointReader.keys + ["policies", "probes", "disabled"]

  /// nil when the entry is broken or switched off; the report says why.
  static func read(
    _ name: String, _ spot: Spot, _ expansion: VariableExpansion,
    _ report: inout ConfigurationReport
  ) -> ServerEntry? {
    let server = ServerID(name)
    guard let members = spot.members else {
      report.fail(
        spot, "must be an object with command or url, not \(spot.value.kind)", server: server)
      return nil
    }
    guard !name.isEmpty, !name.unicodeScalars.contains(where: { $0.properties.isNoName }) else {
      report.fail(spot, "a server's name must be text without control characters", server: server)
      return nil
    }
    if spot["disabled"]?.value.bool == true { return nil }
    for (key, value) in members {
      if unsupportedKeys.contains(key) {
        report.warn(value, "'\(key)' is not read by mcpdash yet", server: server)
      } else if !ownKeys.contains(key), !foreignKeys.contains(key) {
        let suggestion = Suggestion.phrase(for: key, among: ownKeys)
        report.warn(value, "unknown key '\(key)'" + suggestion, server: server)
      }
    }
    var reader = EndpointReader(server: server, spot: spot, expansion: expansion)
    let endpoint = reader.read()
    report.append(reader.report)
    return endpoint.map { ServerEntry(id: server, endpoint: $0, spot: spot) }
  }

  var isStdio: Bool {
    switch endpoint {
    case .stdio: true
    case .http: false
    }
  }
}

extension Unicode.Scalar.Properties {
  fileprivate var isNoName: Bool {
    switch generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
