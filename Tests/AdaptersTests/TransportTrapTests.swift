import Engine
import FleetModel
import Testing
import Wire

@testable import Adapters

/// What other implementations were seen to do, against what one would expect of them.
@Suite(.timeLimit(.minutes(5))) struct `Traps of the wire` {
  private static let discovery = #"{"supportedVersions":["2026-07-28"]}"#

  @Test
  func `a modern server whose version header was dropped on the way is greeted as an old one`()
    async throws
  {
    try await TransportFixture.with { request, responder in
      switch request.method {
      case "server/discover":
        responder.json(
          request.error(-32600), status: 400, headers: [("Mcp-Session-Id", "discarded")])
      case "initialize": responder.json(request.result(#"{"protocolVersion":"2025-11-25"}"#))
      default: responder.respond(status: 202)
      }
    } _: { fixture in
      let era = try await fixture.open().era
      #expect(era == .handshake)
      #expect(
        fixture.seen.all.allSatisfy { $0.headers["mcp-session-id"] == nil },
        "the id of a refused request counts for nothing")
      #expect(fixture.seen.all[1].headers["mcp-protocol-version"] == nil)
    }
  }

  @Test(arguments: [(200, false), (200, true), (500, false), (400, false)])
  func `an error comes under any status, whole or as an event`(
    status: Int, isEvent: Bool
  ) async throws {
    try await TransportFixture.with { request, responder in
      guard isEvent else { return responder.json(request.error(-32603), status: status) }
      responder.eventStream()
      responder.event(request.error(-32603))
      responder.finish()
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      guard case .protocolError(let error) = await fixture.call().reply else {
        Issue.record("no error")
        return
      }
      #expect(error.code == -32603)
      #expect(error.httpStatus == status)
    }
  }

  @Test(arguments: ["null", "absent"])
  func `an error without an id is the answer of its exchange`(id: String) async throws {
    let start = id == "null" ? #"{"id":null,"# : "{"
    let body = Array((start + #""error":{"code":-32600,"message":"unreadable"}}"#).utf8)
    try await TransportFixture.with { request, responder in
      guard request.id == "1" else { return responder.json(body, status: 400) }
      responder.eventStream()
      responder.event(body)
      responder.finish()
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      for number in UInt64(1)...2 {
        guard case .protocolError(let error) = await fixture.call(number).reply else {
          Issue.record("no error")
          continue
        }
        #expect(error.message == "unreadable")
      }
    }
  }

  @Test(arguments: [-32602, -32601, 0])
  func `an unknown tool is refused in three ways, none of which ends the connection`(
    code: Int
  ) async throws {
    try await TransportFixture.with { request, responder in
      if code == 0 {
        return responder.json(request.result(#"{"isError":true,"content":[]}"#))
      }
      responder.json(request.error(code), status: code == -32601 ? 404 : 400)
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let exchange = await fixture.call()
      #expect(!exchange.closesConnection)
      switch exchange.reply {
      case .toolError: #expect(code == 0)
      case .protocolError(let error): #expect(error.code == code)
      case .success, .failure: Issue.record("neither error")
      }
    }
  }

  @Test func `pages of one list may live for different times, of which the shortest counts`()
    async throws
  {
    try await TransportFixture.with { request, responder in
      let more = request.body.contains(#""cursor":"#)
      responder.json(
        request.result(
          more ? #"{"tools":[],"ttlMs":7}"# : #"{"tools":[],"ttlMs":900,"nextCursor":""}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let list = try await fixture.transport.listTools(on: TransportFixture.connection)
      #expect(list.timeToLive == .milliseconds(7))
    }
  }

  @Test func `an empty 202 that calls itself JSON is not read`() async throws {
    try await TransportFixture.with(
      Script.handshake { request, responder in
        responder.json([], status: request.method == "tools/call" ? 202 : 200)
      }
    ) { fixture in
      try await fixture.open()
      #expect(await fixture.call().failure?.kind == .malformedAnswer)
    }
  }

  @Test func `an event stream that is slow to begin, and without any sign of life, is waited for`()
    async throws
  {
    let held = TransportFixture.Record<(SeenRequest, HTTPResponder)>()
    try await TransportFixture.with { request, responder in
      guard request.method == "tools/call" else {
        return responder.json(request.result(Self.discovery))
      }
      held.add((request, responder))
    } _: { fixture in
      let server = fixture.server
      try await fixture.open(server, knownEra: TransportFixture.modern)
      let call = Task { await fixture.call() }
      await fixture.until { held.all.count == 1 }
      // As a buffering proxy lets it through: late, and all at once.
      for _ in 0..<3 {
        try await fixture.transport.check(
          server, knownEra: TransportFixture.modern, connection: nil)
      }
      let (request, responder) = try #require(held.all.first)
      responder.eventStream()
      responder.event(request.result("{}"))
      responder.finish()
      #expect(await call.value.result == "{}")
    }
  }

  @Test func `a tool's name may be long, have a slash and no description`() async throws {
    let name = "a/" + String(repeating: "b", count: 126)
    try await TransportFixture.with { request, responder in
      responder.json(request.result(#"{"tools":[{"name":"\#(name)"}]}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let list = try await fixture.transport.listTools(on: TransportFixture.connection)
      #expect(list.tools.map(\.name) == [name])
    }
  }

  @Test func `what one endpoint of an origin speaks says nothing of another, nor of other headers`()
    async throws
  {
    try await TransportFixture.with { request, responder in
      let isOld = request.path == "/old" || request.headers["x-who"] == "b"
      switch request.method {
      case "server/discover":
        isOld
          ? responder.respond(status: 404) : responder.json(request.result(Self.discovery))
      case "initialize": responder.json(request.result(#"{"protocolVersion":"2025-06-18"}"#))
      default: responder.respond(status: 202)
      }
    } _: { fixture in
      let era = try await fixture.open().era
      #expect(era == .modern)
      let old = fixture.server(url: fixture.url.replacing("/mcp", with: "/old"))
      let oldEra = try await fixture.open(old).era
      #expect(oldEra == .handshake)
      let other = fixture.server(
        url: fixture.url, headers: [HeaderField(name: "X-Who", value: "b")])
      let otherEra = try await fixture.open(other).era
      #expect(otherEra == .handshake)
    }
  }

  @Test func `two answers to one request are one answer`() async throws {
    try await TransportFixture.with { request, responder in
      responder.eventStream()
      responder.event(request.result(#"{"n":1}"#))
      responder.event(request.result(#"{"n":2}"#))
      responder.finish()
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call(1).result == #"{"n":1}"#)
      #expect(await fixture.call(2).result == #"{"n":1}"#)
    }
  }

  @Test func `a session id that no header can hold ends the handshake`() async throws {
    try await TransportFixture.with { request, responder in
      responder.json(
        request.result(#"{"protocolVersion":"2025-06-18"}"#),
        headers: [("Mcp-Session-Id", "two words")])
    } _: { fixture in
      let failure = await #expect(throws: Failure.self) {
        try await fixture.open(knownEra: TransportFixture.handshake)
      }
      #expect(failure?.kind == .incompatibleProtocol)
    }
  }
}
