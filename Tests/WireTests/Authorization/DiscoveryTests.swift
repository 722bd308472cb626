import Testing

@testable import Wire

@Suite struct `Metadata of an authorization` {
  @Test(arguments: [
    (
      "https://m.example/a/b", "https://r.example/here",
      [
        "https://r.example/here", "https://m.example/.well-known/oauth-protected-resource/a/b",
        "https://m.example/.well-known/oauth-protected-resource",
      ]
    ),
    (
      "https://m.example/a/", nil,
      [
        "https://m.example/.well-known/oauth-protected-resource/a",
        "https://m.example/.well-known/oauth-protected-resource",
      ]
    ),
    ("https://m.example", nil, ["https://m.example/.well-known/oauth-protected-resource"]),
    ("https://m.example/", nil, ["https://m.example/.well-known/oauth-protected-resource"]),
  ])
  func `of the resource are looked for in order`(
    server: String, named: String?, places: [String]
  ) throws {
    let address = try #require(WebAddress(server))
    #expect(ProtectedResource.places(of: address, named: named) == places)
  }

  @Test(arguments: [
    (
      "https://as.example",
      [
        "https://as.example/.well-known/oauth-authorization-server",
        "https://as.example/.well-known/openid-configuration",
      ]
    ),
    (
      "https://as.example/t/1/",
      [
        "https://as.example/.well-known/oauth-authorization-server/t/1",
        "https://as.example/.well-known/openid-configuration/t/1",
        "https://as.example/t/1/.well-known/openid-configuration",
      ]
    ),
  ])
  func `of the authorization server are looked for in order`(
    issuer: String, places: [String]
  ) throws {
    #expect(AuthorizationServer.places(of: try #require(WebAddress(issuer))) == places)
  }

  @Test(arguments: [
    ("https://m.example/mcp", true), ("https://m.example", true), ("https://m.example/", true),
    ("https://M.example:443/mcp/", true), ("https://m.example/mcp/x", false),
    ("https://m.example/mc", false), ("https://evil.example/mcp", false),
    ("http://m.example/mcp", false), ("https://m.example:8443/mcp", false), ("nonsense", false),
  ])
  func `speak of a server at their own place and below`(resource: String, covers: Bool) throws {
    let body = #"{"resource":"\#(resource)","authorization_servers":["https://as.example"]}"#
    let document = try #require(ProtectedResource(Array(body.utf8)))
    #expect(document.covers(try #require(WebAddress("https://m.example/mcp"))) == covers)
  }

  @Test(arguments: [
    "", "<html>", "[]", #"{"resource":"https://m"}"#,
    #"{"resource":"https://m","authorization_servers":[]}"#,
    #"{"resource":"https://m","authorization_servers":[7]}"#,
    #"{"authorization_servers":["https://a"]}"#,
  ])
  func `that lack something are none`(body: String) {
    #expect(ProtectedResource(Array(body.utf8)) == nil)
  }

  @Test(
    arguments: [
      // Configured, challenge, held, of the resource, of the server, a person, chosen.
      ([], ["c"], [], ["r"], nil, true, "c"), ([], nil, [], ["r", "s"], nil, true, "r s"),
      ([], nil, [], nil, nil, true, ""), ([], [], [], ["r"], nil, true, ""),
      (["k"], ["c"], [], ["r"], nil, true, "k"),
      ([], ["c"], [], nil, ["c", "offline_access"], true, "c offline_access"),
      ([], ["c"], [], nil, ["c", "offline_access"], false, "c"),
      ([], ["c"], [], nil, ["c"], true, "c"),
      ([], nil, [], nil, ["offline_access"], true, ""),
      ([], ["a\"b", "ok"], [], nil, nil, true, "ok"),
    ] as [([String], [String]?, [String], [String]?, [String]?, Bool, String)])
  func `lead to the scopes that are asked for`(
    configured: [String], challenge: [String]?, held: [String], resource: [String]?,
    server: [String]?, isPerson: Bool, chosen: String
  ) {
    let scopes = Scopes.choice(
      configured: configured, challenge: BearerChallenge(scopes: challenge), held: held,
      resource: resource, server: server, isPerson: isPerson)
    #expect(scopes.joined(separator: " ") == chosen)
  }

  @Test func `of a step up lose none of the scopes so far`() {
    let scopes = Scopes.choice(
      configured: ["k"],
      challenge: BearerChallenge(scopes: ["write", "read"], error: "insufficient_scope"),
      held: ["read", "list"], resource: ["all"], server: nil, isPerson: true)
    #expect(scopes == ["k", "read", "list", "write"])
  }
}
