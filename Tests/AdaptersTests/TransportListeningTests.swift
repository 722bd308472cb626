import Engine
import FleetModel
import Testing
import Wire

@testable import Adapters

private let changes = #"""
  {"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"prompts":{"listChanged":true}}}
  """#

@Suite(.timeLimit(.minutes(5))) struct `A session's stream` {
  /// A handshake server whose GET requests go to `onGet`.
  private func script(
    _ onGet: @escaping @Sendable (SeenRequest, HTTPResponder) -> Void
  ) -> TransportFixture.Script {
    { request, responder in
      switch (request.httpMethod, request.method) {
      case ("GET", _): onGet(request, responder)
      case (_, "initialize"):
        responder.json(request.result(changes), headers: [("Mcp-Session-Id", "S")])
      case (_, "ping"): responder.json(request.result("{}"))
      case ("DELETE", _): responder.respond(status: 200)
      default: responder.respond(status: 202)
      }
    }
  }

  private func changed(_ what: String) -> [UInt8] {
    Array(#"{"method":"notifications/\#(what)/list_changed"}"#.utf8)
  }

  @Test func `brings changes, progress and questions, and ends before its session does`()
    async throws
  {
    try await TransportFixture.with(
      script { _, responder in
        responder.eventStream()
        responder.event(changed("tools"))
        responder.event(changed("prompts"))
        responder.event(Array(#"{"id":5,"method":"ping"}"#.utf8))
      }
    ) { fixture in
      try await fixture.open(fixture.server { _ in }, knownEra: TransportFixture.handshake)
      await fixture.until { fixture.seen.all.last?.body.contains(#""id":5,"result""#) == true }
      let server = ServerID("s")
      #expect(fixture.events.all == [.toolsChanged(server), .readsChanged(server, "prompts/")])
      let get = try #require(fixture.seen.all.first { $0.httpMethod == "GET" })
      #expect(get.headers["mcp-session-id"] == "S")
      #expect(get.headers["accept"] == "text/event-stream")
      #expect(get.headers["last-event-id"] == nil)
      await fixture.transport.close(TransportFixture.connection)
      #expect(fixture.methods().last == "DELETE")
    }
  }

  @Test func `is resumed after the last event, when the server said and no sooner`() async throws {
    let gets = TransportFixture.Record<Instant>()
    let record = TransportFixture.Record<EventLoop>()
    try await TransportFixture.with(
      script { request, responder in
        if let loop = record.all.first { gets.add(loop.now) }
        responder.eventStream()
        guard request.headers["last-event-id"] == nil else {
          return responder.event(changed("tools"))
        }
        responder.write(Array("id: 7\nretry: 120\ndata:\n\n".utf8))
        responder.finish()
      }
    ) { fixture in
      record.add(fixture.loop)
      try await fixture.open(fixture.server { _ in }, knownEra: TransportFixture.handshake)
      await fixture.until { !fixture.events.all.isEmpty }
      #expect(fixture.seen.all.last?.headers["last-event-id"] == "7")
      #expect(gets.all.count == 2)
      #expect(gets.all[1] - gets.all[0] >= .milliseconds(120))
      #expect(fixture.events.all == [.toolsChanged(ServerID("s"))])
    }
  }

  @Test func `that cannot be resumed makes everything old that may have changed`() async throws {
    let gets = TransportFixture.Record<Bool>()
    try await TransportFixture.with(
      script { _, responder in
        gets.add(true)
        responder.eventStream()
        responder.write(Array("retry: 1\n: hello\n\n".utf8))
        if gets.all.count == 1 {
          responder.event(Array("{}".utf8))
          responder.finish()
        }
      }
    ) { fixture in
      try await fixture.open(fixture.server { _ in }, knownEra: TransportFixture.handshake)
      await fixture.until { fixture.events.all.count == 2 }
      let server = ServerID("s")
      #expect(fixture.events.all == [.toolsChanged(server), .readsChanged(server, "prompts/")])
    }
  }

  @Test(arguments: [405, 404, 409, 400])
  func `that is refused is a feature the server has not, and no trouble`(status: Int) async throws {
    try await TransportFixture.with(
      script { _, responder in responder.respond(status: status) }
    ) { fixture in
      let server = fixture.server { _ in }
      try await fixture.open(server, knownEra: TransportFixture.handshake)
      await fixture.until { fixture.methods().contains("GET") }
      for _ in 0..<3 { try await fixture.transport.validate(TransportFixture.connection) }
      #expect(fixture.methods().count { $0 == "GET" } == 1)
      #expect(fixture.events.all.isEmpty)
      guard status == 405 else { return }
      _ = try await fixture.transport.open(
        ConnectionID(number: 2), to: server, knownEra: TransportFixture.handshake)
      try await fixture.transport.validate(ConnectionID(number: 2))
      #expect(fixture.methods().count { $0 == "GET" } == 1, "remembered for every session")
    }
  }

  @Test func `is one for all connections, and moves when its own is closed`() async throws {
    try await TransportFixture.with(
      script { _, responder in
        responder.eventStream()
        responder.write(Array(": here\n\n".utf8))
      }
    ) { fixture in
      let server = fixture.server { _ in }
      try await fixture.open(server, knownEra: TransportFixture.handshake)
      _ = try await fixture.transport.open(
        ConnectionID(number: 2), to: server, knownEra: TransportFixture.handshake)
      await fixture.until { fixture.methods().contains("GET") }
      try await fixture.transport.validate(ConnectionID(number: 2))
      #expect(fixture.methods().count { $0 == "GET" } == 1)
      await fixture.transport.close(TransportFixture.connection)
      await fixture.until { fixture.methods().count { $0 == "GET" } == 2 }
    }
  }

  @Test func `is not opened where listening is switched off`() async throws {
    try await TransportFixture.with(
      script { _, responder in responder.respond(status: 405) }
    ) { fixture in
      try await fixture.open(
        fixture.server { $0.listens = false }, knownEra: TransportFixture.handshake)
      for _ in 0..<3 { try await fixture.transport.validate(TransportFixture.connection) }
      #expect(!fixture.methods().contains("GET"))
    }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `A subscription over HTTP` {
  private static let discovery = #"""
    {"supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"resources":{"listChanged":true}}}
    """#

  private static func tagged(_ method: String, _ request: SeenRequest) -> [UInt8] {
    Array(
      #"{"method":"notifications/\#(method)","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":\#(request.id ?? "0")}}}"#
        .utf8)
  }

  private func script(
    _ onListen: @escaping @Sendable (SeenRequest, HTTPResponder) -> Void
  ) -> TransportFixture.Script {
    { request, responder in
      guard request.method == "subscriptions/listen" else {
        return responder.json(request.result(Self.discovery))
      }
      onListen(request, responder)
    }
  }

  @Test(arguments: [false, true])
  func `asks for what the server announces, and hears of it`(isKnown: Bool) async throws {
    try await TransportFixture.with(
      script { request, responder in
        responder.eventStream()
        responder.event(Self.tagged("subscriptions/acknowledged", request))
        responder.event(Self.tagged("tools/list_changed", request))
        responder.event(
          Array(
            #"{"method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":3}}}"#
              .utf8))
        responder.event(Self.tagged("resources/updated", request))
      }
    ) { fixture in
      try await fixture.open(
        fixture.server { _ in }, knownEra: isKnown ? TransportFixture.modern : nil)
      await fixture.until { fixture.events.all.count == 2 }
      let server = ServerID("s")
      #expect(
        fixture.events.all == [.toolsChanged(server), .readsChanged(server, "resources/read")])
      #expect(fixture.methods() == ["server/discover", "subscriptions/listen"])
      let listen = try #require(fixture.seen.all.last)
      #expect(
        listen.body.contains(
          #""notifications":{"toolsListChanged":true,"resourcesListChanged":true}"#))
      #expect(listen.headers["mcp-method"] == "subscriptions/listen")
    }
  }

  @Test(arguments: ["result", "cancelled", "end"])
  func `that the server ends is asked for again, and all it announces is old`(
    ending: String
  ) async throws {
    let listens = TransportFixture.Record<Bool>()
    try await TransportFixture.with(
      script { request, responder in
        listens.add(true)
        responder.eventStream()
        responder.event(Self.tagged("subscriptions/acknowledged", request))
        responder.event(Self.tagged("x", request))
        guard listens.all.count == 1 else { return }
        responder.event(Self.tagged("tools/list_changed", request))
        switch ending {
        case "result": responder.event(request.result(#"{"resultType":"complete"}"#))
        case "cancelled":
          responder.event(
            Array(
              #"{"method":"notifications/cancelled","params":{"requestId":\#(request.id ?? "0")}}"#
                .utf8))
        default: break
        }
        if ending != "cancelled" { responder.finish() }
      }
    ) { fixture in
      try await fixture.open(fixture.server { _ in })
      await fixture.until { fixture.events.all.count == 3 }
      let server = ServerID("s")
      #expect(
        fixture.events.all == [
          .toolsChanged(server), .toolsChanged(server), .readsChanged(server, "resources/"),
        ])
      let ids = fixture.seen.all.filter { $0.method == "subscriptions/listen" }.map(\.id)
      #expect(ids.count == 2)
      #expect(ids[0] != ids[1])
    }
  }

  @Test(arguments: [200, 404])
  func `that is refused is a feature the server has not`(status: Int) async throws {
    try await TransportFixture.with(
      script { request, responder in responder.json(request.error(-32601), status: status) }
    ) { fixture in
      let server = fixture.server { _ in }
      try await fixture.open(server)
      await fixture.until { fixture.methods().contains("subscriptions/listen") }
      for number in UInt64(1)...3 { _ = await fixture.call(number) }
      _ = try await fixture.transport.open(
        ConnectionID(number: 2), to: server, knownEra: TransportFixture.modern)
      _ = await fixture.call(4)
      #expect(fixture.methods().count { $0 == "subscriptions/listen" } == 1)
      #expect(fixture.events.all.isEmpty)
    }
  }

  @Test func `is not made of a server that announces nothing`() async throws {
    try await TransportFixture.with { request, responder in
      responder.json(request.result(#"{"supportedVersions":["2026-07-28"],"capabilities":{}}"#))
    } _: { fixture in
      try await fixture.open(fixture.server { _ in })
      for number in UInt64(1)...3 { _ = await fixture.call(number) }
      #expect(!fixture.methods().contains("subscriptions/listen"))
    }
  }

  @Test func `stays while any connection is open, and leaves with the last`() async throws {
    let left = TransportFixture.Record<Bool>()
    try await TransportFixture.with(
      script { request, responder in
        responder.onLeave { left.add(true) }
        responder.eventStream()
        responder.event(Self.tagged("subscriptions/acknowledged", request))
      }
    ) { fixture in
      let server = fixture.server { _ in }
      try await fixture.open(server)
      _ = try await fixture.transport.open(
        ConnectionID(number: 2), to: server, knownEra: TransportFixture.modern)
      await fixture.until { fixture.methods().contains("subscriptions/listen") }
      await fixture.transport.close(TransportFixture.connection)
      _ = await fixture.transport.exchange(
        Call.tool(
          "t", arguments: .emptyObject, on: ServerID("s"), id: CallID(high: 0, low: 1),
          origin: .cli), attempt: AttemptID(number: 1), on: ConnectionID(number: 2))
      #expect(left.all.isEmpty)
      await fixture.transport.close(ConnectionID(number: 2))
      await fixture.until { !left.all.isEmpty }
      #expect(fixture.methods().count { $0 == "subscriptions/listen" } == 1)
    }
  }
}
