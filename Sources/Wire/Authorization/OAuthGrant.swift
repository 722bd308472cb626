package import FleetModel

/// What an authorization came to, with all that is needed to renew and to revoke it.
package struct OAuthGrant: Hashable, Sendable {
  package var issuer: String
  /// The MCP server's address: its token goes there and nowhere else.
  package var server: String
  /// As it was asked for (RFC 8707).
  package var resource: String
  package var identity: OAuthIdentity
  package var tokenEndpoint: String
  package var revocationEndpoint: String?
  package var accessToken: Secret
  package var refreshToken: Secret?
  package var expiresAt: Timestamp?
  package var scopes: [String]

  package init(
    issuer: String, server: String, resource: String, identity: OAuthIdentity,
    tokenEndpoint: String, revocationEndpoint: String? = nil, accessToken: Secret,
    refreshToken: Secret? = nil, expiresAt: Timestamp? = nil, scopes: [String] = []
  ) {
    self.issuer = issuer
    self.server = server
    self.resource = resource
    self.identity = identity
    self.tokenEndpoint = tokenEndpoint
    self.revocationEndpoint = revocationEndpoint
    self.accessToken = accessToken
    self.refreshToken = refreshToken
    self.expiresAt = expiresAt
    self.scopes = scopes
  }

  /// Its place in a store: one grant for each.
  package func hasPlace(of other: OAuthGrant) -> Bool {
    issuer == other.issuer && resource == other.resource && server == other.server
      && identity.id == other.identity.id
  }

  /// - Parameter leeway: so long before its end a token counts as over.
  package func isOver(at now: Timestamp, leeway: Duration) -> Bool {
    expiresAt.map { $0 <= now + leeway } ?? false
  }

  /// Nil without a refresh token.
  package var renewal: TokenPost? {
    refreshToken.map {
      TokenPost(
        url: tokenEndpoint,
        [
          ("grant_type", "refresh_token"), ("refresh_token", $0.value), ("resource", resource),
        ], identity: identity, issuer: issuer)
    }
  }

  /// The grant with what the answer to `renewal` brought; a server that rotates its refresh tokens
  /// gives another one.
  package func renewed(
    status: Int, body: [UInt8], at now: Timestamp
  ) throws(OAuthFault) -> OAuthGrant {
    var grant = self
    grant.take(try TokenAnswer(status: status, body: body, from: issuer), at: now)
    return grant
  }

  mutating func take(_ answer: TokenAnswer, at now: Timestamp) {
    accessToken = answer.accessToken
    refreshToken = answer.refreshToken ?? refreshToken
    expiresAt = answer.lifetime.map { now + $0 } ?? JSONWebToken.expiry(of: answer.accessToken)
    scopes = answer.scopes ?? scopes
  }

  /// Requests that end it at its server (RFC 7009), the refresh token first; empty where the server
  /// has no place for that.
  package var revocations: [TokenPost] {
    guard let revocationEndpoint else { return [] }
    func post(_ token: Secret, _ hint: String) -> TokenPost {
      TokenPost(
        url: revocationEndpoint, [("token", token.value), ("token_type_hint", hint)],
        identity: identity, issuer: issuer)
    }
    return (refreshToken.map { [post($0, "refresh_token")] } ?? [])
      + [post(accessToken, "access_token")]
  }
}
