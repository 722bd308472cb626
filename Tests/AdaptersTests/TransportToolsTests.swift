import Engine
import FleetModel
import Synchronization
import Testing

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `A tool list over HTTP` {
  @Test func `is read page by page`() async throws {
    try await TransportFixture.with { request, responder in
      let isFirst = !request.body.contains("cursor")
      responder.json(
        request.result(
          isFirst
            ? #"{"tools":[{"name":"a","annotations":{"readOnlyHint":true}}],"nextCursor":"","ttlMs":5000}"#
            : #"{"tools":[{"name":"b"}],"ttlMs":7000}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let list = try await fixture.transport.listTools(on: TransportFixture.connection)
      #expect(list.tools.map(\.name) == ["a", "b"])
      #expect(list.tools.map(\.isReadOnly) == [true, false])
      #expect(list.timeToLive == .seconds(5))
      #expect(
        list.result.text
          == #"{"tools":[{"name":"a","annotations":{"readOnlyHint":true}},{"name":"b"}],"ttlMs":5000}"#
      )
    }
  }

  @Test func `that goes round in a circle fails`() async throws {
    try await TransportFixture.with { request, responder in
      responder.json(request.result(#"{"tools":[],"nextCursor":"x"}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      await #expect(throws: Failure.self) {
        try await fixture.transport.listTools(on: TransportFixture.connection)
      }
      #expect(fixture.seen.all.count == 2)
    }
  }

  @Test func `without end fails after the page limit`() async throws {
    let page = Atomic<Int>(0)
    try await TransportFixture.with { request, responder in
      let number = page.add(1, ordering: .relaxed).newValue
      responder.json(request.result(#"{"tools":[],"nextCursor":"\#(number)"}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      await #expect(throws: Failure.self) {
        try await fixture.transport.listTools(on: TransportFixture.connection)
      }
      #expect(fixture.seen.all.count == ToolPages.pageLimit)
    }
  }

  @Test func `of a server without tools is empty`() async throws {
    try await TransportFixture.with { request, responder in
      responder.json(request.error(-32601), status: 404)
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let list = try await fixture.transport.listTools(on: TransportFixture.connection)
      #expect(list.tools.isEmpty)
      #expect(list.result.text == #"{"tools":[]}"#)
    }
  }

  @Test func `teaches which arguments go into headers, and again after a mismatch`() async throws {
    let header = Mutex("Region")
    try await TransportFixture.with { request, responder in
      let name = header.withLock { $0 }
      if request.method == "tools/list" {
        return responder.json(
          request.result(
            #"{"tools":[{"name":"t","inputSchema":{"properties":{"r":{"type":"string","x-mcp-header":"\#(name)"}}}}]}"#
          ))
      }
      guard request.headers["mcp-param-\(name.lowercased())"] == "eu" else {
        return responder.json(request.error(-32020), status: 400)
      }
      responder.json(request.result("{}"))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let arguments = #"{"r":"eu"}"#
      #expect(await fixture.call(1, arguments: arguments).result == "{}", "learned by the mismatch")
      #expect(await fixture.call(2, arguments: arguments).result == "{}")
      #expect(fixture.methods() == ["tools/call", "tools/list", "tools/call", "tools/call"])
      header.withLock { $0 = "Zone" }
      #expect(await fixture.call(3, arguments: arguments).result == "{}")
    }
  }

  @Test func `leaves out a tool with a bad header annotation and says so once`() async throws {
    try await TransportFixture.with { request, responder in
      responder.json(
        request.result(
          #"{"tools":[{"name":"bad","inputSchema":{"properties":{"r":{"type":"number","x-mcp-header":"R"}}}}]}"#
        ))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      for _ in 0..<2 {
        #expect(
          try await fixture.transport.listTools(on: TransportFixture.connection).tools.isEmpty)
      }
      #expect(fixture.events.all.count == 1)
    }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `A check over HTTP` {
  @Test func `asks the health page where there is one`() async throws {
    try await TransportFixture.with { request, responder in
      responder.respond(status: request.path == "/health" ? 200 : 500)
    } _: { fixture in
      try await fixture.check(TransportFixture.modern)
      #expect(fixture.seen.all.map(\.path) == ["/health"])
    }
  }

  @Test func `remembers that there is none and asks discover`() async throws {
    try await TransportFixture.with { request, responder in
      if request.path == "/health" { return responder.respond(status: 404) }
      responder.json(request.result(#"{"supportedVersions":["2026-07-28"]}"#))
    } _: { fixture in
      try await fixture.check(TransportFixture.modern)
      try await fixture.check(TransportFixture.modern)
      #expect(fixture.methods() == ["GET", "server/discover", "server/discover"])
    }
  }

  @Test func `pings in an open session, and opens one of its own without`() async throws {
    try await TransportFixture.with(
      Script.handshake { request, responder in
        if request.path == "/health" { return responder.respond(status: 405) }
        responder.json(request.result("{}"))
      }
    ) { fixture in
      try await fixture.check(TransportFixture.handshake)
      #expect(
        fixture.methods() == ["GET", "initialize", "notifications/initialized", "DELETE"])
      try await fixture.open(knownEra: TransportFixture.handshake)
      try await fixture.transport.check(
        fixture.server, knownEra: TransportFixture.handshake,
        connection: TransportFixture.connection)
      #expect(fixture.methods().last == "ping")
    }
  }

  @Test(arguments: [500, 503])
  func `fails when the server is ill`(status: Int) async throws {
    try await TransportFixture.with { _, responder in
      responder.respond(status: status)
    } _: { fixture in
      let failure = await #expect(throws: Failure.self) {
        try await fixture.check(TransportFixture.modern)
      }
      #expect(failure?.kind == .httpStatus(status))
    }
  }

  @Test func `takes a refusal for a sign of life`() async throws {
    try await TransportFixture.with { request, responder in
      if request.path == "/health" { return responder.respond(status: 404) }
      responder.json(request.error(-32601), status: 404)
    } _: { fixture in
      try await fixture.check(TransportFixture.modern)
    }
  }
}

extension TransportFixture {
  fileprivate func check(_ era: ConnectionInfo?) async throws {
    try await transport.check(server, knownEra: era, connection: nil)
  }
}
