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

  /// Several scripted servers on ports of their own.
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

  /// On rising ports that lie close together: the kernel's own choice may be thousands apart.
  private static func listen(_ servers: [HTTPServer]) throws -> [UInt16] {
    var ports: [UInt16] = []
    // From the last downwards, for behind the last ephemeral port there is none.
    for server in servers.reversed() {
      var next = ports.last.map { $0 - 1 } ?? 0
      while true {
        do {
          ports.append(try server.listenTCP(port: next).port)
          break
        } catch {
          // Taken by somebody else.
          guard next > 1024 else { throw error }
          next -= 1
        }
      }
    }
    return ports.reversed()
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
      let range = Int(ports.min() ?? 1)...Int(ports.max() ?? 1)
      try #require(range.count <= PortScan.portLimit, "the kernel scattered the ports")
      let found = await fixture.transport.locate(Self.server(ports[0], range))
      let ours = found.filter { ports.contains(UInt16($0.port)) }
      #expect(
        ours
          == [
            PortCandidate(port: Int(ports[0]), identity: Self.identity("one")),
            PortCandidate(port: Int(ports[1]), identity: Self.identity("two")),
            PortCandidate(port: Int(ports[5]), identity: Self.identity("old")),
          ].sorted { $0.port < $1.port })
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
