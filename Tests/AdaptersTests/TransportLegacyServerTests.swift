import Engine
import FleetModel
import Synchronization
import Testing
import Wire

@testable import Adapters

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
