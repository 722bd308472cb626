package import FleetModel

/// Who we are at one authorization server.
package struct OAuthIdentity: Hashable, Sendable {
  /// How the token endpoint knows us, by the names of RFC 8414.
  package enum Authentication: String, Hashable, Sendable, CaseIterable {
    case none
    case basic = "client_secret_basic"
    case post = "client_secret_post"
    case privateKey = "private_key_jwt"
  }

  package var id: String
  package var secret: Secret?
  package var authentication: Authentication

  package init(id: String, secret: Secret? = nil, authentication: Authentication) {
    self.id = id
    self.secret = secret
    self.authentication = authentication
  }

  /// What the configuration says of us; nil when it names no client.
  package init?(configured client: OAuthClient, at server: AuthorizationServer) {
    guard let id = client.id else { return nil }
    let authentication: Authentication =
      client.privateKey != nil
      ? .privateKey
      : client.secret == nil ? .none : Self.secretForm(server.tokenAuthentications)
    self.init(id: id, secret: client.secret, authentication: authentication)
  }

  /// The server's first choice; RFC 8414 lets one that says nothing mean `client_secret_basic`.
  static func secretForm(_ known: [String]?) -> Authentication {
    let forms = (known ?? []).compactMap { Authentication(rawValue: $0) }
    return forms.first { $0 == .basic || $0 == .post } ?? .basic
  }
}

/// A client that registered itself, bound to the issuer that knows it.
package struct OAuthRegistration: Hashable, Sendable {
  package var issuer: String
  package var identity: OAuthIdentity
  package var redirectURI: String
  /// What it said it would ask for.
  package var scopes: [String]
  /// Nil: never.
  package var expiresAt: Timestamp?

  package init(
    issuer: String, identity: OAuthIdentity, redirectURI: String, scopes: [String],
    expiresAt: Timestamp? = nil
  ) {
    self.issuer = issuer
    self.identity = identity
    self.redirectURI = redirectURI
    self.scopes = scopes
    self.expiresAt = expiresAt
  }

  func serves(
    issuer: String, redirectURI: String, scopes: [String], at now: Timestamp
  ) -> Bool {
    self.issuer == issuer && self.redirectURI == redirectURI
      && scopes.allSatisfy(self.scopes.contains) && expiresAt.map { now < $0 } ?? true
  }

  /// The body of a registration (RFC 7591).
  package static func request(
    redirectURI: String, scopes: [String], at server: AuthorizationServer
  ) -> JSONText {
    let known = server.tokenAuthentications
    let authentication: OAuthIdentity.Authentication =
      known.map { $0.contains(OAuthIdentity.Authentication.none.rawValue) } ?? true
      ? .none : OAuthIdentity.secretForm(known)
    var writer = JSONWriter()
    writer.object {
      $0.member("client_name", "mcpdash")
      $0.member("application_type", "native")
      $0.member("redirect_uris", array: { $0.value(redirectURI) })
      $0.member(
        "grant_types",
        array: {
          $0.value("authorization_code")
          $0.value("refresh_token")
        })
      $0.member("response_types", array: { $0.value("code") })
      $0.member("token_endpoint_auth_method", authentication.rawValue)
      if !scopes.isEmpty { $0.member("scope", scopes.joined(separator: " ")) }
    }
    return writer.json
  }

  /// Reads the answer to `request`.
  package static func read(
    status: Int, body: [UInt8], redirectURI: String, scopes: [String],
    at server: AuthorizationServer
  ) throws(OAuthFault) -> OAuthRegistration {
    let what = "the registration at \(server.issuer)"
    guard status == 200 || status == 201 else {
      throw .refusal(what, status: status, body: body)
    }
    // Why it cannot be read makes no difference to what can be done about it.
    guard let view = try? JSONView(body), let id = view.member("client_id")?.string, !id.isEmpty
    else { throw OAuthFault(.unsupported, "\(what) brought no client id") }
    let secret = view.member("client_secret")?.string
    let named = view.member("token_endpoint_auth_method")?.string
    let standard: OAuthIdentity.Authentication =
      secret == nil ? .none : OAuthIdentity.secretForm(server.tokenAuthentications)
    guard let form = named.map({ OAuthIdentity.Authentication(rawValue: $0) }) ?? standard else {
      throw OAuthFault(.unsupported, "\(what) wants an authentication that we cannot do")
    }
    switch form {
    case .privateKey:
      throw OAuthFault(.unsupported, "\(what) wants a key that we do not have")
    case .basic, .post:
      guard secret != nil else {
        throw OAuthFault(.unsupported, "\(what) wants a secret and gave none")
      }
    case .none: break
    }
    let expiry = view.member("client_secret_expires_at")?.int ?? 0
    return OAuthRegistration(
      issuer: server.issuer,
      identity: OAuthIdentity(
        id: id, secret: form == .none ? nil : secret.map { Secret($0) }, authentication: form),
      redirectURI: redirectURI, scopes: scopes,
      expiresAt: expiry > 0
        ? Timestamp(millisecondsSinceEpoch: Int64(clamping: expiry) &* 1000) : nil)
  }
}
