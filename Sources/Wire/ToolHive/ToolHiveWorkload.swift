package import FleetModel

/// One MCP server that ToolHive runs, or the operator's custom resource for one.
///
/// All texts are as they came and may hold anything.
package struct ToolHiveWorkload: Hashable, Sendable {
  package enum Status: String, Hashable, Sendable, CaseIterable {
    case running, stopped, error, starting, stopping, unhealthy, removing, unknown
    case unauthenticated
    case authRetrying = "auth_retrying"
    case policyStopped = "policy_stopped"

    /// Its proxy takes requests, or soon will, so it belongs into the fleet.
    package var isServed: Bool {
      switch self {
      case .running, .starting, .unhealthy, .unknown, .unauthenticated, .authRetrying: true
      case .stopped, .error, .stopping, .removing, .policyStopped: false
      }
    }
  }

  package var name: String
  /// Of the cluster it is in; nil outside of Kubernetes.
  package var namespace: String?
  /// Where clients speak to it; empty while there is no proxy.
  package var url = ""
  /// What the server itself speaks: `stdio`, `sse` or `streamable-http`.
  package var transportType = ""
  /// What clients must speak: `sse` or `streamable-http`; empty where an old ToolHive says nothing.
  package var proxyMode = ""
  package var status = Status.unknown
  /// Why it has this status.
  package var statusContext = ""
  /// The image or the remote address it was made from.
  package var package = ""
  package var group = ""
  /// The tools that ToolHive lets through; empty is all of them.
  package var tools: [String] = []
  /// The server runs elsewhere, and ToolHive only stands before it.
  package var isRemote = false
  package var createdAt = ""

  package init(name: String) { self.name = name }

  /// The name that no other workload has: with its namespace, where it has one.
  package var fullName: String { name + (namespace.map { "." + $0 } ?? "") }

  /// How to speak to it; nil when its address is no http URL.
  package var endpoint: Endpoint? {
    // ToolHive puts the workload's name behind a `#` for its own use.
    let address = String(url.prefix { $0 != "#" })
    let scheme = address.prefix { $0 != ":" }.lowercased()
    guard scheme == "http" || scheme == "https",
      address.dropFirst(scheme.count).hasPrefix("://"), address.count > scheme.count + 3,
      address.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
    else { return nil }
    return .http(HTTPEndpoint(url: address, style: style(of: address)))
  }

  private func style(of address: String) -> HTTPEndpoint.Style {
    for mode in [proxyMode, transportType] {
      if mode == "sse" { return .sse }
      if mode == "streamable-http" { return .streamable }
    }
    let path = address.prefix { $0 != "?" }
    return path.hasSuffix("/sse") ? .sse : .streamable
  }
}
