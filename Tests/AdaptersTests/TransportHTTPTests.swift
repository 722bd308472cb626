import Engine
import FleetModel
import Testing

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `Over HTTP, opening` {
  @Test func `finds a modern server by its discover, with all headers`() async throws {
    try await TransportFixture.with { request, responder in
      responder.json(
        request.result(
          #"{"supportedVersions":["2026-07-28"],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"n","version":"2"}}}"#
        ))
    } _: { fixture in
      let info = try await fixture.open(
        fixture.server(url: fixture.url, headers: [HeaderField(name: "X-Key", value: "k")]))
      #expect(
        info
          == ConnectionInfo(
            era: .modern, protocolVersion: "2026-07-28", serverName: "n", serverVersion: "2"))
      let seen = try #require(fixture.seen.all.first)
      #expect(seen.headers["mcp-protocol-version"] == "2026-07-28")
      #expect(seen.headers["mcp-method"] == "server/discover")
      #expect(seen.headers["accept"] == "application/json, text/event-stream")
      #expect(seen.headers["x-key"] == "k")
      #expect(seen.headers["expect"] == nil)
    }
  }

  @Test func `falls back to the handshake, keeps its session and ends it`() async throws {
    try await TransportFixture.with(
      Script.handshake { request, responder in responder.json(request.result("{}")) }
    ) { fixture in
      let info = try await fixture.open()
      #expect(info.era == .handshake)
      #expect(info.protocolVersion == "2025-06-18")
      #expect(info.serverName == "old")
      #expect(await fixture.call().result == "{}")
      await fixture.transport.close(TransportFixture.connection)
      let seen = fixture.seen.all
      #expect(
        fixture.methods() == [
          "server/discover", "initialize", "notifications/initialized", "tools/call", "DELETE",
        ])
      #expect(seen[1].headers["mcp-protocol-version"] == nil)
      #expect(seen[1].headers["mcp-session-id"] == nil, "the id of a refusal counts for nothing")
      #expect(seen[2...].allSatisfy { $0.headers["mcp-session-id"] == "S" })
      #expect(seen[2...].allSatisfy { $0.headers["mcp-protocol-version"] == "2025-06-18" })
    }
  }

  @Test func `asks again in the version that a refusal names, once`() async throws {
    try await TransportFixture.with { request, responder in
      responder.json(request.error(-32022, data: #"{"supported":["2026-07-28"]}"#), status: 400)
    } _: { fixture in
      let failure = await #expect(throws: Failure.self) { try await fixture.open() }
      #expect(failure?.kind == .incompatibleProtocol)
      #expect(fixture.methods() == ["server/discover", "server/discover"])
    }
  }

  @Test func `says nothing to a server known as modern`() async throws {
    try await TransportFixture.with { _, responder in
      responder.reset()
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(fixture.seen.all.isEmpty)
    }
  }

  @Test func `probes a server that turned out to be modern after all`() async throws {
    try await TransportFixture.with { request, responder in
      if request.method == "initialize" {
        responder.json(request.error(-32022, data: #"{"supported":["2026-07-28"]}"#), status: 400)
      } else {
        responder.json(request.result(#"{"supportedVersions":["2026-07-28"]}"#))
      }
    } _: { fixture in
      let info = try await fixture.open(knownEra: TransportFixture.handshake)
      #expect(info.era == .modern)
      #expect(fixture.methods() == ["initialize", "server/discover"])
    }
  }

  @Test func `doubts what it knew of the era after a bare 404`() async throws {
    try await TransportFixture.with { request, responder in
      if request.method == "tools/call" { return responder.respond(status: 404) }
      responder.json(request.result(#"{"supportedVersions":["2026-07-28"]}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let exchange = await fixture.call()
      #expect(exchange.failure?.kind == .httpStatus(404))
      #expect(exchange.closesConnection)
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(fixture.methods() == ["tools/call", "server/discover"])
    }
  }

  @Test(arguments: [401, 429, 503])
  func `does not take a refusal for an old server`(status: Int) async throws {
    try await TransportFixture.with { _, responder in
      responder.respond(status: status, headers: [("Retry-After", "7")])
    } _: { fixture in
      let failure = await #expect(throws: Failure.self) { try await fixture.open() }
      #expect(failure?.kind == (status == 401 ? .unauthorized : .httpStatus(status)))
      #expect(failure?.retryAfter == .seconds(7))
      #expect(fixture.methods() == ["server/discover"])
    }
  }

  @Test func `of nobody is refused, and nothing was sent`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let failure = await #expect(throws: Failure.self) {
        try await fixture.open(fixture.server(url: "http://127.0.0.1:1/mcp"))
      }
      #expect(failure?.kind == .connectionRefused)
      #expect(failure?.delivery == .notSent)
    }
  }

  @Test func `of a host without an address fails by name`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let failure = await #expect(throws: Failure.self) {
        try await fixture.open(fixture.server(url: "http://nowhere.invalid/mcp"))
      }
      #expect(failure?.kind == .nameNotResolved)
    }
  }

  @Test func `ends at once when its task is cancelled`() async throws {
    try await TransportFixture.with { _, responder in
      responder.hang()
    } _: { fixture in
      let opening = Task { await Self.failure(opening: fixture) }
      await fixture.until { !fixture.seen.all.isEmpty }
      opening.cancel()
      #expect(await opening.value?.kind == .cancelled)
      #expect(fixture.methods() == ["server/discover"])
    }
  }

  private static func failure(opening fixture: TransportFixture) async -> Failure? {
    do throws(Failure) {
      try await fixture.open()
      return nil
    } catch {
      return error
    }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `Over HTTP, redirects` {
  @Test func `on the same origin are followed and remembered`() async throws {
    try await TransportFixture.with { request, responder in
      if request.path == "/mcp" {
        return responder.respond(status: 307, headers: [("Location", "/mcp/")])
      }
      responder.json(request.result("{}"))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call(1).result == "{}")
      #expect(await fixture.call(2).result == "{}")
      #expect(fixture.seen.all.map(\.path) == ["/mcp", "/mcp/", "/mcp/"])
      #expect(fixture.seen.all.allSatisfy { $0.method == "tools/call" })
    }
  }

  // From a port of its own no TLS is the server's own either.
  @Test(arguments: [
    "http://127.0.0.1:1/elsewhere", "https://127.0.0.1:1/elsewhere", "https://127.0.0.1/elsewhere",
  ])
  func `to another origin are not followed but named`(location: String) async throws {
    try await TransportFixture.with { _, responder in
      responder.respond(status: 308, headers: [("Location", location)])
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let failure = await fixture.call().failure
      #expect(failure?.kind == .httpStatus(308))
      #expect(failure?.message.contains(location) == true)
      #expect(fixture.seen.all.count == 1)
    }
  }

  @Test func `in a circle end`() async throws {
    try await TransportFixture.with { _, responder in
      responder.respond(status: 307, headers: [("Location", "/mcp")])
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call().failure?.kind == .httpStatus(307))
      #expect(fixture.seen.all.count == 4)
    }
  }
}
