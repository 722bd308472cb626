import Engine
import FleetModel
import Synchronization
import Testing
import Wire

@testable import Adapters

extension TransportFixture {
  fileprivate static func legacy(
    _ script: LegacyStreamScript, _ body: (TransportFixture) async throws -> Void
  ) async throws {
    try await with({ script.answer($0, $1) }, body)
  }

  /// - Parameter style: `streamable` leaves it to the fallback.
  fileprivate func legacyServer(_ style: HTTPEndpoint.Style = .sse) -> ServerDefinition {
    let endpoint = HTTPEndpoint(
      url: "http://127.0.0.1:\(port)/sse", headers: [HeaderField(name: "X-Key", value: "k")],
      style: style)
    return ServerDefinition(id: ServerID("s"), endpoint: .http(endpoint))
  }

  fileprivate func openLegacy() async throws { try await open(legacyServer()) }
}

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

@Suite(.timeLimit(.minutes(5))) struct `Over HTTP with SSE, a call` {
  @Test func `is answered on the stream by its id, in any order`() async throws {
    let waiting = Mutex<[SeenRequest]>([])
    let script = LegacyStreamScript { request, post, stream in
      post.respond(status: 202)
      let all = waiting.withLock {
        $0.append(request)
        return $0
      }
      guard all.count == 3 else { return }
      for request in all.reversed() {
        stream.event(request.result(#"{"id":\#(request.id ?? "")}"#))
      }
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      async let one = fixture.call(1)
      async let two = fixture.call(2)
      async let three = fixture.call(3)
      let results = await [one.result, two.result, three.result]
      #expect(results == [#"{"id":1}"#, #"{"id":2}"#, #"{"id":3}"#])
    }
  }

  @Test func `may be answered before its POST is`() async throws {
    let script = LegacyStreamScript { request, post, stream in
      stream.event(request.result("{}"))
      post.hang()
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      #expect(await fixture.call().result == "{}")
    }
  }

  @Test func `that the server took is in doubt when the stream ends`() async throws {
    let script = LegacyStreamScript { _, post, stream in
      post.respond(status: 202)
      stream.finish()
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      let exchange = await fixture.call()
      #expect(exchange.failure?.kind == .connectionReset)
      #expect(exchange.failure?.delivery == .unknown)
      #expect(exchange.closesConnection)
      let closed = fixture.events.all.count { if case .closed = $0 { true } else { false } }
      #expect(closed == 1)
      let next = await fixture.call(2)
      #expect(next.failure?.delivery == .notSent)
      #expect(next.closesConnection)
    }
  }

  @Test func `whose POST has no answer yet is in doubt when the stream ends`() async throws {
    let script = LegacyStreamScript { _, post, stream in
      post.hang()
      stream.finish()
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      let exchange = await fixture.call()
      #expect(exchange.failure?.kind == .connectionReset)
      #expect(exchange.failure?.delivery == .unknown)
    }
  }

  @Test(arguments: [
    (404, Failure.Kind.sessionLost, Delivery.refused, true),
    (400, .httpStatus(400), .refused, true),
    (401, .unauthorized, .refused, false),
    (429, .httpStatus(429), .refused, false),
    (500, .httpStatus(500), .unknown, false),
  ])
  func `whose POST is refused fails at once`(
    status: Int, kind: Failure.Kind, delivery: Delivery, closes: Bool
  ) async throws {
    let script = LegacyStreamScript { _, post, _ in
      post.respond(status: status)
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      let exchange = await fixture.call()
      #expect(exchange.failure?.kind == kind)
      #expect(exchange.failure?.delivery == delivery)
      #expect(exchange.closesConnection == closes)
    }
  }

  @Test func `may be refused in JSON-RPC by its POST`() async throws {
    let script = LegacyStreamScript { request, post, _ in
      post.json(request.error(-32602), status: 400)
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      guard case .protocolError(let error) = await fixture.call().reply else {
        Issue.record("no protocol error")
        return
      }
      #expect(error.code == -32602)
    }
  }

  @Test func `that is given up is cancelled at the server`() async throws {
    let script = LegacyStreamScript { _, post, _ in
      post.respond(status: 202)
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      let call = Task { await fixture.call(7) }
      await fixture.until { fixture.methods().contains("tools/call") }
      call.cancel()
      let failure = await call.value.failure
      #expect(failure?.kind == .cancelled)
      #expect(failure?.delivery == .unknown)
      await fixture.until { fixture.methods().contains("notifications/cancelled") }
      #expect(fixture.seen.all.last?.body.contains(#""requestId":7"#) == true)
    }
  }

  @Test func `whose answer is too large fails by name, and one of the limit does not`()
    async throws
  {
    let answerSize = Atomic(1000)
    let script = LegacyStreamScript { request, post, stream in
      post.respond(status: 202)
      let bare = request.result(#"{"x":""}"#)
      let room = answerSize.load(ordering: .relaxed) - "data: ".utf8.count - bare.count
      stream.event(request.result(#"{"x":"\#(String(repeating: "x", count: room))"}"#))
    }
    try await TransportFixture.legacy(script) { fixture in
      let curl = CurlClient(loop: fixture.loop)
      let upstream = try LegacyStreamUpstream(
        server: fixture.legacyServer(), connection: TransportFixture.connection,
        loop: fixture.loop, client: ClientIdentity(name: "mcpdash", version: "1"),
        events: EventSink(),
        authorizer: Authorizer(
          server: ServerID("s"), endpoint: HTTPEndpoint(url: fixture.url), loop: fixture.loop,
          curl: curl, store: nil, person: nil), eventLimit: 1000)
      _ = try await upstream.open()
      let call = Call.tool(
        "t", arguments: .emptyObject, on: ServerID("s"), id: CallID(high: 0, low: 1), origin: .cli)
      let good = await upstream.exchange(call, attempt: AttemptID(number: 1))
      #expect(good.result != nil)
      answerSize.store(1001, ordering: .relaxed)
      let bad = await upstream.exchange(call, attempt: AttemptID(number: 2))
      #expect(bad.failure?.kind == .answerTooLarge)
      #expect(bad.closesConnection)
      await upstream.close()
      await curl.shutdown()
    }
  }

  @Test func `beyond the limit of those that wait is not sent`() async throws {
    let script = LegacyStreamScript { _, post, _ in post.respond(status: 202) }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      let calls = (1...LegacyStreamUpstream.pendingLimit).map { number in
        Task { await fixture.call(UInt64(number)) }
      }
      await fixture.until { fixture.seen.all.count == 3 + LegacyStreamUpstream.pendingLimit }
      let failure = await fixture.call(5000).failure
      #expect(failure?.kind == .poolExhausted)
      #expect(failure?.delivery == .notSent)
      for call in calls { call.cancel() }
      for call in calls { _ = await call.value }
    }
  }

  @Test func `goes on while garbage passes on the stream`() async throws {
    let script = LegacyStreamScript { request, post, stream in
      post.respond(status: 202)
      for text in ["{", "[]", "7", #"{"jsonrpc":"2.0","id":99999,"result":{}}"#, "\u{1B}[2J"] {
        stream.event(Array(text.utf8))
      }
      stream.write(
        Array(
          "event: other\ndata: \(String(decoding: request.result("7"), as: UTF8.self))\n\n".utf8))
      stream.event(request.result(#"{"good":true}"#))
      stream.event(request.result(#"{"twice":true}"#))
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      #expect(await fixture.call().result == #"{"good":true}"#)
    }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `Over HTTP with SSE, a server` {
  @Test func `may ask for a ping, and for nothing else`() async throws {
    let script = LegacyStreamScript { request, post, stream in
      post.respond(status: 202)
      guard request.method == "tools/call" else { return }
      for method in ["ping", "sampling/createMessage"] {
        stream.event(Array(#"{"jsonrpc":"2.0","id":"q-\#(method)","method":"\#(method)"}"#.utf8))
      }
      stream.event(request.result("{}"))
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      #expect(await fixture.call().result == "{}")
      await fixture.until { fixture.seen.all.count == 6 }
      let answers = fixture.seen.all.suffix(2).map(\.body).sorted()
      #expect(answers.contains(#"{"jsonrpc":"2.0","id":"q-ping","result":{}}"#))
      #expect(answers.contains { $0.contains(#""id":"q-sampling"#) && $0.contains("-32601") })
    }
  }

  @Test func `announces that its tools changed`() async throws {
    let script = LegacyStreamScript()
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      script.openStream?.event(
        Array(#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#.utf8))
      await fixture.until { fixture.events.all.contains(.toolsChanged(ServerID("s"))) }
    }
  }

  @Test func `is checked and validated by a ping on its stream`() async throws {
    try await TransportFixture.legacy(LegacyStreamScript()) { fixture in
      try await fixture.openLegacy()
      try await fixture.transport.check(
        fixture.legacyServer(), knownEra: nil, connection: TransportFixture.connection)
      try await fixture.transport.validate(TransportFixture.connection)
      #expect(fixture.methods().suffix(2) == ["ping", "ping"])
    }
  }

  @Test func `is checked without a connection by a stream that ends again`() async throws {
    try await TransportFixture.legacy(LegacyStreamScript()) { fixture in
      try await fixture.transport.check(
        fixture.legacyServer(), knownEra: nil, connection: nil)
      #expect(fixture.methods() == ["GET", "initialize", "notifications/initialized"])
    }
  }

  @Test func `reports on a call under way by its token`() async throws {
    let script = LegacyStreamScript { request, post, stream in
      post.respond(status: 202)
      #expect(request.body.contains(#""progressToken":7"#))
      stream.event(
        Array(
          #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7,"progress":1,"total":2,"message":"half"}}"#
            .utf8))
      stream.event(request.result("{}"))
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      #expect(await fixture.call(7).result == "{}")
      #expect(
        fixture.events.all.contains(
          .progress(
            AttemptID(number: 7), CallProgress(progress: 1, total: 2, message: "half"))))
    }
  }

  @Test func `may ask for a person's input, which is declined`() async throws {
    let script = LegacyStreamScript { request, post, stream in
      post.respond(status: 202)
      guard request.method == "tools/call" else {
        // The decline, in a POST of its own.
        return stream.event(
          Array(
            request.body.contains(#""action":"decline""#)
              ? #"{"jsonrpc":"2.0","id":1,"result":{"declined":true}}"#.utf8 : "".utf8))
      }
      stream.event(
        Array(
          #"{"jsonrpc":"2.0","id":"e","method":"elicitation/create","params":{"message":"Sure?","requestedSchema":{"type":"object","properties":{}}}}"#
            .utf8))
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      #expect(await fixture.call(1).result == #"{"declined":true}"#)
    }
  }

  @Test func `lists its tools`() async throws {
    let script = LegacyStreamScript { request, post, stream in
      post.respond(status: 202)
      stream.event(request.result(#"{"tools":[{"name":"a"},{"name":"b"}]}"#))
    }
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      let list = try await fixture.transport.listTools(on: TransportFixture.connection)
      #expect(list.tools.map(\.name) == ["a", "b"])
    }
  }

  @Test func `is left when the connection is closed`() async throws {
    let script = LegacyStreamScript()
    let left = Mutex(false)
    try await TransportFixture.legacy(script) { fixture in
      try await fixture.openLegacy()
      script.openStream?.onLeave { left.withLock { $0 = true } }
      await fixture.transport.close(TransportFixture.connection)
      await fixture.until { left.withLock { $0 } }
      #expect(!fixture.events.all.contains { if case .closed = $0 { true } else { false } })
    }
  }
}
