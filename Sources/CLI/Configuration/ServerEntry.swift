import FleetModel

/// One server of a file, before policies and probes from other places are added.
struct ServerEntry: Hashable, Sendable {
  var id: ServerID
  /// As in the file; others may have it too.
  var writtenName: String
  /// In the order of the file; at least one.
  var endpoints: [EndpointChoice]
  var spot: Spot
  /// Of one try, as other programs write it.
  var timeout: Duration?
  var identity: ServerIdentity?
  /// For the operator, where it is not the place in a file.
  var source: String?

  /// Keys of other programs that change nothing for us.
  static let foreignKeys: Set<String> = [
    "description", "alwaysLoad", "alwaysAllow", "autoApprove", "keep_alive", "trust", "sandbox",
    "sandboxEnabled", "dev", "gallery", "version", "icon", "tools", "metadata",
  ]

  static let ownKeys =
    EndpointReader.keys + [
      "endpoints", "policies", "fallbacks", "probes", "disabled", "timeout", "identity",
    ]

  /// One that is misspelt must not pass for a key of another program: it may be a limit.
  private static let weightyKeys = ["endpoints", "policies", "fallbacks"]

  /// nil when the entry is broken; the report says why.
  static func read(
    _ name: String, as id: ServerID, _ spot: Spot, _ context: FileContext,
    _ report: inout ConfigurationReport
  ) -> ServerEntry? {
    guard let members = spot.members else {
      report.fail(
        spot, "must be an object with command or url, not \(spot.value.kind)", server: id)
      return nil
    }
    guard !name.isEmpty, !name.unicodeScalars.contains(where: { $0.properties.isNoName }) else {
      report.fail(spot, "a server's name must be text without control characters", server: id)
      return nil
    }
    let before = report.errors.count
    for (key, value) in members where !ownKeys.contains(key) {
      judge(key, value, context, &report, server: id)
    }
    var reader = EndpointListReader(server: id, spot: spot, context: context)
    let endpoints = reader.read()
    report.append(reader.report)
    let timeout = timeout(spot["timeout"], &report, server: id)
    let identity = identity(spot["identity"], &report, server: id)
    guard report.errors.count == before, !endpoints.isEmpty else { return nil }
    return ServerEntry(
      id: id, writtenName: name, endpoints: endpoints, spot: spot, timeout: timeout,
      identity: identity)
  }

  /// Says what an unknown key may mean.
  private static func judge(
    _ key: String, _ value: Spot, _ context: FileContext, _ report: inout ConfigurationReport,
    server: ServerID
  ) {
    guard !foreignKeys.contains(key) else { return }
    let suggestion = Suggestion.phrase(for: key, among: ownKeys)
    let message = "unknown key '\(key)'" + suggestion
    if let near = Suggestion.closest(to: key, among: ownKeys), weightyKeys.contains(near) {
      report.fail(value, message, server: server)
    } else if !context.isForeign || !suggestion.isEmpty {
      report.warn(value, message, server: server)
    }
  }

  /// Milliseconds, as FastMCP and Claude Code have it.
  private static func timeout(
    _ spot: Spot?, _ report: inout ConfigurationReport, server: ServerID
  ) -> Duration? {
    guard let spot else { return nil }
    if let number = spot.value.number.flatMap({ Int(exactly: $0.rounded()) }),
      (1...86_400_000).contains(number)
    {
      return .milliseconds(number)
    }
    report.fail(
      spot,
      "\(spot.value.shown) is not a number of milliseconds from 1 to 86400000; for text such as"
        + " \"30s\" write policies: {retry: {tryTimeout: \"30s\"}}", server: server)
    return nil
  }

  /// `{name: "pay", tools: "<SHA-256>"}`
  private static func identity(
    _ spot: Spot?, _ report: inout ConfigurationReport, server: ServerID
  ) -> ServerIdentity? {
    guard let spot else { return nil }
    for (key, value) in spot.members ?? [] where key != "name" && key != "tools" {
      let suggestion = Suggestion.phrase(for: key, among: ["name", "tools"])
      report.fail(value, "unknown key '\(key)'" + suggestion, server: server)
    }
    guard let name = spot["name"]?.value.string, let tools = spot["tools"]?.value.string,
      tools.utf8.count == 64, tools.allSatisfy({ $0.isHexDigit && $0.isASCII })
    else {
      report.fail(
        spot,
        "must be {name: \"…\", tools: \"…\"}: what the server calls itself, and the SHA-256 of its"
          + " tools in 64 hexadecimal digits", server: server)
      return nil
    }
    return ServerIdentity(name: name, toolsDigest: tools.lowercased())
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
