/// The metadata of a protected resource (RFC 9728): who gives tokens for a server.
package struct ProtectedResource: Hashable, Sendable {
  static let serverLimit = 16

  package var resource: String
  /// At least one, in the server's order.
  package var authorizationServers: [String]
  package var scopes: [String]?

  /// Nil when it is no such document.
  package init?(_ body: [UInt8]) {
    // Why it cannot be read makes no difference: many servers answer any path with a page.
    guard let view = try? JSONView(body), let resource = view.member("resource")?.string,
      let servers = view.member("authorization_servers")
    else { return nil }
    self.resource = resource
    authorizationServers = servers.elements.prefix(Self.serverLimit).compactMap(\.string)
    scopes = view.member("scopes_supported").map { list in list.elements.compactMap(\.string) }
    guard !authorizationServers.isEmpty else { return nil }
  }

  /// Where to look, in order.
  /// - Parameter named: `resource_metadata` of the challenge.
  package static func places(of server: WebAddress, named: String?) -> [String] {
    let wellKnown = server.origin + "/.well-known/oauth-protected-resource"
    let path = server.directory
    var places = named.map { [$0] } ?? []
    if !path.isEmpty { places.append(wellKnown + path) }
    places.append(wellKnown)
    return places.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Whether the document speaks of the server: the same origin, and the server's path or one
  /// above it.
  package func covers(_ server: WebAddress) -> Bool {
    guard let address = WebAddress(resource), address.origin == server.origin else { return false }
    let (own, path) = (address.directory, server.directory)
    return path == own || path.hasPrefix(own + "/")
  }
}
