/// The metadata of an authorization server (RFC 8414, OpenID Connect Discovery).
package struct AuthorizationServer: Hashable, Sendable {
  package var issuer: String
  /// What only some logins need.
  package var authorizationEndpoint: String?
  package var tokenEndpoint: String
  package var registrationEndpoint: String?
  package var revocationEndpoint: String?
  package var codeChallengeMethods: [String]?
  package var tokenAuthentications: [String]?
  package var scopes: [String]?
  /// It promises `iss` in its answers to the browser (RFC 9207).
  package var promisesIssuer = false
  /// A client may be known by the address of its metadata document.
  package var takesClientDocuments = false

  /// Nil when it is no such document.
  package init?(_ body: [UInt8]) {
    // Why it cannot be read makes no difference: many servers answer any path with a page.
    guard let view = try? JSONView(body), let issuer = view.member("issuer")?.string,
      let tokenEndpoint = view.member("token_endpoint")?.string
    else { return nil }
    func list(_ name: String) -> [String]? {
      view.member(name).flatMap { $0.kind == .array ? $0.elements.compactMap(\.string) : nil }
    }
    self.issuer = issuer
    self.tokenEndpoint = tokenEndpoint
    authorizationEndpoint = view.member("authorization_endpoint")?.string
    registrationEndpoint = view.member("registration_endpoint")?.string
    revocationEndpoint = view.member("revocation_endpoint")?.string
    codeChallengeMethods = list("code_challenge_methods_supported")
    tokenAuthentications = list("token_endpoint_auth_methods_supported")
    scopes = list("scopes_supported")
    promisesIssuer =
      view.member("authorization_response_iss_parameter_supported")?.bool == true
    takesClientDocuments = view.member("client_id_metadata_document_supported")?.bool == true
  }

  /// The endpoints that revision 2025-03-26 takes for granted where a server says nothing.
  package init(assumedAt origin: String) {
    issuer = origin
    authorizationEndpoint = origin + "/authorize"
    tokenEndpoint = origin + "/token"
    registrationEndpoint = origin + "/register"
    codeChallengeMethods = [ProofKey.method]
  }

  /// Where to look, in order.
  package static func places(of issuer: WebAddress) -> [String] {
    let (origin, path) = (issuer.origin, issuer.directory)
    let oauth = "/.well-known/oauth-authorization-server"
    let openID = "/.well-known/openid-configuration"
    guard !path.isEmpty else { return [origin + oauth, origin + openID] }
    return [origin + oauth + path, origin + openID + path, origin + path + openID]
  }

  /// What is wrong with its addresses; nil when all may be used.
  package func fault(under rules: AddressRules) -> String? {
    let endpoints = [
      ("token_endpoint", tokenEndpoint), ("authorization_endpoint", authorizationEndpoint),
      ("registration_endpoint", registrationEndpoint), ("revocation_endpoint", revocationEndpoint),
    ]
    for case (let name, let address?) in endpoints {
      if let fault = rules.fault(in: address) { return "its \(name) \(fault)" }
    }
    return nil
  }
}
