import FleetModel
import Testing

@testable import Wire

@Suite struct `A token` {
  private static func grant(
    refresh: String? = "R", revocation: String? = nil, expiresAt: Timestamp? = nil
  ) -> OAuthGrant {
    OAuthGrant(
      issuer: "https://as.example", server: "https://m.example/mcp",
      resource: "https://m.example", identity: OAuthIdentity(id: "c", authentication: .none),
      tokenEndpoint: "https://as.example/token", revocationEndpoint: revocation,
      accessToken: Secret("A"), refreshToken: refresh.map { Secret($0) }, expiresAt: expiresAt,
      scopes: ["a", "b"])
  }

  @Test func `is renewed with its refresh token, which may be another one afterwards`() throws {
    let grant = Self.grant()
    #expect(
      grant.renewal.map { String(decoding: $0.body, as: UTF8.self) }
        == "grant_type=refresh_token&refresh_token=R&resource=https%3A%2F%2Fm.example&client_id=c")
    let rotated = try grant.renewed(
      status: 200,
      body: Array(#"{"access_token":"A2","refresh_token":"R2","expires_in":"60"}"#.utf8),
      at: CourseBench.now)
    #expect(rotated.accessToken == Secret("A2"))
    #expect(rotated.refreshToken == Secret("R2"))
    #expect(rotated.expiresAt == CourseBench.now + .seconds(60))
    #expect(rotated.scopes == ["a", "b"])
    let kept = try grant.renewed(
      status: 200, body: Array(#"{"access_token":"A3","scope":"a"}"#.utf8), at: CourseBench.now)
    #expect(kept.refreshToken == Secret("R"))
    #expect(kept.scopes == ["a"])
    #expect(Self.grant(refresh: nil).renewal == nil)
  }

  @Test func `is over a little before its end`() {
    let grant = Self.grant(expiresAt: CourseBench.now + .seconds(30))
    #expect(!grant.isOver(at: CourseBench.now, leeway: .seconds(29)))
    #expect(grant.isOver(at: CourseBench.now, leeway: .seconds(30)))
    #expect(!Self.grant().isOver(at: CourseBench.now, leeway: .seconds(30)))
  }

  @Test func `is revoked after its refresh token`() {
    let posts = Self.grant(revocation: "https://as.example/revoke").revocations
    #expect(
      posts.map { String(decoding: $0.body, as: UTF8.self) } == [
        "token=R&token_type_hint=refresh_token&client_id=c",
        "token=A&token_type_hint=access_token&client_id=c",
      ])
    #expect(Self.grant().revocations.isEmpty)
  }

  @Test(arguments: [
    (#"{"exp":1800000000}"#, Timestamp?.some(CourseBench.now)),
    (#"{"exp":1800000000.0}"#, CourseBench.now), (#"{"exp":"x"}"#, nil), ("{}", nil),
    ("no", nil), (#"{"exp":1e300}"#, nil),
  ])
  func `that is a JWT says when it ends`(claims: String, end: Timestamp?) {
    let token = "e30." + Base64URL.encode(Array(claims.utf8)) + ".sig"
    #expect(JSONWebToken.expiry(of: Secret(token)) == end)
    #expect(JSONWebToken.expiry(of: Secret("opaque")) == nil)
  }

  @Test func `survives its file, and is found by its server`() throws {
    var file = TokenFile()
    file.keep(Self.grant(expiresAt: CourseBench.now))
    var other = Self.grant(revocation: "https://as.example/revoke")
    other.identity = OAuthIdentity(id: "d", secret: Secret("s"), authentication: .post)
    file.keep(other)
    file.keep(
      OAuthRegistration(
        issuer: "https://as.example", identity: other.identity,
        redirectURI: "http://127.0.0.1:5/callback", scopes: ["a"], expiresAt: CourseBench.now))
    let read = try TokenFile(file.bytes)
    #expect(read == file)
    let server = try #require(WebAddress("https://M.example/mcp"))
    #expect(read.grant(for: server, clientID: nil)?.identity.id == "d", "the newest")
    #expect(read.grant(for: server, clientID: "c")?.identity.id == "c")
    #expect(read.grant(for: server, clientID: "e") == nil)
    let elsewhere = try #require(WebAddress("https://m.example/mcp/other"))
    #expect(read.grant(for: elsewhere, clientID: nil) == nil)
    var emptied = read
    emptied.forget(server)
    #expect(emptied.grants.isEmpty)
    #expect(!emptied.registrations.isEmpty)
  }

  @Test func `takes the place of the one before it`() {
    var file = TokenFile()
    file.keep(Self.grant())
    var newer = Self.grant()
    newer.accessToken = Secret("B")
    file.keep(newer)
    #expect(file.grants == [newer])
  }

  @Test(arguments: [
    "", "{}", "[]", #"{"version":2}"#, #"{"version":1,"grants":[{}]}"#,
    #"{"version":1,"grants":[{"issuer":"i"}]}"#, #"{"version":1,"registrations":[1]}"#,
  ])
  func `is not looked for in a file that is none`(text: String) {
    #expect(throws: TokenFile.Unreadable.self) { try TokenFile(Array(text.utf8)) }
  }

  @Test(arguments: [
    ([0x30, 6, 2, 1, 5, 2, 1, 7] as [UInt8], true),
    ([0x30, 7, 2, 2, 0, 0x85, 2, 1, 7], true), ([0x30, 6, 2, 1, 5, 2, 1], false),
    ([0x30, 5, 2, 1, 5, 2, 1, 7], false), ([], false), ([0x31, 6, 2, 1, 5, 2, 1, 7], false),
  ])
  func `is signed for in 64 bytes`(der: [UInt8], isGood: Bool) {
    let raw = EllipticSignature.raw(der: der)
    #expect((raw != nil) == isGood)
    #expect(raw.map { $0.count == 64 && $0[63] == 7 } ?? true)
  }

  @Test func `of a form is escaped and read back`() {
    let text = "a b&c=d+e/é\u{0}%"
    let fields = FormCoding.decode(FormCoding.encode([("k ey", text), ("", "")]))
    #expect(fields.map(\.name) == ["k ey", ""])
    #expect(fields.first?.value == text)
    let broken = FormCoding.decode("a=%zz&b=%2&c=1+2&d=%+1")
    #expect(broken.map(\.value) == ["%zz", "%2", "1 2", "% 1"])
  }
}
