import Testing

@testable import Wire

@Suite struct `A challenge` {
  private static func text(_ fields: [String]) -> [String] {
    AuthenticationChallenge.all(in: fields).map { challenge in
      ([challenge.scheme] + challenge.parameters.map { "\($0.name)=\($0.value)" })
        .joined(separator: " ")
    }
  }

  @Test(arguments: [
    ([#"Bearer"#], ["bearer"]),
    ([#"BEARER realm="a b", Scope="x y""#], ["bearer realm=a b scope=x y"]),
    (
      [#"Bearer resource_metadata=https://r/x?a=b, scope=files:read"#],
      ["bearer resource_metadata=https://r/x?a=b scope=files:read"]
    ),
    ([#"Bearer error=invalid_token"#], ["bearer error=invalid_token"]),
    (
      [#"Basic realm="a", Bearer resource_metadata="https://r/x", scope="s""#],
      ["basic realm=a", "bearer resource_metadata=https://r/x scope=s"]
    ),
    ([#"Negotiate abc==, Bearer error="e""#], ["negotiate", "bearer error=e"]),
    ([#"Negotiate, Bearer error="e""#], ["negotiate", "bearer error=e"]),
    ([#"Basic realm="a""#, #"Bearer realm="b""#], ["basic realm=a", "bearer realm=b"]),
    (
      [#"Bearer realm="a \"quoted\", Basic realm=\\x""#],
      [#"bearer realm=a "quoted", Basic realm=\x"#]
    ),
    ([#"Bearer realm = "spaced" , error= e"#], ["bearer realm=spaced error=e"]),
    ([#", ,Bearer realm="a",,"#], ["bearer realm=a"]),
    ([#"Bearer realm="unending"#], ["bearer"]),
    ([#"realm="nobody's""#], []),
    (["", " ", "\"", "=", "Bearer ="], []),
  ])
  func `is read as RFC 9110 writes it`(fields: [String], expected: [String]) {
    #expect(Self.text(fields) == expected)
  }

  @Test func `of many is read up to a limit`() {
    let field = Array(repeating: "Basic realm=a", count: 100).joined(separator: ", ")
    #expect(AuthenticationChallenge.all(in: [field]).count == AuthenticationChallenge.limit)
  }

  @Test func `of Bearer is put together, whatever stands before it`() {
    let challenge = BearerChallenge(fields: [
      #"Basic realm="x", scope="not this""#, #"Bearer error="insufficient_scope", scope="a b a""#,
      #"bearer resource_metadata="https://r/m""#,
    ])
    #expect(
      challenge
        == BearerChallenge(
          resourceMetadata: "https://r/m", scopes: ["a", "b"], error: "insufficient_scope"))
    #expect(challenge?.asksForMore == true)
    #expect(BearerChallenge(fields: [#"Basic realm="x""#]) == nil)
  }
}
