import FleetModel
import Testing

@testable import Wire

/// As whom we ask.
extension `An authorization` {
  @Test func `prefers the operator's client, then a document, then an earlier registration`() throws
  {
    var bench = CourseBench()
    bench.documents[CourseBench.place] = (
      200, CourseBench.metadata(#","client_id_metadata_document_supported":true"#)
    )
    bench.registrations = [Self.known()]
    bench.client = OAuthClient(id: "mine", metadataURL: "https://me.example/client.json")
    #expect(try bench.run().asked["client_id"] == "mine")
    bench.client.id = nil
    let document = try bench.run()
    #expect(document.asked["client_id"] == "https://me.example/client.json")
    #expect(document.fields()["client_id"] == "https://me.example/client.json")
    bench.client.metadataURL = nil
    let known = try bench.run()
    #expect(known.asked["client_id"] == "known")
    #expect(known.registration == nil)
    bench.registrations = []
    #expect(try bench.run().asked["client_id"] == "registered")
  }

  private static func known(
    issuer: String = CourseBench.issuer, redirect: String = CourseBench.redirect,
    scopes: [String] = [], expiresAt: Timestamp? = nil
  ) -> OAuthRegistration {
    OAuthRegistration(
      issuer: issuer, identity: OAuthIdentity(id: "known", authentication: .none),
      redirectURI: redirect, scopes: scopes, expiresAt: expiresAt)
  }

  @Test func `registers anew at another issuer, port or scope, and after its end`() throws {
    for registration in [
      Self.known(issuer: "https://old.example"),
      Self.known(redirect: "http://127.0.0.1:6/callback"),
      Self.known(expiresAt: CourseBench.now),
    ] {
      var bench = CourseBench()
      bench.registrations = [registration]
      #expect(try bench.run().asked["client_id"] == "registered")
    }
    var bench = CourseBench()
    bench.registrations = [Self.known(scopes: ["a"])]
    bench.challenge = BearerChallenge(scopes: ["a", "b"])
    #expect(try bench.run().asked["client_id"] == "registered")
    bench.challenge = BearerChallenge(scopes: ["a"])
    #expect(try bench.run().asked["client_id"] == "known")
  }

  @Test func `registers as a native program`() throws {
    var bench = CourseBench()
    bench.challenge = BearerChallenge(scopes: ["a", "b"])
    let run = try bench.run()
    #expect(
      run.steps[2]
        == #"REGISTER https://as.example/register {"client_name":"mcpdash","#
        + #""application_type":"native","redirect_uris":["http://127.0.0.1:5/callback"],"#
        + #""grant_types":["authorization_code","refresh_token"],"response_types":["code"],"#
        + #""token_endpoint_auth_method":"none","scope":"a b"}"#)
  }

  @Test func `says what to write where it cannot register`() throws {
    var bench = CourseBench()
    bench.documents[CourseBench.place] = (
      200,
      CourseBench.metadata().replacing(
        #","registration_endpoint":"https://as.example/register""#, with: "")
    )
    let run = try bench.run()
    #expect(run.fault?.kind == .unsupported)
    #expect(run.fault?.message.contains("oauth.clientId") == true)
  }

  @Test(arguments: [
    // token-endpoint-auth-basic, post, none; and what a registration itself says.
    (#"["client_secret_basic"]"#, #""client_secret":"s""#, "client_secret_basic"),
    (#"["client_secret_post"]"#, #""client_secret":"s""#, "client_secret_post"),
    (#"["none"]"#, #""x":1"#, "none"),
    (
      #"["client_secret_post","client_secret_basic"]"#, #""client_secret":"s""#,
      "client_secret_post"
    ),
    (
      #"["client_secret_basic","client_secret_post"]"#,
      #""client_secret":"s","token_endpoint_auth_method":"client_secret_post""#,
      "client_secret_post"
    ),
    (
      #"["client_secret_basic"]"#, #""client_secret":"s","token_endpoint_auth_method":"none""#,
      "none"
    ),
  ])
  func `shows itself to the token endpoint as that wants it`(
    known: String, answer: String, form: String
  ) throws {
    var bench = CourseBench()
    bench.documents[CourseBench.place] = (
      200, CourseBench.metadata(#","token_endpoint_auth_methods_supported":\#(known)"#)
    )
    bench.registration.body = #"{"client_id":"i d","# + answer + "}"
    let run = try bench.run()
    let (post, fields) = (run.posts[0], run.fields())
    #expect(run.registration?.identity.authentication.rawValue == form)
    switch form {
    case "client_secret_basic":
      #expect(post.authorization == Secret("Basic " + Base64.encode(Array("i%20d:s".utf8))))
      #expect(fields["client_secret"] == nil)
    case "client_secret_post":
      #expect(post.authorization == nil)
      #expect((fields["client_id"], fields["client_secret"]) == ("i d", "s"))
    default:
      #expect(post.authorization == nil)
      #expect(fields["client_id"] == "i d")
      #expect(fields["client_secret"] == nil)
    }
  }

  @Test(arguments: [
    (400, #"{"error":"invalid_redirect_uri"}"#), (201, "{}"), (201, "no"),
    (201, #"{"client_id":"x","token_endpoint_auth_method":"private_key_jwt"}"#),
    (201, #"{"client_id":"x","token_endpoint_auth_method":"client_secret_basic"}"#),
    (201, #"{"client_id":"x","token_endpoint_auth_method":"tls_client_auth"}"#),
  ])
  func `goes no further with a registration of no use`(status: Int, body: String) throws {
    var bench = CourseBench()
    bench.registration = (status, body)
    let run = try bench.run()
    #expect(run.fault != nil)
    #expect(run.methods == ["GET", "GET", "REGISTER"])
  }
}
