import Engine
import FleetModel
import Synchronization
import Testing
import Wire

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `A server's range of ports` {
  private static func tools(_ request: SeenRequest, _ name: String) -> [UInt8] {
    request.method == "tools/list"
      ? request.result(#"{"tools":[{"name":"\#(name)","inputSchema":{"type":"object"}}]}"#)
      : request.result(
        #"{"supportedVersions":["2026-07-28"],"serverInfo":{"name":"\#(name)"}}"#)
  }

  private static func identity(_ name: String) -> ServerIdentity {
    let canonical = #"[["\#(name)",{"type":"object"}]]"#
    return ServerIdentity(
      name: name, toolsDigest: Digest.hexadecimal(Digest.sha256(Array(canonical.utf8))))
  }

  private static func server(_ port: UInt16, _ range: ClosedRange<Int>) -> ServerDefinition {
    let endpoint = HTTPEndpoint(url: "http://127.0.0.1:\(port)/mcp", portRange: range)
    return ServerDefinition(id: ServerID("s"), endpoint: .http(endpoint))
  }

  /// Several scripted servers on consecutive ports, so that a range of them holds nobody else's.
  private static func with(
    _ scripts: [TransportFixture.Script],
    _ body: (TransportFixture, [UInt16]) async throws -> Void
  ) async throws {
    try await TransportFixture.withoutServer { fixture in
      let seen = fixture.seen
      let servers = scripts.map { script in
        HTTPServer(loop: fixture.loop) { request, responder in
          let request = SeenRequest(request)
          seen.add(request)
          script(request, responder)
        }
      }
      let ports = try Self.listen(servers)
      try await body(fixture, ports)
      await fixture.transport.shutdown()
      for server in servers { await server.stop(grace: .zero) }
    }
  }

  /// On the first free block of ports below those that the kernel gives out by itself.
  private static func listen(_ servers: [HTTPServer]) throws -> [UInt16] {
    var first = UInt16.random(in: 20_000..<32_000)
    while true {
      var listeners: [HTTPServer.Listener] = []
      do {
        for (port, server) in zip(first..., servers) {
          listeners.append(try server.listenTCP(port: port))
        }
        return listeners.map(\.port)
      } catch {
        // One is taken by somebody else.
        guard first > 1024 else { throw error }
        first -= UInt16(servers.count)
        for (server, listener) in zip(servers, listeners) { server.close(listener) }
      }
    }
  }

  @Test func `is asked at once, and those who answer as MCP servers are told apart`() async throws {
    let legacy = LegacyStreamScript { request, post, stream in
      post.respond(status: 202)
      stream.event(Self.tools(request, "old"))
    }
    let scripts: [TransportFixture.Script] = [
      { request, responder in responder.json(Self.tools(request, "one")) },
      { request, responder in responder.json(Self.tools(request, "two")) },
      { _, responder in responder.respond(status: 200, body: Array("hello".utf8)) },
      { _, responder in responder.reset() },
      { _, responder in responder.hang() },
      { request, responder in
        var request = request
        if request.path == "/mcp" { request.path = "/sse" }
        legacy.answer(request, responder)
      },
    ]
    try await Self.with(scripts) { fixture, ports in
      let range = Int(ports[0])...Int(ports[5])
      #expect(
        await fixture.transport.locate(Self.server(ports[0], range)) == [
          PortCandidate(port: Int(ports[0]), identity: Self.identity("one")),
          PortCandidate(port: Int(ports[1]), identity: Self.identity("two")),
          PortCandidate(port: Int(ports[5]), identity: Self.identity("old")),
        ])
    }
  }

  @Test func `sees the credentials in use, and has none fetched for it`() async throws {
    let script: TransportFixture.Script = { request, responder in
      guard request.headers["authorization"] == "Bearer t" else {
        return responder.respond(
          status: 401, headers: [("WWW-Authenticate", "Bearer resource_metadata=\"/m\"")])
      }
      responder.json(Self.tools(request, "one"))
    }
    try await Self.with([script]) { fixture, ports in
      let port = Int(ports[0])
      var endpoint = HTTPEndpoint(
        url: "http://127.0.0.1:\(port)/mcp",
        headers: [HeaderField(name: "authorization", value: "x")],
        authorization: .command(TokenCommand(command: "echo", arguments: ["t"])),
        portRange: port...port)
      func found() async -> [PortCandidate] {
        await fixture.transport.locate(
          ServerDefinition(id: ServerID("s"), endpoint: .http(endpoint)))
      }
      #expect(await found().map(\.port) == [port])
      let count = fixture.seen.all.count
      endpoint.authorization = .clientCredentials(OAuthClient(id: "i", secret: Secret("s")))
      #expect(await found().isEmpty)
      #expect(fixture.seen.all.dropFirst(count).map(\.path) == ["/mcp"])
    }
  }

  @Test func `is scanned once for all who ask`() async throws {
    let script: TransportFixture.Script = { request, responder in
      responder.json(Self.tools(request, "one"))
    }
    try await Self.with([script]) { fixture, ports in
      let port = Int(ports[0])
      let server = Self.server(ports[0], port...port)
      let transport = fixture.transport
      let answers = await withTaskGroup(of: [PortCandidate].self) { group in
        for _ in 0..<20 { group.addTask { await transport.locate(server) } }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.allSatisfy { $0.map(\.port) == [port] })
      #expect(fixture.methods().count { $0 == "tools/list" } < 20)
    }
  }

  @Test func `is left in peace when nobody waits for it any more`() async throws {
    let left = Mutex(false)
    let script: TransportFixture.Script = { _, responder in
      responder.onLeave { left.withLock { $0 = true } }
      responder.hang()
    }
    try await Self.with([script]) { fixture, ports in
      let server = Self.server(ports[0], Int(ports[0])...Int(ports[0]))
      let transport = fixture.transport
      let caller = Task { await transport.locate(server) }
      await fixture.until { !fixture.seen.all.isEmpty }
      caller.cancel()
      #expect(await caller.value.isEmpty)
      await fixture.until { left.withLock { $0 } }
    }
  }

  @Test func `does not exist for a server without one`() async throws {
    try await TransportFixture.withoutServer { fixture in
      #expect(await fixture.transport.locate(fixture.server).isEmpty)
      let child = Endpoint.stdio(
        command: "true", arguments: [], environment: [], workingDirectory: nil)
      #expect(
        await fixture.transport.locate(ServerDefinition(id: ServerID("c"), endpoint: child))
          .isEmpty)
    }
  }

  @Test func `makes every opening ask who is there`() async throws {
    let script: TransportFixture.Script = { request, responder in
      responder.json(Self.tools(request, "one"))
    }
    try await Self.with([script]) { fixture, ports in
      let info = try await fixture.open(Self.server(ports[0], 1...2))
      #expect(info.identity == Self.identity("one"))
      let again = try await fixture.open(Self.server(ports[0], 1...2), knownEra: info)
      #expect(again.identity == Self.identity("one"))
      #expect(
        fixture.methods() == ["server/discover", "tools/list", "server/discover", "tools/list"])
    }
  }

  @Test func `lets no connection stand whose tools cannot be told`() async throws {
    let script: TransportFixture.Script = { request, responder in
      if request.method == "tools/list" { return responder.respond(status: 500) }
      responder.json(Self.tools(request, "one"))
    }
    try await Self.with([script]) { fixture, ports in
      let failure = await #expect(throws: Failure.self) {
        try await fixture.open(Self.server(ports[0], 1...2))
      }
      #expect(failure?.kind == .httpStatus(500))
      #expect(failure?.delivery == .notSent)
      #expect(await fixture.call().closesConnection)
    }
  }
}
