import FleetModel

/// All that logins left behind, as the file keeps it.
package struct TokenFile: Hashable, Sendable {
  /// Of each list; the oldest go first.
  static let limit = 1000
  private static let version = 1

  /// The newest last.
  package private(set) var grants: [OAuthGrant] = []
  package private(set) var registrations: [OAuthRegistration] = []

  package init() {}

  /// The newest grant for a server.
  /// - Parameter clientID: of the configuration; nil takes any.
  package func grant(for server: WebAddress, clientID: String?) -> OAuthGrant? {
    grants.last {
      $0.server == server.resource && (clientID == nil || clientID == $0.identity.id)
    }
  }

  package func grants(for server: WebAddress) -> [OAuthGrant] {
    grants.filter { $0.server == server.resource }
  }

  package mutating func keep(_ grant: OAuthGrant) {
    grants.removeAll { $0.hasPlace(of: grant) }
    grants.append(grant)
    grants.removeFirst(max(0, grants.count - Self.limit))
  }

  package mutating func keep(_ registration: OAuthRegistration) {
    registrations.removeAll {
      $0.issuer == registration.issuer && $0.redirectURI == registration.redirectURI
    }
    registrations.append(registration)
    registrations.removeFirst(max(0, registrations.count - Self.limit))
  }

  package mutating func forget(_ server: WebAddress) {
    grants.removeAll { $0.server == server.resource }
  }

  // MARK: JSON

  package var bytes: [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("version", Self.version)
      $0.member(
        "grants",
        array: { writer in
          for grant in grants { writer.object { Self.write(grant, to: &$0) } }
        })
      $0.member(
        "registrations",
        array: { writer in
          for registration in registrations {
            writer.object { Self.write(registration, to: &$0) }
          }
        })
    }
    return writer.bytes + [0x0A]
  }

  private static func write(_ grant: OAuthGrant, to writer: inout JSONWriter) {
    writer.member("issuer", grant.issuer)
    writer.member("server", grant.server)
    writer.member("resource", grant.resource)
    write(grant.identity, to: &writer)
    writer.member("tokenEndpoint", grant.tokenEndpoint)
    writer.member("revocationEndpoint", grant.revocationEndpoint)
    writer.member("accessToken", grant.accessToken.value)
    writer.member("refreshToken", grant.refreshToken?.value)
    writer.member("expiresAt", grant.expiresAt?.rfc3339)
    writer.member("scope", grant.scopes.joined(separator: " "))
  }

  private static func write(_ registration: OAuthRegistration, to writer: inout JSONWriter) {
    writer.member("issuer", registration.issuer)
    write(registration.identity, to: &writer)
    writer.member("redirectUri", registration.redirectURI)
    writer.member("expiresAt", registration.expiresAt?.rfc3339)
    writer.member("scope", registration.scopes.joined(separator: " "))
  }

  private static func write(_ identity: OAuthIdentity, to writer: inout JSONWriter) {
    writer.member("clientId", identity.id)
    writer.member("clientSecret", identity.secret?.value)
    writer.member("clientAuthentication", identity.authentication.rawValue)
  }

  /// Why a file is none of ours.
  package struct Unreadable: Error, Hashable, Sendable {
    package var reason: String
  }

  package init(_ bytes: [UInt8]) throws(Unreadable) {
    let view: JSONView
    do throws(JSONError) { view = try JSONView(bytes) } catch {
      throw Unreadable(reason: error.description)
    }
    guard let version = view.member("version")?.int else {
      throw Unreadable(reason: "it has no version")
    }
    guard version == Self.version else {
      throw Unreadable(reason: "it is of version \(version), which this mcpdash does not know")
    }
    for entry in view.member("grants").map({ Array($0.elements) }) ?? [] {
      guard let grant = Self.grant(entry) else {
        throw Unreadable(reason: "a grant in it is not complete")
      }
      grants.append(grant)
    }
    for entry in view.member("registrations").map({ Array($0.elements) }) ?? [] {
      guard let registration = Self.registration(entry) else {
        throw Unreadable(reason: "a registration in it is not complete")
      }
      registrations.append(registration)
    }
  }

  private static func grant(_ view: JSONView) -> OAuthGrant? {
    func text(_ name: String) -> String? { view.member(name)?.string }
    guard let issuer = text("issuer"), let server = text("server"),
      let resource = text("resource"), let identity = identity(view),
      let endpoint = text("tokenEndpoint"), let token = text("accessToken"),
      HTTPToken.isCredential(token)
    else { return nil }
    return OAuthGrant(
      issuer: issuer, server: server, resource: resource, identity: identity,
      tokenEndpoint: endpoint, revocationEndpoint: text("revocationEndpoint"),
      accessToken: Secret(token), refreshToken: text("refreshToken").map { Secret($0) },
      expiresAt: text("expiresAt").flatMap { Timestamp(rfc3339: $0) },
      scopes: Scopes.list(text("scope") ?? ""))
  }

  private static func registration(_ view: JSONView) -> OAuthRegistration? {
    guard let issuer = view.member("issuer")?.string, let identity = identity(view),
      let redirect = view.member("redirectUri")?.string
    else { return nil }
    return OAuthRegistration(
      issuer: issuer, identity: identity, redirectURI: redirect,
      scopes: Scopes.list(view.member("scope")?.string ?? ""),
      expiresAt: view.member("expiresAt")?.string.flatMap { Timestamp(rfc3339: $0) })
  }

  private static func identity(_ view: JSONView) -> OAuthIdentity? {
    guard let id = view.member("clientId")?.string,
      let authentication = view.member("clientAuthentication")?.string
        .flatMap({ OAuthIdentity.Authentication(rawValue: $0) })
    else { return nil }
    return OAuthIdentity(
      id: id, secret: view.member("clientSecret")?.string.map { Secret($0) },
      authentication: authentication)
  }
}
