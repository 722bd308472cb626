package import FleetModel

/// A request to a token endpoint, or to one beside it.
package struct TokenPost: Hashable, Sendable {
  /// What the signed statement of a client says (RFC 7523 §3).
  package struct Assertion: Hashable, Sendable {
    package var clientID: String
    /// The issuer, for whom alone it is good.
    package var audience: String

    package static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    /// From its making.
    package static let lifetime = Duration.seconds(300)

    /// The part that is signed.
    package func signingInput(algorithm: String, id: String, at now: Timestamp) -> String {
      var header = JSONWriter()
      header.object {
        $0.member("alg", algorithm)
        $0.member("typ", "JWT")
      }
      var claims = JSONWriter()
      let seconds = now.millisecondsSinceEpoch / 1000
      claims.object {
        $0.member("iss", clientID)
        $0.member("sub", clientID)
        $0.member("aud", audience)
        $0.member("iat", seconds)
        $0.member("exp", seconds + Self.lifetime.components.seconds)
        $0.member("jti", id)
      }
      return Base64URL.encode(header.bytes) + "." + Base64URL.encode(claims.bytes)
    }
  }

  package struct Field: Hashable, Sendable {
    package var name: String
    package var value: String
  }

  package var url: String
  /// `Basic …` where the client authenticates so.
  package var authorization: Secret?
  /// Some are secrets.
  package var fields: [Field]
  /// To be signed and added, where the client has a key.
  package var assertion: Assertion?

  /// With the client's authentication added.
  init(url: String, _ fields: [(String, String)], identity: OAuthIdentity, issuer: String) {
    self.url = url
    self.fields = fields.map { Field(name: $0, value: $1) }
    // Beside a header it says the same twice, but the official SDK's servers want it there too.
    add("client_id", identity.id)
    switch identity.authentication {
    case .none: break
    case .post: add("client_secret", identity.secret?.value ?? "")
    case .basic:
      // RFC 6749 §2.3.1: both are form-encoded first.
      let pair =
        PercentCoding.encode(identity.id) + ":" + PercentCoding.encode(identity.secret?.value ?? "")
      authorization = Secret("Basic " + Base64.encode(Array(pair.utf8)))
    case .privateKey:
      assertion = Assertion(clientID: identity.id, audience: issuer)
    }
  }

  private mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Takes the signed statement.
  package mutating func add(signedAssertion token: String) {
    add("client_assertion_type", Assertion.type)
    add("client_assertion", token)
    assertion = nil
  }

  package var body: [UInt8] { Array(FormCoding.encode(fields.map { ($0.name, $0.value) }).utf8) }
}
