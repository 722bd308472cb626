import FleetModel

/// One server of a file, before policies and probes from other places are added.
struct ServerEntry: Hashable, Sendable {
  var id: ServerID
  /// In the order of the file; at least one.
  var endpoints: [EndpointChoice]
  var spot: Spot

  /// Keys of other programs that change nothing for us.
  private static let foreignKeys: Set<String> = [
    "description", "alwaysLoad", "alwaysAllow", "autoApprove", "timeout", "keep_alive", "trust",
    "sandbox", "sandboxEnabled", "dev", "gallery", "version", "icon", "tools", "metadata",
  ]

  /// Keys of other programs without which the server may not work.
  private static let unsupportedKeys = ["envFile", "headersHelper", "oauth", "auth"]

  static let ownKeys =
    EndpointReader.keys + ["endpoints", "policies", "fallbacks", "probes", "disabled"]

  /// One that is misspelt must not pass for a key of another program: it may be a limit.
  private static let weightyKeys = ["endpoints", "policies", "fallbacks"]

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
    var isSound = true
    for (key, value) in members {
      if unsupportedKeys.contains(key) {
        report.warn(value, "'\(key)' is not read by mcpdash yet", server: server)
      } else if !ownKeys.contains(key), !foreignKeys.contains(key) {
        let message = "unknown key '\(key)'" + Suggestion.phrase(for: key, among: ownKeys)
        if let near = Suggestion.closest(to: key, among: ownKeys), weightyKeys.contains(near) {
          report.fail(value, message, server: server)
          isSound = false
        } else {
          report.warn(value, message, server: server)
        }
      }
    }
    var reader = EndpointListReader(server: server, spot: spot, expansion: expansion)
    let endpoints = reader.read()
    report.append(reader.report)
    guard isSound, !endpoints.isEmpty else { return nil }
    return ServerEntry(id: server, endpoints: endpoints, spot: spot)
  }

  /// Some endpoint is a child process.
  var isStdio: Bool {
    endpoints.contains { choice in
      switch choice.endpoint {
      case .stdio: true
      case .http, .bridge: false
      }
    }
  }

  /// The most preferred endpoint first: by priority, then those of a locality, then as written.
  func preferred(in locality: String?) -> [EndpointChoice] {
    func rank(_ choice: EndpointChoice) -> (Int, Int) {
      (choice.priority, locality != nil && choice.locality == locality ? 0 : 1)
    }
    return endpoints.enumerated().sorted {
      let (left, right) = (rank($0.element), rank($1.element))
      return left == right ? $0.offset < $1.offset : left < right
    }.map(\.element)
  }
}

extension Unicode.Scalar.Properties {
  var isNoName: Bool {
    switch generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
