import FleetModel

/// Reads how a server is reached: `command`, `args`, `env`, `cwd`, or `url`, `headers`.
struct EndpointReader {
  let server: ServerID
  let spot: Spot
  private var values: ValueReader

  private enum Transport: Equatable {
    case stdio
    /// nil: by the URL.
    case http(HTTPEndpoint.Style?)
    case bridge
  }

  static let keys =
    [
      "type", "transport", "command", "args", "env", "envFile", "cwd", "url", "headers", "ports",
      "clientId", "mcpUrl", "oauthProvider",
    ] + AuthorizationReader.keys

  static let transports = [
    "stdio", "http", "streamable-http", "streamableHttp", "sse", "bridge",
  ]

  private static let standardBridge = "http://localhost:8000"

  init(server: ServerID, spot: Spot, context: FileContext) {
    self.server = server
    self.spot = spot
    values = ValueReader(server: server, context: context)
  }

  var report: ConfigurationReport { values.report }

  /// nil when it cannot be used; the report says why.
  mutating func read() -> Endpoint? {
    let endpoint: Endpoint?
    switch transport() {
    case .stdio: endpoint = stdio()
    case .http(let style): endpoint = http(style)
    case .bridge: endpoint = bridge()
    case nil: return nil
    }
    return report.errors.isEmpty ? endpoint : nil
  }

  // MARK: - Which transport

  private mutating func transport() -> Transport? {
    if ["type", "transport"].contains(where: { spot[$0]?.value.string == "bridge" }) {
      return .bridge
    }
    if let named = spot["type"] ?? spot["transport"] { return transport(named) }
    switch (spot["command"], spot["url"]) {
    case (nil, nil):
      values.fail(spot, "has neither command nor url; write command for a program, url for HTTP")
      return nil
    case (_?, let url?):
      values.fail(url, "has both command and url; remove one, or say which with type")
      return nil
    case (_?, nil): return .stdio
    case (nil, _?): return .http(nil)
    }
  }

  private mutating func transport(_ named: Spot) -> Transport? {
    switch named.value.string {
    case "stdio": return .stdio
    case "http", "streamable-http", "streamableHttp": return .http(.streamable)
    case "sse": return .http(.sse)
    default:
      let suggestion = Suggestion.phrase(
        for: named.value.string ?? "", among: Self.transports)
      values.fail(
        named,
        "\(named.value.shown) is no transport; write stdio, http, streamable-http, sse or bridge"
          + suggestion)
      return nil
    }
  }

  // MARK: - Each transport

  private mutating func stdio() -> Endpoint? {
    guard let command = command() else { return nil }
    AuthorizationReader.warnUnused(spot, &values)
    let arguments = values.list(spot["args"])
    let environment = values.environment(of: spot)
    let directory = spot["cwd"].flatMap { values.text($0) }
    return .stdio(
      command: command, arguments: arguments, environment: environment,
      workingDirectory: directory)
  }

  private mutating func command() -> String? {
    guard let command = spot["command"] else {
      values.fail(spot, "has no command; name the program to start")
      return nil
    }
    return values.filledText(command, "name the program to start")
  }

  private mutating func http(_ style: HTTPEndpoint.Style?) -> Endpoint? {
    guard let urlSpot = spot["url"] else {
      values.fail(spot, "has no url; write the server's address")
      return nil
    }
    guard let url = address(urlSpot) else { return nil }
    let headers = values.headers(spot["headers"])
    let inferred = ServerAddress.isEventStream(url) ? HTTPEndpoint.Style.sse : .streamable
    var authorization = AuthorizationReader(
      server: server, spot: spot, url: url, context: values.context)
    let credentials = authorization.read(beside: headers)
    values.report.append(authorization.report)
    return .http(
      HTTPEndpoint(
        url: url, headers: credentials.headers, style: style ?? inferred,
        authorization: credentials.authorization, portRange: ports(of: url)))
  }

  /// The bridge holds a client of its own, which is told what to connect to.
  private mutating func bridge() -> Endpoint? {
    let environment = values.context.expansion.environment
    var base = environment["FASTMCP_BASE_URL"].flatMap { $0.isEmpty ? nil : $0 }
    if let base, let fault = ServerAddress.fault(inURL: base) {
      values.fail(spot, "the variable FASTMCP_BASE_URL \(fault)")
    }
    if let url = spot["url"] { base = address(url) }
    let clientID = spot["clientId"].flatMap { values.filledText($0, "name the client") }
    let provider = spot["oauthProvider"].flatMap { values.filledText($0, "name the provider") }
    let headers = values.headers(spot["headers"])
    AuthorizationReader.warnUnused(spot, &values)
    guard let target = bridgeTarget() else { return nil }
    return .bridge(
      BridgeEndpoint(
        baseURL: base ?? Self.standardBridge, headers: headers,
        clientID: clientID ?? server.name, target: target, oauthProvider: provider))
  }

  /// Where `type` is `bridge`, `transport` is that of the server behind it, and vice versa.
  private mutating func bridgeTarget() -> BridgeEndpoint.Target? {
    guard let url = spot["mcpUrl"] else {
      guard spot["command"] != nil else {
        values.fail(spot, "has neither mcpUrl nor command; write what the bridge connects to")
        return nil
      }
      guard let command = command() else { return nil }
      return .stdio(
        command: command, arguments: values.list(spot["args"]),
        environment: values.environment(of: spot))
    }
    if let command = spot["command"] {
      values.fail(command, "has both command and mcpUrl; remove one")
      return nil
    }
    let named = ["type", "transport"].compactMap { spot[$0] }.first {
      $0.value.string != "bridge"
    }
    var style: HTTPEndpoint.Style?
    if let named {
      guard case .http(let written)? = transport(named) else {
        if report.errors.isEmpty { values.fail(named, "does not fit mcpUrl; write http or sse") }
        return nil
      }
      style = written
    }
    return address(url).map {
      let isSSE = style.map { $0 == .sse } ?? ServerAddress.isEventStream($0)
      return .remote(transport: isSSE ? "sse" : "http", url: $0)
    }
  }

  // MARK: - Addresses

  private mutating func address(_ spot: Spot) -> String? {
    guard let url = values.text(spot) else { return nil }
    if let fault = ServerAddress.fault(inURL: url) {
      values.fail(spot, "'\(Endpoint.redacted(spot.value.string ?? ""))' \(fault)")
      return nil
    }
    return url
  }

  private mutating func ports(of url: String) -> ClosedRange<Int>? {
    guard let spot = spot["ports"] else { return nil }
    guard let range = spot.value.string.flatMap(ServerAddress.ports) else {
      values.fail(
        spot,
        "\(spot.value.shown) is no range of at most \(ServerAddress.rangeLimit) ports such as"
          + " \"50000-50100\", from 1 to 65535")
      return nil
    }
    if url.lowercased().hasPrefix("unix:") {
      values.fail(spot, "belongs to http and https; a socket has no ports")
    }
    return range
  }
}
