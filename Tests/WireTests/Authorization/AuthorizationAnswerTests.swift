import FleetModel
import Testing

@testable import Wire

@Suite struct `The browser's answer` {
  private static func request(promisesIssuer: Bool) -> AuthorizationRequest {
    var server = AuthorizationServer(assumedAt: "https://as.example")
    server.promisesIssuer = promisesIssuer
    return AuthorizationRequest(
      server: server, clientID: "c", redirectURI: "http://127.0.0.1:5/callback", scopes: [],
      resource: "https://m.example/mcp",
      proof: ProofKey(verifier: "v") { _ in [1] }, state: "S")
  }

  /// RFC 9207 §2.4, with the rows of the official suite.
  @Test(arguments: [
    ("code=C&state=S&iss=https%3A%2F%2Fas.example", true, "C"),
    ("code=C&state=S&iss=https%3A%2F%2Fas.example", false, "C"),
    ("code=C&state=S", false, "C"),
    ("code=C&state=S", true, "mismatch"),
    ("code=C&state=S&iss=https%3A%2F%2Fevil.example", true, "mismatch"),
    ("code=C&state=S&iss=https%3A%2F%2Fevil.example", false, "mismatch"),
    // Never normalised.
    ("code=C&state=S&iss=https%3A%2F%2Fas.example%2F", true, "mismatch"),
    ("code=C&state=S&iss=https%3A%2F%2FAS.example", true, "mismatch"),
    ("code=C&state=T", false, "mismatch"), ("code=C", false, "mismatch"),
    ("state=S", false, "mismatch"), ("code=&state=S", false, "mismatch"), ("", false, "mismatch"),
    ("code=C&code=D&state=S", false, "mismatch"),
    ("code=C&state=S&iss=https%3A%2F%2Fas.example&iss=x", false, "mismatch"),
    ("error=access_denied&error_description=no+way&state=S", false, "access_denied"),
    // The words of a stranger are not repeated.
    ("error=call_me&state=T", false, "mismatch"),
    ("error=call_me&state=S&iss=https%3A%2F%2Fevil.example", false, "mismatch"),
    ("error=call_me&state=S", true, "mismatch"),
  ])
  func `is good only where everything fits`(query: String, promises: Bool, expected: String) {
    let end: String
    do throws(OAuthFault) {
      end = try AuthorizationAnswer(query: query).code(for: Self.request(promisesIssuer: promises))
    } catch {
      switch error.kind {
      case .refused(let code): end = code
      case .mismatch:
        end = "mismatch"
        #expect(!error.message.contains("call_me"))
      case .unavailable, .unsupported, .noMetadata: end = "\(error)"
      }
    }
    #expect(end == expected)
  }

  @Test func `was asked for with all that the specifications want`() throws {
    var request = Self.request(promisesIssuer: false)
    request.scopes = ["a b?", "offline_access"]
    #expect(
      request.url
        == "https://as.example/authorize?response_type=code&client_id=c"
        + "&redirect_uri=http%3A%2F%2F127.0.0.1%3A5%2Fcallback&code_challenge=AQ"
        + "&code_challenge_method=S256&state=S&resource=https%3A%2F%2Fm.example%2Fmcp"
        + "&scope=a%20b%3F%20offline_access&prompt=consent")
    request.server.authorizationEndpoint = "https://as.example/authorize?tenant=1"
    #expect(request.url?.hasPrefix("https://as.example/authorize?tenant=1&response_type") == true)
  }

  @Test func `is proven by 43 characters out of 32 bytes of chance`() {
    var random = SplitMix64(seed: 1)
    let key = ProofKey(using: &random) { $0 }
    #expect(key.verifier.count == 43)
    #expect(Base64URL.decode(key.verifier)?.count == 32)
    #expect(Base64URL.decode(key.challenge) == Array(key.verifier.utf8))
    #expect(ProofKey(using: &random) { $0 } != key)
  }
}
