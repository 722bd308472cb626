import Foundation
import Testing

extension EndToEnd {
  /// The built program, authorization servers on real ports, and curl in the browser's place.
  @Suite struct Authorization {
    // MARK: A server of others

    @Test func `a login at fastmcp's own authorization server lets calls through`() async throws {
      let stage = try await AuthorizationStage("fastmcp_oauth_server.py")
      let before = try await stage.program.run(["call", "s", "echo", #"{"text":"hi"}"#])
      #expect(before.status == 4)
      #expect(before.errors.contains("run: mcpdash login s"), "\(before.errors)")

      let login = try await stage.login()
      #expect(login.status == 0, "\(login.errors)")
      #expect(login.output.contains("logged in to s at http://127.0.0.1:"))

      let after = try await stage.program.run(["call", "s", "echo", #"{"text":"hi"}"#])
      #expect(after.status == 0, "\(after.errors)")
      #expect(after.output.contains("hi"))
      try stage.expectNoSecrets(in: [before, login, after])

      let status = try await stage.program.run(["auth", "status", "--json"])
      #expect(status.output.contains(#""state":"logged in""#))
      let logout = try await stage.program.run(["logout", "s"])
      #expect(logout.output == "logged out of s, and the tokens are revoked\n")
      #expect(try await stage.program.run(["call", "s", "echo", "{}"]).status == 4)
      #expect(try await stage.program.run(["logout", "s"]).status == 1)
    }

    @Test func `a running engine takes a login without a restart`() async throws {
      let stage = try await AuthorizationStage("authorization_server.py")
      let engine = try stage.place.start(
        "engine", try Prerequisite.mcpdash.found(),
        stage.program.arguments + ["snapshot", "--every", "1", "--format", "json"])
      func isConnected() -> Bool? {
        engine.output.split(separator: "\n").last.map { $0.contains(#""connected":true"#) }
      }
      try await eventually("the engine is not let in") { isConnected() == false }
      #expect(try await stage.login().status == 0)
      try await eventually("the engine is let in") { isConnected() == true }
      engine.send(SIGINT)
      try await eventually("the engine ended") { engine.status != nil }
      try stage.expectNoSecrets(in: [])
    }

    // MARK: Faults

    @Test(arguments: [
      ("wrong_issuer", "another issuer"), ("no_pkce", "PKCE"), ("iss_mismatch", "another issuer"),
      ("iss_missing", "promises to name itself"), ("other_resource", "another server"),
    ])
    func `a login ends by name where something does not fit`(
      fault: String, words: String
    ) async throws {
      let stage = try await AuthorizationStage("authorization_server.py", [fault])
      let login = try await stage.login()
      #expect(login.status == 1)
      #expect(login.errors.contains(words), "\(login.errors)")
      #expect(!login.errors.contains("evil.example"))
      #expect(try await stage.seen().tokens.isEmpty, "no code is exchanged")
      let kept = FileManager.default.contents(atPath: stage.tokens) ?? Data()
      #expect(!String(decoding: kept, as: UTF8.self).contains("accessToken"))
    }

    @Test func `a refresh token is rotated, and used once`() async throws {
      let stage = try await AuthorizationStage("authorization_server.py", ["short"])
      #expect(try await stage.login().status == 0)
      for _ in 0..<3 {
        let call = try await stage.program.run(["call", "s", "read", "{}"])
        #expect(call.status == 0, "\(call.errors)")
      }
      let grants = try await stage.seen().tokens.map(\.grant)
      #expect(grants.first == "authorization_code")
      #expect(grants.dropFirst().allSatisfy { $0 == "refresh_token" })
      #expect(grants.count > 3)
    }

    @Test func `an expired token whose renewal is refused asks for a new login`() async throws {
      let stage = try await AuthorizationStage("authorization_server.py", ["refuse_refresh"])
      #expect(try await stage.login().status == 0)
      try await stage.ask("POST", "/expire")
      let call = try await stage.program.run(["call", "s", "read", "{}"])
      #expect(call.status == 4)
      #expect(call.errors.contains("run: mcpdash login s"), "\(call.errors)")
      try stage.expectNoSecrets(in: [call])
    }

    @Test func `a call that needs more scope names the login that asks for it`() async throws {
      let stage = try await AuthorizationStage("authorization_server.py")
      #expect(try await stage.login().status == 0)
      #expect(try await stage.program.run(["call", "s", "read", "{}"]).status == 0)
      let refused = try await stage.program.run(["call", "s", "write", "{}"])
      #expect(refused.status == 4)
      #expect(refused.errors.contains("mcpdash login s --scope write"), "\(refused.errors)")
      #expect(try await stage.login(["--scope", "write"]).status == 0)
      #expect(try await stage.seen().authorizations.last?.scope == "read write")
      #expect(try await stage.program.run(["call", "s", "write", "{}"]).status == 0)
      #expect(try await stage.program.run(["call", "s", "read", "{}"]).status == 0)
    }

    // MARK: Other ways

    @Test func `client credentials need nobody`() async throws {
      let stage = try await AuthorizationStage(
        "authorization_server.py",
        auth: #"{type: "clientCredentials", clientId: "machine", clientSecret: "${SECRET}"}"#,
        environment: ["SECRET": "machine-secret"])
      let call = try await stage.run(["call", "s", "read", "{}"])
      #expect(call.status == 0, "\(call.errors)")
      #expect(try await stage.seen().tokens.map(\.grant) == ["client_credentials"])
      #expect(!call.errors.contains("machine-secret"))
    }

    @Test(arguments: ["ES256", "RS256"])
    func `a client that signs is known by its key`(algorithm: String) async throws {
      let stage = try await AuthorizationStage(
        "authorization_server.py",
        auth: #"{type: "clientCredentials", clientId: "signer", privateKeyFile: "key.pem","#
          + #" algorithm: "\#(algorithm)"}"#, key: algorithm)
      let call = try await stage.run(["call", "s", "read", "{}"])
      #expect(call.status == 0, "\(call.errors)")
    }

    @Test func `a token comes from a command, as a word or as headers`() async throws {
      let object = #"{\"Authorization\":\"Bearer the-callers-own\"}"#
      for auth in [
        #"auth: {type: "command", command: "echo", args: ["the-callers-own"]}"#,
        #"headersHelper: "echo '\#(object)'""#,
      ] {
        let stage = try await AuthorizationStage("authorization_server.py", entry: auth)
        let call = try await stage.run(["call", "s", "read", "{}"])
        #expect(call.status == 0, "\(call.errors)")
      }
    }

    @Test func `a caller's own token wins and is kept nowhere`() async throws {
      let stage = try await AuthorizationStage(
        "authorization_server.py", auth: #""configured-and-wrong""#)
      let environment = ["CALLERS": "the-callers-own"]
      let path = try stage.place.write("token", "the-callers-own\n")
      // A server that the configured token does not open cannot be connected to.
      let closed = try await stage.run(
        ["call", "s", "read", "{}", "--token-env", "CALLERS"], environment)
      #expect(closed.status == 4)
      let open = try await AuthorizationStage(
        "authorization_server.py", auth: #""the-callers-own""#)
      for words in [["--token-env", "CALLERS"], ["--token-file", path]] {
        let call = try await open.run(["call", "s", "read", "{}"] + words, environment)
        #expect(call.status == 0, "\(call.errors)")
      }
      let bad = try await open.run(
        ["call", "s", "read", "{}", "--token-env", "CALLERS"], ["CALLERS": "another-ones"])
      #expect(bad.status == 4)
      #expect(bad.errors.contains("refused the caller's token"), "\(bad.errors)")
      try open.expectNothing(of: ["the-callers-own", "another-ones"], in: [bad, closed])
    }
  }
}
