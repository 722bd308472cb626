import FleetModel
import Testing

@testable import Wire

/// The rows of the official suite's client scenarios `auth/*`, without a network.
@Suite struct `An authorization` {
  // MARK: Where the metadata are

  @Test func `finds everything where it belongs, registers, asks and exchanges`() throws {
    let run = try CourseBench().run()
    #expect(run.methods == ["GET", "GET", "REGISTER", "ASK", "POST"])
    #expect(run.asked["resource"] == "https://m.example/mcp")
    #expect(run.asked["code_challenge_method"] == "S256")
    #expect(run.asked["client_id"] == "registered")
    #expect(
      run.fields() == [
        "grant_type": "authorization_code", "code": "C", "redirect_uri": CourseBench.redirect,
        "code_verifier": "V", "resource": "https://m.example/mcp", "client_id": "registered",
      ])
    #expect(run.grant?.accessToken == Secret("T"))
    #expect(run.grant?.issuer == CourseBench.issuer)
  }

  @Test(
    arguments: [
      // metadata-default, var1, var2, var3: who says what where.
      (nil, CourseBench.resourcePlace, "https://as.example", CourseBench.place),
      (
        nil, CourseBench.resourcePlace, "https://as.example",
        "https://as.example/.well-known/openid-configuration"
      ),
      (
        nil, "https://m.example/.well-known/oauth-protected-resource", "https://as.example/tenant",
        "https://as.example/.well-known/oauth-authorization-server/tenant"
      ),
      (
        "https://m.example/custom/metadata", "https://m.example/custom/metadata",
        "https://as.example/tenant", "https://as.example/tenant/.well-known/openid-configuration"
      ),
    ] as [(String?, String, String, String)])
  func `finds metadata in every place`(
    named: String?, resourcePlace: String, issuer: String, place: String
  ) throws {
    var bench = CourseBench()
    bench.challenge = BearerChallenge(resourceMetadata: named)
    bench.documents = [
      resourcePlace: (200, CourseBench.resource(servers: [issuer])),
      place: (200, CourseBench.metadata(issuer: issuer)),
    ]
    let run = try bench.run()
    #expect(run.grant?.issuer == issuer, "\(run)")
  }

  @Test func `takes a page in the place of a document for none`() throws {
    var bench = CourseBench()
    bench.documents[CourseBench.resourcePlace] = (200, "<html>")
    bench.documents["https://m.example/.well-known/oauth-protected-resource"] = (
      200, CourseBench.resource()
    )
    #expect(try bench.run().grant != nil)
  }

  @Test(arguments: [500, 503, 429])
  func `takes an error of the moment for no answer`(status: Int) throws {
    for place in [CourseBench.resourcePlace, CourseBench.place] {
      var bench = CourseBench()
      bench.documents[place] = (status, "")
      let run = try bench.run()
      #expect(run.fault?.kind == .unavailable)
      #expect(run.steps.last == "GET \(place)")
    }
  }

  @Test func `speaks revision 2025-03-26 with a server that says nothing`() throws {
    var bench = CourseBench()
    bench.documents = [
      "https://m.example/.well-known/oauth-authorization-server": (
        200, CourseBench.metadata(issuer: "https://m.example")
      )
    ]
    #expect(try bench.run().grant?.tokenEndpoint == "https://m.example/token")
    bench.documents = [:]
    let assumed = try bench.run()
    #expect(assumed.steps.contains { $0.hasPrefix("REGISTER https://m.example/register") })
    #expect(assumed.grant?.tokenEndpoint == "https://m.example/token")
    bench.challenge = nil
    #expect(try bench.run().fault?.kind == .noMetadata)
  }

  @Test func `looks nowhere else when the operator says where`() throws {
    var bench = CourseBench()
    bench.client.serverMetadataURL = "https://sso.example/meta"
    bench.documents = ["https://sso.example/meta": (200, CourseBench.metadata())]
    let run = try bench.run()
    #expect(run.steps.first == "GET https://sso.example/meta")
    #expect(run.grant != nil)
  }

  // MARK: What does not fit together

  @Test func `ends before it asks when the metadata are of another server`() throws {
    var bench = CourseBench()
    bench.documents[CourseBench.resourcePlace] = (
      200,
      #"{"resource":"https://evil.example/mcp","authorization_servers":["https://as.example"]}"#
    )
    let run = try bench.run()
    #expect(run.fault?.kind == .mismatch)
    #expect(run.methods == ["GET"])
  }

  @Test(arguments: ["https://as.example/", "https://AS.example", "https://evil.example"])
  func `ends before it asks when the issuer is not written as expected`(issuer: String) throws {
    var bench = CourseBench()
    bench.documents[CourseBench.place] = (200, CourseBench.metadata(issuer: issuer))
    let run = try bench.run()
    #expect(run.fault?.kind == .mismatch)
    #expect(run.methods == ["GET", "GET"])
  }

  @Test(arguments: ["", #"["plain"]"#, "[]"])
  func `wants PKCE with S256`(methods: String) throws {
    var bench = CourseBench()
    bench.documents[CourseBench.place] = (200, CourseBench.metadata(pkce: methods))
    let run = try bench.run()
    #expect(run.fault?.kind == .unsupported)
    #expect(run.methods == ["GET", "GET"])
  }

  @Test(
    arguments: [
      ("http://127.0.0.1:1/meta", CourseBench.issuer),
      ("https://10.0.0.1/meta", CourseBench.issuer),
      ("http://as.example/meta", CourseBench.issuer), (nil, "https://169.254.169.254"),
      (nil, "http://as.example"),
    ] as [(String?, String)])
  func `asks nobody inside for a server outside`(named: String?, issuer: String) throws {
    var bench = CourseBench()
    bench.challenge = BearerChallenge(resourceMetadata: named)
    bench.documents[CourseBench.resourcePlace] = (200, CourseBench.resource(servers: [issuer]))
    let run = try bench.run()
    #expect(run.fault?.kind == .mismatch)
    #expect(run.steps.allSatisfy { $0 == "GET \(CourseBench.resourcePlace)" })
  }

  @Test(arguments: ["token_endpoint", "authorization_endpoint", "registration_endpoint"])
  func `sends nothing to an endpoint that is not safe`(name: String) throws {
    var bench = CourseBench()
    // Of members with the same key the first counts.
    let body = CourseBench.metadata()
    bench.documents[CourseBench.place] = (
      200, #"{"\#(name)":"http://as.example/x","# + body.dropFirst()
    )
    let run = try bench.run()
    #expect(run.fault?.kind == .mismatch)
    #expect(run.methods == ["GET", "GET"])
  }

  /// The suite's iss-supported, not-advertised, supported-missing, wrong-issuer, unexpected,
  /// normalized.
  @Test(
    arguments: [
      (true, "https%3A%2F%2Fas.example", true), (false, nil, true), (true, nil, false),
      (true, "https%3A%2F%2Fevil.example", false), (false, "https%3A%2F%2Fevil.example", false),
      (true, "https%3A%2F%2Fas.example%2F", false),
    ] as [(Bool, String?, Bool)])
  func `exchanges no code that came from another issuer`(
    promises: Bool, issuer: String?, isGood: Bool
  ) throws {
    var bench = CourseBench()
    bench.documents[CourseBench.place] = (
      200,
      CourseBench.metadata(#","authorization_response_iss_parameter_supported":\#(promises)"#)
    )
    if let issuer { bench.redirectFields += "&iss=\(issuer)" }
    let run = try bench.run()
    #expect((run.grant != nil) == isGood)
    #expect(run.posts.isEmpty == !isGood)
  }

  // MARK: Scopes

  @Test(
    arguments: [
      // scope-from-www-authenticate, from-scopes-supported, omitted-when-undefined.
      (["a", "b"], #","scopes_supported":["r"]"#, "a b"), (nil, #","scopes_supported":["r"]"#, "r"),
      (nil, "", nil),
    ] as [([String]?, String, String?)])
  func `asks for the scopes of the challenge, else of the resource, else for none`(
    challenge: [String]?, resource: String, expected: String?
  ) throws {
    var bench = CourseBench()
    bench.challenge = BearerChallenge(scopes: challenge)
    bench.documents[CourseBench.resourcePlace] = (200, CourseBench.resource(resource))
    #expect(try bench.run().asked["scope"] == expected)
  }

  @Test(arguments: [(#"["a","offline_access"]"#, "a offline_access"), (#"["a"]"#, "a")])
  func `asks for offline access where the server knows it`(known: String, scope: String) throws {
    var bench = CourseBench()
    bench.challenge = BearerChallenge(scopes: ["a"])
    bench.documents[CourseBench.place] = (
      200, CourseBench.metadata(#","scopes_supported":\#(known)"#)
    )
    #expect(try bench.run().asked["scope"] == scope)
  }

  @Test func `steps up with the union of what it had and what is wanted`() throws {
    var bench = CourseBench()
    bench.heldScopes = ["read"]
    bench.challenge = BearerChallenge(scopes: ["write"], error: "insufficient_scope")
    let run = try bench.run()
    #expect(run.asked["scope"] == "read write")
    #expect(run.grant?.scopes == ["read", "write"])
  }

  // MARK: Without a person

  @Test func `asks nobody with client credentials`() throws {
    var bench = CourseBench()
    bench.isPerson = false
    bench.client = OAuthClient(id: "c", secret: Secret("s"))
    bench.challenge = BearerChallenge(scopes: ["a"])
    // Such a server need not know PKCE.
    bench.documents[CourseBench.place] = (200, CourseBench.metadata(pkce: ""))
    let run = try bench.run()
    #expect(run.methods == ["GET", "GET", "POST"])
    #expect(
      run.fields() == [
        "grant_type": "client_credentials", "resource": "https://m.example/mcp", "scope": "a",
        "client_id": "c",
      ])
    #expect(run.posts[0].authorization == Secret("Basic Yzpz"))
    bench.client = OAuthClient()
    #expect(try bench.run().fault?.kind == .unsupported)
  }

  @Test func `has its key sign for the issuer alone`() throws {
    var bench = CourseBench()
    bench.isPerson = false
    bench.client = OAuthClient(id: "c", privateKey: Secret("PEM"))
    var post = try #require(try bench.run().posts.first)
    let assertion = try #require(post.assertion)
    #expect(assertion == TokenPost.Assertion(clientID: "c", audience: CourseBench.issuer))
    let input = assertion.signingInput(algorithm: "ES256", id: "j", at: CourseBench.now)
    let parts = try input.split(separator: ".").map {
      String(decoding: try #require(Base64URL.decode($0)), as: UTF8.self)
    }
    #expect(
      parts == [
        #"{"alg":"ES256","typ":"JWT"}"#,
        #"{"iss":"c","sub":"c","aud":"https://as.example","iat":1800000000,"#
          + #""exp":1800000300,"jti":"j"}"#,
      ])
    post.add(signedAssertion: "x.y.z")
    #expect(
      String(decoding: post.body, as: UTF8.self).hasSuffix(
        "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
          + "&client_assertion=x.y.z"))
  }

  @Test(arguments: [
    (503, "", OAuthFault.Kind.unavailable), (429, "", .unavailable),
    (400, #"{"error":"invalid_grant","error_description":"old"}"#, .refused(code: "invalid_grant")),
    (400, "<html>", .refused(code: "")), (302, "", .refused(code: "")), (200, "{}", .unsupported),
    (200, #"{"access_token":"a b"}"#, .unsupported),
    (200, "{\"access_token\":\"a\\r\\nX: y\"}", .unsupported), (200, "no", .unsupported),
    (200, #"{"access_token":"a","token_type":"mac"}"#, .unsupported),
  ])
  func `ends without a token by name`(status: Int, body: String, kind: OAuthFault.Kind) throws {
    var bench = CourseBench()
    bench.token = (status, body)
    #expect(try bench.run().fault?.kind == kind)
  }
}
