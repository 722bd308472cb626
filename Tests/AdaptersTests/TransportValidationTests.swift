import Engine
import FleetModel
import Testing

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `Asking a connection over HTTP whether it works` {
  private func failure(validating fixture: TransportFixture) async -> Failure? {
    do throws(Failure) {
      try await fixture.transport.validate(TransportFixture.connection)
      return nil
    } catch {
      return error
    }
  }

  @Test func `pings within its session`() async throws {
    try await TransportFixture.with(
      Script.handshake { request, responder in responder.json(request.result("{}")) }
    ) { fixture in
      try await fixture.open()
      #expect(await failure(validating: fixture) == nil)
      let last = try #require(fixture.seen.all.last)
      #expect(last.method == "ping" && last.headers["mcp-session-id"] == "S")
    }
  }

  @Test func `finds that its session is lost, and what was known of the era in doubt`()
    async throws
  {
    try await TransportFixture.with(
      Script.handshake { _, responder in responder.respond(status: 404) }
    ) { fixture in
      let info = try await fixture.open()
      #expect(await failure(validating: fixture)?.kind == .sessionLost)
      try await fixture.open(knownEra: info)
      #expect(
        fixture.methods() == [
          "server/discover", "initialize", "notifications/initialized", "ping",
          "server/discover", "initialize", "notifications/initialized",
        ])
    }
  }

  @Test(arguments: [429, 503])
  func `tells a server that asks for less from one that is ill`(status: Int) async throws {
    try await TransportFixture.with(
      Script.handshake { _, responder in responder.respond(status: status) }
    ) { fixture in
      try await fixture.open()
      #expect(await failure(validating: fixture)?.kind == (status == 503 ? .httpStatus(503) : nil))
    }
  }

  @Test func `says nothing in the modern era, which has no sessions`() async throws {
    try await TransportFixture.with { _, responder in
      responder.reset()
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await failure(validating: fixture) == nil)
      #expect(fixture.seen.all.isEmpty)
    }
  }

  @Test func `ends at once when its task is cancelled`() async throws {
    try await TransportFixture.with(
      Script.handshake { request, responder in
        if request.method == "ping" { responder.hang() } else { responder.respond(status: 202) }
      }
    ) { fixture in
      try await fixture.open()
      let asking = Task { await failure(validating: fixture) }
      await fixture.until { fixture.methods().contains("ping") }
      asking.cancel()
      #expect(await asking.value?.kind == .cancelled)
    }
  }

  @Test func `fails when it is not open, or not any more`() async throws {
    try await TransportFixture.with(
      Script.handshake { request, responder in responder.json(request.result("{}")) }
    ) { fixture in
      #expect(await failure(validating: fixture)?.kind == .notConnected)
      try await fixture.open()
      await fixture.transport.close(TransportFixture.connection)
      #expect(await failure(validating: fixture)?.kind == .notConnected)
      #expect(!fixture.methods().contains("ping"))
    }
  }
}
