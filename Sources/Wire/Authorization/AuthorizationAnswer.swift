/// The address that a person opens, and what the browser brings back.
package struct AuthorizationRequest: Hashable, Sendable {
  package var server: AuthorizationServer
  package var clientID: String
  package var redirectURI: String
  package var scopes: [String]
  package var resource: String
  package var proof: ProofKey
  package var state: String

  /// Nil when the server has no place for it.
  package var url: String? {
    guard let endpoint = server.authorizationEndpoint else { return nil }
    var fields: [FormCoding.Field] = [
      ("response_type", "code"), ("client_id", clientID), ("redirect_uri", redirectURI),
      ("code_challenge", proof.challenge), ("code_challenge_method", ProofKey.method),
      ("state", state), ("resource", resource),
    ]
    if !scopes.isEmpty { fields.append(("scope", scopes.joined(separator: " "))) }
    // OpenID Connect Core §11: without it offline access is not granted.
    if scopes.contains(Scopes.offline) { fields.append(("prompt", "consent")) }
    return endpoint + (endpoint.contains("?") ? "&" : "?") + FormCoding.encode(fields)
  }
}

/// What the browser was sent back with.
package struct AuthorizationAnswer: Hashable, Sendable {
  package var code: String?
  package var state: String?
  package var issuer: String?
  package var error: String?
  package var errorDescription: String?
  private var isAmbiguous = false

  /// - Parameter query: without the question mark.
  package init(query: String) {
    let fields = FormCoding.decode(query)
    func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    code = value("code")
    state = value("state")
    issuer = value("iss")
    error = value("error")
    errorDescription = value("error_description")
    isAmbiguous = ["code", "state", "iss", "error"].contains { name in
      fields.filter { $0.name == name }.count > 1
    }
  }

  /// The code, once everything fits.
  ///
  /// Of an answer whose `state` or `iss` is wrong nothing is shown: it is somebody else's.
  package func code(for request: AuthorizationRequest) throws(OAuthFault) -> String {
    guard !isAmbiguous else {
      throw OAuthFault(.mismatch, "the browser came back with a parameter twice")
    }
    guard state == request.state else {
      throw OAuthFault(.mismatch, "the browser came back with the state of another login")
    }
    // RFC 9207 §2.4: compared as it is written.
    if let issuer {
      guard issuer == request.server.issuer else {
        throw OAuthFault(
          .mismatch, "the browser came back from another issuer than \(request.server.issuer)")
      }
    } else if request.server.promisesIssuer {
      throw OAuthFault(
        .mismatch, "\(request.server.issuer) promises to name itself in its answer and did not")
    }
    if let error {
      let words = errorDescription.map { ": \($0.prefix(200))" } ?? ""
      throw OAuthFault(
        .refused(code: error), "the authorization server refused: \(error.prefix(200))\(words)")
    }
    guard let code, !code.isEmpty else {
      throw OAuthFault(.mismatch, "the browser came back without a code")
    }
    return code
  }
}
