import Engine
import FleetModel
import Synchronization
import Testing
import Wire

@testable import Adapters

/// A bridge that knows its clients, as a script.
private final class BridgeScript: Sendable {
  private let clients = Mutex<Set<String>>([])
  private let called: @Sendable (SeenRequest, HTTPResponder) -> Void

  init(
    _ called: @escaping @Sendable (SeenRequest, HTTPResponder) -> Void = { _, responder in
      responder.json(Array(#"{"success":true,"result":{"content":[]}}"#.utf8))
    }
  ) {
    self.called = called
  }

  func restart() { clients.withLock { $0 = [] } }

  func answer(_ request: SeenRequest, _ responder: HTTPResponder) {
    let isKnown = clients.withLock { $0.contains("me") }
    switch request.path {
    case "/base/api/connect":
      clients.withLock { _ = $0.insert("me") }
      responder.json(
        Array(
          (isKnown ? #"{"success":false,"error":"already there"}"# : #"{"success":true}"#).utf8))
    case "/base/api/disconnect":
      clients.withLock { _ = $0.remove("me") }
      responder.json(Array(#"{"success":true}"#.utf8))
    case "/base/health": responder.json(Array(#"{"status":"healthy"}"#.utf8))
    case _ where !isKnown:
      responder.json(Array(#"{"error":"Client me not connected"}"#.utf8), status: 404)
    case "/base/api/list_tools":
      responder.json(
        Array(#"{"success":true,"tools":[{"name":"a"},{"name":"b"}]}"#.utf8))
    default: called(request, responder)
    }
  }
}

extension TransportFixture {
  fileprivate static func bridge(
    _ script: BridgeScript = BridgeScript(), _ body: (TransportFixture) async throws -> Void
  ) async throws {
    try await with({ script.answer($0, $1) }, body)
  }

  fileprivate var bridgeServer: ServerDefinition {
    let endpoint = BridgeEndpoint(
      baseURL: "http://127.0.0.1:\(port)/base/",
      headers: [HeaderField(name: "X-Key", value: "k")], clientID: "me",
      target: .remote(transport: "http", url: "http://x/mcp"))
    return ServerDefinition(id: ServerID("s"), endpoint: .bridge(endpoint))
  }

  fileprivate func paths() -> [String] {
    seen.all.map { String($0.path.dropFirst("/base".count)) }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `Through a bridge, a server` {
  @Test func `is connected, listed, called and let go`() async throws {
    try await TransportFixture.bridge { fixture in
      let info = try await fixture.open(fixture.bridgeServer)
      #expect(
        info == ConnectionInfo(era: .unknown, protocolVersion: "bridge", transport: .bridge))
      let list = try await fixture.transport.listTools(on: TransportFixture.connection)
      #expect(list.tools.map(\.name) == ["a", "b"])
      #expect(await fixture.call(tool: "a", arguments: #"{"x":1}"#).result == #"{"content":[]}"#)
      await fixture.transport.close(TransportFixture.connection)
      #expect(
        fixture.paths() == ["/api/connect", "/api/list_tools", "/api/call_tool", "/api/disconnect"])
      let seen = fixture.seen.all
      #expect(seen.allSatisfy { $0.headers["x-key"] == "k" })
      #expect(seen.allSatisfy { $0.headers["content-type"] == "application/json" })
      #expect(seen[2].body == #"{"client_id":"me","tool_name":"a","arguments":{"x":1}}"#)
    }
  }

  @Test func `is one client, however many connections there are`() async throws {
    try await TransportFixture.bridge { fixture in
      let transport = fixture.transport
      let server = fixture.bridgeServer
      let ids = (1...5).map { ConnectionID(number: UInt64($0)) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for id in ids {
          group.addTask { _ = try await transport.open(id, to: server, knownEra: nil) }
        }
        try await group.waitForAll()
      }
      #expect(fixture.paths() == ["/api/connect"])
      for id in ids.dropLast() { await transport.close(id) }
      #expect(fixture.paths() == ["/api/connect"])
      await transport.close(ids[4])
      #expect(fixture.paths() == ["/api/connect", "/api/disconnect"])
    }
  }

  @Test func `that the bridge forgot is connected again by the next opening`() async throws {
    let script = BridgeScript()
    try await TransportFixture.bridge(script) { fixture in
      try await fixture.open(fixture.bridgeServer)
      script.restart()
      let exchange = await fixture.call()
      #expect(exchange.failure?.kind == .sessionLost)
      #expect(exchange.failure?.delivery == .refused)
      #expect(exchange.closesConnection)
      await fixture.transport.close(TransportFixture.connection)
      try await fixture.open(fixture.bridgeServer)
      #expect(await fixture.call(2).result != nil)
      #expect(
        fixture.paths() == ["/api/connect", "/api/call_tool", "/api/connect", "/api/call_tool"])
    }
  }

  @Test func `left behind by an earlier run is disconnected first`() async throws {
    let script = BridgeScript()
    try await TransportFixture.bridge(script) { fixture in
      let other = MCPTransport(
        loop: fixture.loop, client: ClientIdentity(name: "other", version: "1"))
      _ = try await other.open(
        ConnectionID(number: 9), to: fixture.bridgeServer, knownEra: nil)
      try await fixture.open(fixture.bridgeServer)
      #expect(
        fixture.paths() == ["/api/connect", "/api/connect", "/api/disconnect", "/api/connect"])
      await other.shutdown()
    }
  }

  @Test func `has nothing but tools`() async throws {
    try await TransportFixture.bridge { fixture in
      try await fixture.open(fixture.bridgeServer)
      let call = Call(
        id: CallID(high: 0, low: 1), server: ServerID("s"), method: "resources/list", origin: .cli)
      let exchange = await fixture.transport.exchange(
        call, attempt: AttemptID(number: 1), on: TransportFixture.connection)
      guard case .protocolError(let error) = exchange.reply else {
        Issue.record("no protocol error")
        return
      }
      #expect(error.code == -32601)
      #expect(!exchange.closesConnection)
      #expect(fixture.paths() == ["/api/connect"])
    }
  }

  @Test func `is checked by the bridge's health page`() async throws {
    try await TransportFixture.bridge { fixture in
      try await fixture.transport.check(fixture.bridgeServer, knownEra: nil, connection: nil)
      #expect(fixture.paths() == ["/health"])
    }
  }

  @Test func `is validated by its list`() async throws {
    let script = BridgeScript()
    try await TransportFixture.bridge(script) { fixture in
      try await fixture.open(fixture.bridgeServer)
      try await fixture.transport.validate(TransportFixture.connection)
      script.restart()
      await #expect(throws: Failure.self) {
        try await fixture.transport.validate(TransportFixture.connection)
      }
    }
  }

  @Test func `ends a call given up, and a wait for a connection`() async throws {
    try await TransportFixture.with { _, responder in
      responder.hang()
    } _: { fixture in
      let opening = Task { () -> Failure? in
        do throws(Failure) {
          try await fixture.open(fixture.bridgeServer)
          return nil
        } catch {
          return error
        }
      }
      await fixture.until { !fixture.seen.all.isEmpty }
      opening.cancel()
      #expect(await opening.value?.kind == .cancelled)
    }
  }
}
