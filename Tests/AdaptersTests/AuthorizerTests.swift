import Engine
import FleetModel
import Foundation
import Testing
import Wire

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `Over HTTP, credentials` {
  private typealias Body = (TransportFixture, MCPTransport, TokenStore) async throws -> Void

  /// A fixture whose transport has a file of tokens.
  private static func with(
    _ server: ProtectedServer, person: AuthorizationPerson? = nil, _ body: Body
  ) async throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/state/tokens.json"
    try await TransportFixture.with(server.script) { fixture in
      let transport = MCPTransport(
        loop: fixture.loop, client: ClientIdentity(name: "mcpdash", version: "1"), tokens: path,
        person: person)
      transport.onEvent { _ in }
      try await body(fixture, transport, TokenStore(path: path))
      await transport.shutdown()
    }
  }

  private static func open(
    _ transport: MCPTransport, _ server: ServerDefinition
  ) async -> Failure? {
    do throws(Failure) {
      _ = try await transport.open(TransportFixture.connection, to: server, knownEra: nil)
      return nil
    } catch {
      return error
    }
  }

  private static func call(
    _ transport: MCPTransport, _ number: UInt64 = 1
  ) async -> Exchange {
    let call = Call.tool(
      "t", arguments: .emptyObject, on: ServerID("s"), id: CallID(high: 0, low: number),
      origin: .cli)
    return await transport.exchange(
      call, attempt: AttemptID(number: number), on: TransportFixture.connection)
  }

  // MARK: Nothing to renew

  @Test(arguments: [
    (Authorization.none, "auth: \"oauth\""), (.oauth(OAuthClient()), "run: mcpdash login s"),
  ])
  func `that are missing are told with what to do`(
    authorization: Authorization, words: String
  ) async throws {
    try await Self.with(ProtectedServer()) { fixture, transport, _ in
      let failure = await Self.open(transport, fixture.server(authorization))
      #expect(failure?.kind == .unauthorized)
      #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
      #expect(fixture.seen.all.count == 1, "nobody logs in unasked")
    }
  }

  @Test func `of a caller win over the configured ones, for that call alone`() async throws {
    let server = ProtectedServer()
    server.open(with: "configured")
    server.open(with: "own")
    try await Self.with(server) { fixture, transport, _ in
      let header = HeaderField(name: "authorization", value: "Bearer configured")
      #expect(await Self.open(transport, fixture.server(.none, headers: [header])) == nil)
      #expect(await fixture.call(1, token: "own", on: transport).result == "{}")
      #expect(await Self.call(transport, 2).result == "{}")
      #expect(
        server.authorizations == ["Bearer configured", "Bearer own", "Bearer configured"])
    }
  }

  @Test(arguments: ["bad", "a b", "a\r\nX-Injected: y", ""])
  func `of a caller that are of no use end his call alone`(token: String) async throws {
    let server = ProtectedServer()
    server.open(with: "configured")
    try await Self.with(server) { fixture, transport, _ in
      let header = HeaderField(name: "Authorization", value: "Bearer configured")
      #expect(await Self.open(transport, fixture.server(.none, headers: [header])) == nil)
      let failure = await fixture.call(1, token: token, on: transport).failure
      #expect(failure?.kind == .unauthorized)
      #expect(failure?.delivery == (token == "bad" ? .refused : .notSent))
      #expect(fixture.seen.all.allSatisfy { $0.headers["x-injected"] == nil })
      #expect(await Self.call(transport, 2).result == "{}")
    }
  }

  @Test func `of a caller go to no other origin`() async throws {
    let other = ProtectedServer()
    try await TransportFixture.with(other.script) { elsewhere in
      try await TransportFixture.with { request, responder in
        guard request.method == "tools/call" else {
          return responder.json(request.result(#"{"supportedVersions":["2026-07-28"]}"#))
        }
        responder.respond(status: 307, headers: [("Location", elsewhere.url)])
      } _: { fixture in
        try await fixture.open()
        #expect(await fixture.call(1, token: "own").failure?.kind == .httpStatus(307))
      }
      #expect(elsewhere.seen.all.isEmpty)
    }
  }

  // MARK: From a command

  private static func command(
    _ script: String, headers: Bool = false, timeout: Duration = .seconds(10)
  ) -> Authorization {
    .command(
      TokenCommand(
        command: "/bin/sh", arguments: ["-c", script], printsHeaders: headers, timeout: timeout))
  }

  @Test func `of a command are kept until they are refused`() async throws {
    let server = ProtectedServer()
    server.open(with: "one")
    let directory = TemporaryDirectory()
    let count = directory.path + "/count"
    let script = "echo x >> \(count); [ $(wc -l < \(count)) = 1 ] && echo one || echo two"
    try await Self.with(server) { fixture, transport, _ in
      #expect(await Self.open(transport, fixture.server(Self.command(script))) == nil)
      #expect(await Self.call(transport, 1).result == "{}")
      server.expireAll()
      server.open(with: "two")
      #expect(await Self.call(transport, 2).result == "{}")
      server.expireAll()
      #expect(await Self.call(transport, 3).failure?.kind == .unauthorized)
      let runs = try String(contentsOfFile: count, encoding: .utf8)
      #expect(runs == "x\nx\nx\n")
    }
  }

  @Test func `are taken out where the server says them back`() async throws {
    let server = ProtectedServer(echoes: true)
    server.open(with: "sesame-17")
    try await Self.with(server) { fixture, transport, _ in
      #expect(await Self.open(transport, fixture.server(Self.command("echo sesame-17"))) == nil)
      let reply = await Self.call(transport).reply
      guard case .protocolError(let error) = reply else {
        Issue.record("\(reply)")
        return
      }
      #expect(error.message == "no Bearer …")
    }
  }

  @Test func `of a command may be an object of headers`() async throws {
    let server = ProtectedServer()
    server.open(with: "one")
    try await Self.with(server) { fixture, transport, _ in
      let script = #"printf '{"Authorization":"Bearer one",\n "X-Key":"k"}'"#
      let definition = fixture.server(Self.command(script, headers: true))
      #expect(await Self.open(transport, definition) == nil)
      #expect(fixture.seen.all.first?.headers["x-key"] == "k")
    }
  }

  @Test(arguments: [
    ("exit 3", false, "ended with status 3"), ("echo no >&2; exit 1", false, "no"),
    ("true", false, "no token"), ("echo a b", false, "no token"),
    ("head -c 100000 /dev/zero | tr '\\0' x", false, "more than 64 KiB"),
    ("yes | head -c 100000", false, "more than 64 KiB"), ("sleep 60", false, "took longer than"),
    ("echo []", true, "no JSON object"), (#"echo '{"a b":"c"}'"#, true, "no header"),
    (#"printf '{"a":"b\\r\\nX: y"}'"#, true, "no header"), (#"echo '{"a":1}'"#, true, "no header"),
  ])
  func `of a command that fails end by name`(
    script: String, headers: Bool, words: String
  ) async throws {
    try await Self.with(ProtectedServer()) { fixture, transport, _ in
      let authorization = Self.command(script, headers: headers, timeout: .seconds(2))
      let failure = await Self.open(transport, fixture.server(authorization))
      #expect(failure?.kind == .unauthorized)
      #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
      #expect(fixture.seen.all.isEmpty)
    }
  }

  @Test func `of a command that does not exist end by name`() async throws {
    try await Self.with(ProtectedServer()) { fixture, transport, _ in
      let authorization = Authorization.command(TokenCommand(command: "/nowhere/token"))
      let failure = await Self.open(transport, fixture.server(authorization))
      #expect(failure?.message.contains("/nowhere/token") == true)
    }
  }

  // MARK: Of the client itself

  private static let machine = Authorization.clientCredentials(
    OAuthClient(id: "c", secret: Secret("very-secret")))

  @Test func `of the client itself are asked for once, however many calls want them`() async throws
  {
    let server = ProtectedServer()
    try await Self.with(server) { fixture, transport, _ in
      #expect(await Self.open(transport, fixture.server(Self.machine)) == nil)
      #expect(server.grants == ["client_credentials"])
      server.expireAll()
      await withTaskGroup(of: Reply.self) { group in
        for number in 1...20 {
          group.addTask { await Self.call(transport, UInt64(number)).reply }
        }
        for await reply in group { #expect(reply == .success(.emptyObject)) }
      }
      #expect(server.grants.count == 2)
    }
  }

  @Test func `of the client itself are renewed before their end`() async throws {
    // Shorter than the leeway: over as soon as they are there.
    let server = ProtectedServer(lifetime: 10)
    try await Self.with(server) { fixture, transport, _ in
      #expect(await Self.open(transport, fixture.server(Self.machine)) == nil)
      #expect(await Self.call(transport).result == "{}")
      #expect(server.grants.count >= 2)
      #expect(server.authorizations.count { $0.isEmpty } == 1, "only the first was challenged")
    }
  }

  @Test func `that a server never takes are asked for three times`() async throws {
    let server = ProtectedServer(wantsMore: true)
    try await Self.with(server) { fixture, transport, _ in
      #expect(await Self.open(transport, fixture.server(Self.machine)) == nil)
      let failure = await Self.call(transport).failure
      #expect(failure?.kind == .unauthorized)
      #expect(server.grants.count == 1 + Authorizer.attemptLimit)
      // The next call does not begin anew at once.
      #expect(await Self.call(transport, 2).failure?.kind == .unauthorized)
      #expect(server.grants.count == 1 + Authorizer.attemptLimit)
    }
  }

  @Test func `that are on their way keep nobody who gives up, and come all the same`() async throws
  {
    let server = ProtectedServer(waits: true)
    try await Self.with(server) { fixture, transport, _ in
      let definition = fixture.server(Self.machine)
      let first = Task { await Self.open(transport, definition) }
      await fixture.until { server.heldCount == 1 }
      first.cancel()
      #expect(await first.value?.kind == .cancelled)
      let second = Task { await Self.open(transport, definition) }
      await fixture.until { server.authorizations.count == 2 }
      server.release()
      #expect(await second.value == nil)
      #expect(server.grants == ["client_credentials"])
    }
  }

  @Test func `of a caller go over HTTP with SSE too, with that call alone`() async throws {
    let script = LegacyStreamScript()
    try await TransportFixture.with({ script.answer($0, $1) }) { fixture in
      let url = "http://127.0.0.1:\(fixture.port)/sse"
      try await fixture.open(
        ServerDefinition(
          id: ServerID("s"), endpoint: .http(HTTPEndpoint(url: url, style: .sse))))
      #expect(await fixture.call(1, token: "own").result == "{}")
      let sent = fixture.seen.all.map { ($0.method, $0.headers["authorization"]) }
      #expect(sent.allSatisfy { $0.0 == "tools/call" ? $0.1 == "Bearer own" : $0.1 == nil })
      #expect(sent.contains { $0.0 == "tools/call" })
    }
  }

  @Test func `and what leads to them go nowhere inside, whatever a name is resolved to`()
    async throws
  {
    try await TransportFixture.with(ProtectedServer().script) { fixture in
      let curl = CurlClient(loop: fixture.loop)
      var request = CurlRequest(method: .get, url: fixture.url)
      request.refusesPrivateAddresses = true
      let sent = request
      let failure = await #expect(throws: Failure.self) { try await curl.send(sent) }
      #expect(failure?.delivery == .notSent)
      #expect(failure?.message == "127.0.0.1 is inside a private network")
      #expect(fixture.seen.all.isEmpty)
      await curl.shutdown()
    }
  }

  // MARK: Of a login

  @Test func `of a login are renewed once, and the new ones kept`() async throws {
    let server = ProtectedServer()
    server.open(with: "old", refresh: "R")
    try await Self.with(server) { fixture, transport, store in
      try store.change { $0.keep(fixture.grant(token: "old", refresh: "R")) }
      #expect(await Self.open(transport, fixture.server(.oauth(OAuthClient()))) == nil)
      server.expireAll()
      await withTaskGroup(of: Reply.self) { group in
        for number in 1...20 {
          group.addTask { await Self.call(transport, UInt64(number)).reply }
        }
        for await reply in group { #expect(reply == .success(.emptyObject)) }
      }
      #expect(server.grants == ["refresh_token"])
      let kept = try store.read().grants.last
      #expect(kept?.accessToken == Secret("token-1"))
      #expect(kept?.refreshToken == Secret("refresh-1"))
    }
  }

  @Test func `of a login that cannot be renewed ask for another login`() async throws {
    let server = ProtectedServer(isRefusing: true)
    try await Self.with(server) { fixture, transport, store in
      try store.change { $0.keep(fixture.grant(token: "old", refresh: "R")) }
      let failure = await Self.open(transport, fixture.server(.oauth(OAuthClient())))
      #expect(failure?.kind == .unauthorized)
      #expect(failure?.message.contains("run: mcpdash login s") == true)
      #expect(failure?.message.contains("old") == false)
    }
  }

  @Test func `of a login in another process are taken up`() async throws {
    let server = ProtectedServer()
    try await Self.with(server) { fixture, transport, store in
      let definition = fixture.server(.oauth(OAuthClient()))
      #expect(await Self.open(transport, definition)?.kind == .unauthorized)
      server.open(with: "fresh")
      try store.change { $0.keep(fixture.grant(token: "fresh")) }
      #expect(await Self.open(transport, definition) == nil)
      server.expireAll()
      server.open(with: "fresher")
      try store.change { $0.keep(fixture.grant(token: "fresher")) }
      #expect(await Self.call(transport).result == "{}")
    }
  }

  @Test func `of a login that is over are sent no more`() async throws {
    let server = ProtectedServer()
    server.open(with: "old")
    try await Self.with(server) { fixture, transport, store in
      let address = try #require(WebAddress(fixture.url))
      try store.change { $0.keep(fixture.grant(token: "old")) }
      #expect(await Self.open(transport, fixture.server(.oauth(OAuthClient()))) == nil)
      try store.change { $0.forget(address) }
      server.expireAll()
      let failure = await Self.call(transport).failure
      #expect(failure?.message.contains("wants a login; run: mcpdash login s") == true)
      #expect(server.authorizations.last == "", "the last word was without a token")
    }
  }

  @Test func `of a login for another server are not sent`() async throws {
    let server = ProtectedServer()
    try await Self.with(server) { fixture, transport, store in
      var grant = fixture.grant(token: "others")
      grant.server += "/other"
      try store.change { $0.keep(grant) }
      #expect(
        await Self.open(transport, fixture.server(.oauth(OAuthClient())))?.kind == .unauthorized)
      #expect(server.authorizations == [""])
    }
  }

  @Test func `in a broken file are told by its name, and the file stays`() async throws {
    try await Self.with(ProtectedServer()) { fixture, transport, store in
      try store.change { $0.keep(fixture.grant(token: "old")) }
      try Data("{broken".utf8).write(to: URL(filePath: store.path))
      chmod(store.path, 0o600)
      let failure = await Self.open(transport, fixture.server(.oauth(OAuthClient())))
      #expect(failure?.message.contains(store.path) == true)
      #expect(try String(contentsOfFile: store.path, encoding: .utf8) == "{broken")
    }
  }

  @Test func `are asked of a person where there is one`() async throws {
    let server = ProtectedServer()
    let person = AuthorizationPerson(redirectURI: "http://127.0.0.1:9/callback") { url in
      let query = url.split(separator: "?").last ?? ""
      let state = FormCoding.decode(query).first { $0.name == "state" }?.value ?? ""
      return "code=C&state=\(PercentCoding.encode(state))"
    }
    try await Self.with(server, person: person) { fixture, transport, store in
      #expect(await Self.open(transport, fixture.server(.oauth(OAuthClient()))) == nil)
      #expect(server.grants == ["authorization_code"])
      let file = try store.read()
      #expect(file.registrations.count == 1)
    }
  }
}
