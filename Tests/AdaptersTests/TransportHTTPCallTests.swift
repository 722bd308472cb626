import Engine
import FleetModel
import Synchronization
import Testing
import Wire

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `Over HTTP, a call` {
  @Test func `carries its tool, its id and its key`() async throws {
    try await TransportFixture.with { request, responder in
      responder.json(request.result("{}"))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call(42, tool: "größe").result == "{}")
      let seen = try #require(fixture.seen.all.first)
      #expect(seen.id == "42")
      #expect(seen.headers["mcp-name"] == "=?base64?Z3LDtsOfZQ==?=")
      #expect(
        seen.body.contains(#""mcpdash.dev/idempotencyKey":"00000000-0000-0000-0000-00000000002a""#))
    }
  }

  @Test(arguments: [
    "größe\r\nX-Evil: 1", "t\nX-Evil: 1", "t\r\n\r\nGET /evil HTTP/1.1", "t\0", "=?base64?dA==?=",
  ])
  func `puts no header in by its tool's name`(tool: String) async throws {
    try await TransportFixture.with { request, responder in
      responder.json(request.result("{}"))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call(tool: tool).result == "{}")
      let seen = try #require(fixture.seen.all.first)
      #expect(fixture.seen.all.count == 1)
      #expect(seen.headers["x-evil"] == nil)
      let sent = try #require(seen.headers["mcp-name"])
      #expect(sent.hasPrefix("=?base64?") && sent.hasSuffix("?="))
      #expect(MCPHeaders.decode(sent) == tool)
    }
  }

  @Test func `takes its answer out of an event stream, and uses the connection again`()
    async throws
  {
    try await TransportFixture.with { request, responder in
      responder.eventStream()
      responder.write(Array(": ping\n\nid: 1\ndata:\n\ndata: not json\n\n".utf8))
      responder.event(Array(#"{"method":"notifications/tools/list_changed"}"#.utf8))
      responder.event(Array(#"{"id":999,"result":{"wrong":true}}"#.utf8))
      responder.event(request.result(#"{"right":true}"#))
      responder.finish()
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call(1).result == #"{"right":true}"#)
      #expect(await fixture.call(2).result == #"{"right":true}"#)
      #expect(
        fixture.events.all
          == [.toolsChanged(ServerID("s")), .toolsChanged(ServerID("s"))])
    }
  }

  @Test func `need not wait for the end of a stream that has answered`() async throws {
    try await TransportFixture.with { request, responder in
      responder.eventStream()
      responder.event(request.result("{}"))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      for number in 1...3 { #expect(await fixture.call(UInt64(number)).result == "{}") }
    }
  }

  /// In the middle of an event, and after one that a handshake stream could be resumed from.
  @Test(arguments: ["data: {\n", "id: 1\ndata:\n\n"], [false, true])
  func `whose stream breaks may have run, and is not sent again by itself`(
    bytes: String, isReset: Bool
  ) async throws {
    try await TransportFixture.with { _, responder in
      responder.eventStream()
      responder.write(Array(bytes.utf8))
      isReset ? responder.reset() : responder.cutOff()
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let failure = await fixture.call().failure
      #expect(failure?.kind == .connectionReset)
      #expect(failure?.delivery == .unknown)
      #expect(fixture.seen.all.count == 1)
    }
  }

  @Test func `resumes a handshake stream after its last event, and is not sent twice`()
    async throws
  {
    let waiting = Mutex<SeenRequest?>(nil)
    try await TransportFixture.with(
      Script.handshake { request, responder in
        responder.eventStream()
        if request.httpMethod == "GET", let call = waiting.withLock({ $0 }) {
          responder.event(call.result(#"{"late":1}"#))
          return responder.finish()
        }
        waiting.withLock { $0 = request }
        responder.write(Array("id: e1\nretry: 1\ndata:\n\n".utf8))
        responder.finish()
      }
    ) { fixture in
      try await fixture.open(knownEra: TransportFixture.handshake)
      #expect(await fixture.call().result == #"{"late":1}"#)
      let seen = fixture.seen.all
      #expect(seen.filter { $0.method == "tools/call" }.count == 1)
      #expect(seen.last?.httpMethod == "GET")
      #expect(seen.last?.headers["last-event-id"] == "e1")
      #expect(seen.last?.headers["mcp-session-id"] == "S")
    }
  }

  @Test func `of a lost session closes the connection`() async throws {
    try await TransportFixture.with(
      Script.handshake { _, responder in responder.respond(status: 404) }
    ) { fixture in
      try await fixture.open()
      let exchange = await fixture.call()
      #expect(exchange.failure?.kind == .sessionLost)
      #expect(exchange.failure?.delivery == .refused)
      #expect(exchange.closesConnection)
    }
  }

  @Test func `on a reused connection that dies reaches the server once`() async throws {
    try await TransportFixture.with { request, responder in
      if request.id == "2" { responder.reset() } else { responder.json(request.result("{}")) }
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call(1).result == "{}")
      let exchange = await fixture.call(2)
      #expect(exchange.failure?.kind == .connectionReset)
      #expect(exchange.failure?.delivery == .unknown)
      #expect(!exchange.closesConnection)
      #expect(fixture.seen.all.filter { $0.id == "2" }.count == 1)
      #expect(await fixture.call(3).result == "{}")
    }
  }

  @Test(arguments: ["garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"id\":1,"])
  func `answered with half a message may have run`(bytes: String) async throws {
    try await TransportFixture.with { _, responder in
      responder.sendRaw(Array(bytes.utf8))
      responder.cutOff()
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let failure = await fixture.call().failure
      #expect(failure?.kind == .connectionReset || failure?.kind == .malformedAnswer)
      #expect(failure?.delivery == .unknown)
    }
  }

  @Test func `whose answer is too large fails, and one of the limit does not`() async throws {
    let limit = CurlTransfer.answerLimit
    try await TransportFixture.with { request, responder in
      let frame = request.result(#""""#).count
      let size = limit - frame + (request.id == "2" ? 1 : 0)
      let filler = String(repeating: "x", count: size - 6)
      responder.startStream(status: 200, headers: [("Content-Type", "application/json")])
      Self.write(request.result(#"{"a":"\#(filler)"}"#)[...], to: responder)
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await (fixture.call(1).result?.utf8.count ?? 0) > limit - 100)
      #expect(await fixture.call(2).failure?.kind == .answerTooLarge)
    }
  }

  private static func write(_ bytes: ArraySlice<UInt8>, to responder: HTTPResponder) {
    responder.write(Array(bytes.prefix(1 << 20)))
    let rest = bytes.dropFirst(1 << 20)
    guard !rest.isEmpty else { return responder.finish() }
    responder.whenWritable { if $0 { write(rest, to: responder) } }
  }

  @Test func `with an event above the limit fails`() async throws {
    try await TransportFixture.with { _, responder in
      responder.eventStream()
      responder.write(Array("data: ".utf8) + Array(repeating: 0x78, count: 2 << 20))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call().failure?.kind == .answerTooLarge)
    }
  }

  @Test(arguments: [false, true])
  func `given up closes its stream in the modern era`(streams: Bool) async throws {
    let left = Atomic<Bool>(false)
    try await TransportFixture.with { _, responder in
      responder.onLeave { left.store(true, ordering: .relaxed) }
      if streams { responder.eventStream() } else { responder.hang() }
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let call = Task { await fixture.call() }
      await fixture.until { !fixture.seen.all.isEmpty }
      call.cancel()
      #expect(await call.value.failure?.kind == .cancelled)
      await fixture.until { left.load(ordering: .relaxed) }
      #expect(fixture.methods() == ["tools/call"])
    }
  }

  @Test func `given up is said so in the handshake era`() async throws {
    try await TransportFixture.with(
      Script.handshake { request, responder in
        if request.method == "tools/call" {
          responder.hang()
        } else {
          responder.respond(status: 202)
        }
      }
    ) { fixture in
      try await fixture.open(knownEra: TransportFixture.handshake)
      let call = Task { await fixture.call(5) }
      await fixture.until { fixture.methods().last == "tools/call" }
      call.cancel()
      #expect(await call.value.failure?.kind == .cancelled)
      await fixture.until { fixture.methods().last == "notifications/cancelled" }
      #expect(fixture.seen.all.last?.body.contains(#""requestId":5"#) == true)
    }
  }

  @Test func `is answered although the server asks something in between`() async throws {
    try await TransportFixture.with(
      Script.handshake { request, responder in
        guard request.method == "tools/call" else { return responder.respond(status: 202) }
        responder.eventStream()
        responder.event(Array(#"{"id":"q1","method":"ping"}"#.utf8))
        responder.event(Array(#"{"id":"q2","method":"roots/list"}"#.utf8))
        responder.event(request.result("{}"))
        responder.finish()
      }
    ) { fixture in
      try await fixture.open(knownEra: TransportFixture.handshake)
      #expect(await fixture.call().result == "{}")
      let answers = fixture.seen.all.suffix(2).map(\.body)
      #expect(answers.first == #"{"jsonrpc":"2.0","id":"q1","result":{}}"#)
      #expect(answers.last?.contains("-32601") == true)
    }
  }
}
