import Engine
import FleetModel
import Synchronization
import Testing
import Wire

@testable import Adapters

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
