package import FleetModel

/// A token endpoint's answer (RFC 6749 §5.1).
package struct TokenAnswer: Hashable, Sendable {
  package var accessToken: Secret
  package var refreshToken: Secret?
  /// Nil where the server does not say.
  package var lifetime: Duration?
  /// Nil: what was asked for.
  package var scopes: [String]?

  /// Longer tokens fit into no header.
  static let tokenSizeLimit = 64 << 10
  /// A lifetime beyond it is as good as none: ten years.
  static let lifetimeLimit = Duration.seconds(10 * 365 * 86_400)

  package init(status: Int, body: [UInt8], from issuer: String) throws(OAuthFault) {
    let what = "the token endpoint of \(issuer)"
    guard status == 200 || status == 201 else {
      throw .refusal(what, status: status, body: body)
    }
    // Why it cannot be read makes no difference to what can be done about it.
    guard let view = try? JSONView(body), let token = view.member("access_token")?.string else {
      throw OAuthFault(.unsupported, "\(what) answered without a token")
    }
    guard HTTPToken.isCredential(token), token.utf8.count <= Self.tokenSizeLimit else {
      throw OAuthFault(.unsupported, "\(what) gave a token that fits into no header")
    }
    guard view.member("token_type")?.string?.lowercased() ?? "bearer" == "bearer" else {
      throw OAuthFault(.unsupported, "\(what) gave a token that is no bearer token")
    }
    accessToken = Secret(token)
    refreshToken = view.member("refresh_token")?.string.flatMap {
      $0.isEmpty || $0.utf8.count > Self.tokenSizeLimit ? nil : Secret($0)
    }
    let expiry = view.member("expires_in")
    lifetime = (expiry?.double ?? expiry?.string.flatMap { Double($0) }).map {
      min(max(.zero, Duration(fractionalSeconds: $0)), Self.lifetimeLimit)
    }
    scopes = view.member("scope")?.string.map(Scopes.list)
  }
}

/// What can be read of a token that is a JWT (RFC 7519), its signature aside.
package enum JSONWebToken {
  /// Its `exp`; nil where it has none, or is no JWT.
  package static func expiry(of token: Secret) -> Timestamp? {
    let parts = token.value.split(separator: ".", omittingEmptySubsequences: false)
    // Why the claims cannot be read makes no difference: a token need not be a JWT.
    guard parts.count == 3, let claims = Base64URL.decode(parts[1]),
      let seconds = (try? JSONView(claims))?.member("exp")?.double,
      abs(seconds) < 1e12
    else { return nil }
    return Timestamp(millisecondsSinceEpoch: Int64(seconds * 1000))
  }
}
