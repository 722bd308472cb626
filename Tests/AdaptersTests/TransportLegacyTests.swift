import Engine
import FleetModel
import Synchronization
import Testing
import Wire

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `Over HTTP with SSE, opening` {
  @Test(arguments: ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
  func `shakes hands on the stream`(version: String) async throws {
    try await TransportFixture.legacy(LegacyStreamScript(version: version)) { fixture in
      let info = try await fixture.open(fixture.legacyServer())
      #expect(
        info
          == ConnectionInfo(
            era: .handshake, protocolVersion: version, serverName: "old", serverVersion: "7",
            transport: .sse))
      #expect(fixture.methods() == ["GET", "initialize", "notifications/initialized"])
      let seen = fixture.seen.all
      #expect(seen.allSatisfy { $0.headers["x-key"] == "k" })
      #expect(seen[0].headers["accept"] == "text/event-stream")
      #expect(seen[1].path == "/messages")
      #expect(
        seen[2].headers["mcp-protocol-version"] == (version < "2025-06-18" ? nil : version))
    }
  }

  @Test(arguments: ["http://127.0.0.2/messages", "https://127.0.0.1/m", "http://127.0.0.1:1/m"])
  func `sends nothing to an endpoint on another origin`(endpoint: String) async throws {
    try await TransportFixture.legacy(LegacyStreamScript(endpoint: endpoint)) { fixture in
      let failure = await #expect(throws: Failure.self) { try await fixture.openLegacy() }
      #expect(failure?.kind == .incompatibleProtocol)
      #expect(failure?.message.contains("another origin: \(endpoint)") == true)
      #expect(fixture.methods() == ["GET"])
    }
  }

  @Test func `refuses a stream that begins with something else`() async throws {
    try await TransportFixture.with { _, responder in
      responder.eventStream()
      responder.event(Array("{}".utf8))
    } _: { fixture in
      let failure = await #expect(throws: Failure.self) { try await fixture.openLegacy() }
      #expect(failure?.message == "the event stream does not begin with an endpoint")
    }
  }

  @Test func `names a stream that ends at once`() async throws {
    try await TransportFixture.with { _, responder in
      responder.eventStream()
      responder.write(Array(": hello\n\n".utf8))
      responder.finish()
    } _: { fixture in
      let failure = await #expect(throws: Failure.self) { try await fixture.openLegacy() }
      #expect(failure?.kind == .connectionReset)
    }
  }

  @Test func `names an answer that is no stream`() async throws {
    try await TransportFixture.with { _, responder in
      responder.json(Array("{}".utf8))
    } _: { fixture in
      let failure = await #expect(throws: Failure.self) { try await fixture.openLegacy() }
      #expect(failure?.kind == .incompatibleProtocol)
    }
  }

  @Test(arguments: [401, 404, 429, 503])
  func `fails as the status of the stream says`(status: Int) async throws {
    try await TransportFixture.with { _, responder in
      responder.respond(status: status)
    } _: { fixture in
      let failure = await #expect(throws: Failure.self) { try await fixture.openLegacy() }
      #expect(failure?.kind == (status == 401 ? .unauthorized : .httpStatus(status)))
      #expect(fixture.methods() == ["GET"])
    }
  }

  @Test(arguments: [400, 404, 405])
  func `is tried where initialize is refused so, and remembered`(status: Int) async throws {
    let script = LegacyStreamScript()
    try await TransportFixture.with { request, responder in
      guard request.httpMethod == "POST", request.path == "/sse" else {
        return script.answer(request, responder)
      }
      responder.respond(status: status)
    } _: { fixture in
      let server = fixture.legacyServer(.streamable)
      let info = try await fixture.open(server)
      #expect(info.transport == .sse)
      let first = [
        "server/discover", "initialize", "GET", "initialize", "notifications/initialized",
      ]
      #expect(fixture.methods() == first)
      await fixture.transport.close(TransportFixture.connection)
      try await fixture.open(server, knownEra: info)
      #expect(fixture.methods().dropFirst(5) == ["GET", "initialize", "notifications/initialized"])
    }
  }

  @Test(arguments: [401, 403, 429, 500, 503])
  func `is not tried where the refusal says nothing of it`(status: Int) async throws {
    try await TransportFixture.with { request, responder in
      responder.respond(status: request.method == "server/discover" ? 400 : status)
    } _: { fixture in
      await #expect(throws: Failure.self) { try await fixture.open() }
      #expect(fixture.methods() == ["server/discover", "initialize"])
    }
  }

  @Test func `is not tried with a modern server that refuses initialize`() async throws {
    try await TransportFixture.with { request, responder in
      responder.json(
        request.error(request.method == "initialize" ? -32022 : -32601), status: 400)
    } _: { fixture in
      let failure = await #expect(throws: Failure.self) { try await fixture.open() }
      #expect(failure?.kind == .incompatibleProtocol)
      #expect(!fixture.methods().contains("GET"))
    }
  }

  @Test func `leaves the refusal as it was where there is no stream either`() async throws {
    try await TransportFixture.with { request, responder in
      responder.respond(status: request.httpMethod == "GET" ? 404 : 405)
    } _: { fixture in
      let failure = await #expect(throws: Failure.self) { try await fixture.open() }
      #expect(failure?.kind == .httpStatus(405))
    }
  }

  @Test func `gives way to streamable HTTP when the server was replaced`() async throws {
    let isOld = Mutex(true)
    let script = LegacyStreamScript()
    try await TransportFixture.with { request, responder in
      if isOld.withLock({ $0 }) { return script.answer(request, responder) }
      guard request.httpMethod == "POST" else { return responder.respond(status: 405) }
      responder.json(request.result(#"{"supportedVersions":["2026-07-28"]}"#))
    } _: { fixture in
      let server = fixture.legacyServer(.streamable)
      let info = try await fixture.open(server)
      await fixture.transport.close(TransportFixture.connection)
      isOld.withLock { $0 = false }
      let renewed = try await fixture.open(server, knownEra: info)
      #expect(renewed.era == .modern)
    }
  }
}
