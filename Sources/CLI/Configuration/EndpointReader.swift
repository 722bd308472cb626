import FleetModel

/// Reads how a server is reached: `command`, `args`, `env`, `cwd`, or `url`, `headers`.
struct EndpointReader {
  let server: ServerID
  let spot: Spot
  let expansion: VariableExpansion
  /// What is left out when it cannot be used.
  let subject: String
  var report = ConfigurationReport()

  private enum Transport { case stdio, http, later(String) }

  static let keys = ["type", "transport", "command", "args", "env", "cwd", "url", "headers"]

  /// nil when it cannot be used; the report says why.
  mutating func read() -> Endpoint? {
    let endpoint: Endpoint?
    switch transport() {
    case .stdio: endpoint = stdio()
    case .http: endpoint = http()
    case .later(let name):
      report.warn(
        spot, "transport '\(name)' comes in a later version; the \(subject) is left out",
        server: server)
      return nil
    case nil: return nil
    }
    return report.errors.isEmpty ? endpoint : nil
  }

  private mutating func transport() -> Transport? {
    let named = spot["type"] ?? spot["transport"]
    let inferred: Transport? =
      spot["command"] != nil ? .stdio : spot["url"] != nil ? .http : nil
    guard let named else {
      if inferred == nil {
        fail(spot, "has neither command nor url; write command for a program, url for HTTP")
      } else if spot["command"] != nil, let url = spot["url"] {
        fail(url, "has both command and url; remove one, or say which with type")
        return nil
      } else if let url = spot["url"]?.value.string, Self.isEventStream(url) {
        return .later("sse")
      }
      return inferred
    }
    switch named.value.string {
    case "stdio": return .stdio
    case "http", "streamable-http", "streamableHttp": return .http
    case .some(let name) where name == "sse" || name == "bridge": return .later(name)
    default:
      let known = ["stdio", "http", "streamable-http", "sse", "bridge"]
      let suggestion = Suggestion.phrase(for: named.value.string ?? "", among: known)
      fail(
        named,
        "\(named.value.shown) is no transport; write stdio, http or streamable-http" + suggestion)
      return nil
    }
  }

  private mutating func stdio() -> Endpoint? {
    guard let commandSpot = spot["command"] else {
      fail(spot, "has no command; name the program to start")
      return nil
    }
    guard let command = text(commandSpot), !command.isEmpty else {
      if report.errors.isEmpty { fail(commandSpot, "is empty; name the program to start") }
      return nil
    }
    let arguments = list(spot["args"])
    let environment = pairs(spot["env"]) { name in
      name.isEmpty || name.contains("=") || name.contains("\0")
        ? "is no name of a variable" : nil
    }
    let directory = spot["cwd"].flatMap { text($0) }
    return .stdio(
      command: command, arguments: arguments,
      environment: environment.map { EnvironmentVariable(name: $0, value: $1) },
      workingDirectory: directory)
  }

  private mutating func http() -> Endpoint? {
    guard let urlSpot = spot["url"] else {
      fail(spot, "has no url; write the server's address")
      return nil
    }
    guard let url = text(urlSpot) else { return nil }
    if let fault = Self.fault(inURL: url) {
      fail(urlSpot, "'\(Endpoint.redacted(urlSpot.value.string ?? ""))' \(fault)")
    }
    let headers = pairs(spot["headers"]) { name in
      name.isEmpty || !name.utf8.allSatisfy(Self.isTokenByte) ? "is no name of a header" : nil
    }
    for (name, value) in headers where !value.utf8.allSatisfy(Self.isFieldByte) {
      guard let header = spot["headers"]?[name] else { continue }
      fail(header, "has a control character in its value, such as a line end; remove it")
    }
    return .http(url: url, headers: headers.map { HeaderField(name: $0, value: $1) })
  }

  // MARK: - Values

  /// A string with its variables; its text is in no message, because it may be a secret.
  private mutating func text(_ spot: Spot) -> String? {
    guard let text = spot.value.string else {
      fail(spot, "must be a string, not \(spot.value.kind); put it in quotes")
      return nil
    }
    do throws(VariableExpansion.Failure) {
      let expanded = try expansion.expand(text)
      guard !expanded.contains("\0") else {
        fail(spot, "holds a NUL character; remove it")
        return nil
      }
      return expanded
    } catch {
      fail(spot, error.message)
      return nil
    }
  }

  private mutating func list(_ spot: Spot?) -> [String] {
    guard let spot else { return [] }
    guard let elements = spot.elements else {
      fail(spot, "must be an array of strings, not \(spot.value.kind)")
      return []
    }
    var texts: [String] = []
    for element in elements { if let text = text(element) { texts.append(text) } }
    return texts
  }

  private mutating func pairs(
    _ spot: Spot?, fault: (String) -> String?
  ) -> [(String, String)] {
    guard let spot else { return [] }
    guard let members = spot.members else {
      fail(spot, "must be an object of strings, not \(spot.value.kind)")
      return []
    }
    var pairs: [(String, String)] = []
    for (name, value) in members {
      if let fault = fault(name) { fail(value, "'\(name)' \(fault)") }
      if let text = text(value) { pairs.append((name, text)) }
    }
    return pairs
  }

  private mutating func fail(_ spot: Spot, _ message: String) {
    report.fail(spot, message, server: server)
  }

  // MARK: - URLs

  private static func fault(inURL url: String) -> String? {
    let lower = url.lowercased()
    guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else {
      return "is no HTTP address; write http://… or https://…"
    }
    if url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
      return "has a space or a control character in it; remove or encode it"
    }
    let authority = url.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    return host.isEmpty || host.hasPrefix(":") ? "names no host" : nil
  }

  /// The habit of servers that speak the old transport: a path segment `sse`.
  private static func isEventStream(_ url: String) -> Bool {
    url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").dropFirst(2).contains("sse")
  }

  /// RFC 9110 §5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }

  /// RFC 9110 §5.5, with tab.
  private static func isFieldByte(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F || byte == 0x09
  }
}
