import Engine
import FleetModel
import Testing
import Wire

@testable import Adapters

extension TransportFixture {
  /// The texts of notes, in order.
  func notes() -> [String] {
    events.all.compactMap { if case .note(_, _, let text) = $0 { text } else { nil } }
  }

  func progress() -> [Double] {
    events.all.compactMap { if case .progress(_, let report) = $0 { report.progress } else { nil } }
  }

  func exchange(
    _ method: String, params: String = "{}", target: String? = nil, number: UInt64 = 1
  ) async -> Exchange {
    let call = Call(
      id: CallID(high: 0, low: number), server: ServerID("s"), method: method, target: target,
      params: JSONText(unchecked: Array(params.utf8)), origin: .cli)
    return await transport.exchange(
      call, attempt: AttemptID(number: number), on: Self.connection)
  }
}

private let question = #"""
  "inputRequests":{"q":{"method":"elicitation/create","params":{"message":"Sure?"}}}
  """#

@Suite(.timeLimit(.minutes(5))) struct `Over HTTP, a call that asks for input` {
  @Test func `is sent again under a new id with the answer and the state, and shown`() async throws
  {
    try await TransportFixture.with { request, responder in
      let isFirst = !request.body.contains("inputResponses")
      responder.json(
        request.result(
          isFirst
            ? #"{"resultType":"input_required",\#(question),"requestState":"s\u00e9"}"#
            : #"{"resultType":"complete","done":true}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call(arguments: #"{"n":1.0}"#).result?.contains("done") == true)
      let seen = fixture.seen.all
      #expect(seen.count == 2)
      #expect(seen[0].id != seen[1].id)
      #expect(seen[1].headers["mcp-name"] == "t")
      #expect(seen[1].body.contains(#""arguments":{"n":1.0}"#))
      #expect(seen[1].body.contains(#""inputResponses":{"q":{"action":"decline"}}"#))
      #expect(seen[1].body.contains(#""requestState":"s\u00e9""#))
      #expect(seen[1].body.contains(#""progressToken":1"#))
      #expect(fixture.notes() == ["asked for input: Sure?; answered with decline"])
    }
  }

  @Test func `may not have its answer kept`() async throws {
    try await TransportFixture.with { request, responder in
      let isFirst = !request.body.contains("inputResponses")
      responder.json(
        request.result(
          isFirst
            ? #"{"resultType":"input_required",\#(question)}"#
            : #"{"resultType":"complete","ttlMs":60000}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let asked = await fixture.exchange("resources/read", params: #"{"uri":"a"}"#, target: "a")
      #expect(asked.timeToLive == nil)
    }
  }

  @Test func `declares what is answered and nothing more`() async throws {
    try await TransportFixture.with(
      Script.handshake { request, responder in responder.json(request.result("{}")) }
    ) { fixture in
      try await fixture.open()
      let seen = fixture.seen.all
      #expect(
        seen[0].body.contains(
          #""io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}},"#
            + #""extensions":{"io.modelcontextprotocol/tasks":{}}}"#))
      #expect(seen[1].body.contains(#""capabilities":{"elicitation":{"form":{}}}"#))
    }
  }

  @Test func `in the handshake era has the server's own request answered`() async throws {
    let waiting = TransportFixture.Record<(SeenRequest, HTTPResponder)>()
    try await TransportFixture.with(
      Script.handshake { request, responder in
        if request.method == "tools/call" {
          waiting.add((request, responder))
          responder.eventStream()
          responder.event(
            Array(
              #"{"id":"e","method":"elicitation/create","params":{"message":"Sure?"}}"#.utf8))
          return
        }
        responder.respond(status: 202)
        guard let (call, stream) = waiting.all.first, request.body.contains("action") else {
          return
        }
        stream.event(call.result("{}"))
        stream.finish()
      }
    ) { fixture in
      try await fixture.open(
        fixture.server {
          $0.listens = false
          $0.inputAnswer = .cancel
        })
      #expect(await fixture.call().result == "{}")
      #expect(
        fixture.seen.all.last?.body
          == #"{"jsonrpc":"2.0","id":"e","result":{"action":"cancel"}}"#)
      #expect(fixture.notes() == ["asked for input: Sure?; answered with cancel"])
    }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `Over HTTP, a call that becomes a task` {
  private static let created =
    #"{"resultType":"task","taskId":"T 1","status":"working","pollIntervalMs":100}"#

  @Test func `is polled to its result, each change told as progress`() async throws {
    try await TransportFixture.with { request, responder in
      guard request.method == "tasks/get" else {
        return responder.json(request.result(Self.created))
      }
      responder.json(
        request.result(
          #"{"taskId":"T 1","status":"completed","result":{"content":[],"isError":true}}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      guard case .toolError = await fixture.call().reply else {
        Issue.record("the task's result is not the reply")
        return
      }
      #expect(fixture.methods() == ["tools/call", "tasks/get"])
      #expect(fixture.seen.all[1].headers["mcp-name"] == "T 1")
      #expect(fixture.seen.all[1].headers["mcp-method"] == "tasks/get")
      #expect(fixture.progress() == [1, 2])
    }
  }

  @Test func `survives a lost connection without being begun again`() async throws {
    let polls = TransportFixture.Record<Bool>()
    try await TransportFixture.with { request, responder in
      guard request.method == "tasks/get" else {
        return responder.json(request.result(Self.created))
      }
      polls.add(true)
      if polls.all.count == 1 { return responder.reset() }
      responder.json(
        request.result(#"{"taskId":"T 1","status":"completed","result":{"ok":1}}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call().result == #"{"ok":1}"#)
      #expect(fixture.methods() == ["tools/call", "tasks/get", "tasks/get"])
    }
  }

  @Test func `is cancelled when its caller gives up`() async throws {
    try await TransportFixture.with { request, responder in
      switch request.method {
      case "tools/call": responder.json(request.result(Self.created))
      case "tasks/get": responder.hang()
      default: responder.json(request.result("{}"))
      }
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let call = Task { await fixture.call() }
      await fixture.until { fixture.methods().contains("tasks/get") }
      call.cancel()
      #expect(await call.value.failure?.kind == .cancelled)
      await fixture.until { fixture.methods().contains("tasks/cancel") }
      #expect(fixture.seen.all.last?.body.contains(#""taskId":"T 1""#) == true)
    }
  }

  @Test func `of 2025-11-25 is asked for where the list says that the tool needs it`() async throws
  {
    try await TransportFixture.with { request, responder in
      switch request.method {
      case "initialize":
        responder.json(
          request.result(
            #"{"protocolVersion":"2025-11-25","capabilities":{"tasks":{"requests":{"tools":{"call":{}}}}}}"#
          ))
      case "tools/list":
        responder.json(
          request.result(#"{"tools":[{"name":"t","execution":{"taskSupport":"required"}}]}"#))
      case "tools/call":
        responder.json(
          request.result(#"{"task":{"taskId":"T","status":"working","pollInterval":100}}"#))
      case "tasks/get": responder.json(request.result(#"{"taskId":"T","status":"completed"}"#))
      case "tasks/result": responder.json(request.result(#"{"content":[]}"#))
      default: responder.respond(status: 202)
      }
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.handshake)
      _ = try await fixture.transport.listTools(on: TransportFixture.connection)
      #expect(await fixture.call().result == #"{"content":[]}"#)
      #expect(
        fixture.methods().suffix(3) == ["tools/call", "tasks/get", "tasks/result"])
      #expect(fixture.seen.all[3].body.contains(#""task":{}"#))
    }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `Over HTTP, what a server tells` {
  private static func progress(_ value: Double, token: String = "1") -> [UInt8] {
    Array(
      #"{"method":"notifications/progress","params":{"progressToken":\#(token),"progress":\#(value),"message":"at \#(value)"}}"#
        .utf8)
  }

  @Test func `of a call's progress is passed on while it grows, and only for that call`()
    async throws
  {
    try await TransportFixture.with { request, responder in
      responder.eventStream()
      for value in [0.5, 0.5, 0.25, 2] { responder.event(Self.progress(value)) }
      responder.event(Self.progress(9, token: "77"))
      responder.event(request.result("{}"))
      responder.finish()
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call().result == "{}")
      #expect(fixture.progress() == [0.5, 2])
      #expect(
        fixture.events.all.first
          == .progress(
            AttemptID(number: 1), CallProgress(progress: 0.5, message: "at 0.5")))
      #expect(fixture.seen.all[0].body.contains(#""progressToken":1,"#) == true)
    }
  }

  @Test func `in logs is shown from the level on that was asked for, and not without end`()
    async throws
  {
    @Sendable func log(_ level: String, _ text: String) -> [UInt8] {
      Array(
        #"{"method":"notifications/message","params":{"level":"\#(level)","data":"\#(text)"}}"#
          .utf8)
    }
    try await TransportFixture.with { request, responder in
      responder.eventStream()
      responder.event(log("info", "small"))
      for number in 1...14 { responder.event(log("error", "big \(number)")) }
      responder.event(request.result("{}"))
      responder.finish()
    } _: { fixture in
      try await fixture.open(
        fixture.server {
          $0.listens = false
          $0.logLevel = .warning
        }, knownEra: TransportFixture.modern)
      #expect(await fixture.call().result == "{}")
      #expect(
        fixture.seen.all[0].body.contains(
          #""io.modelcontextprotocol/logLevel":"warning""#))
      await fixture.until { fixture.notes().count > LogMeter.limit }
      #expect(fixture.notes().prefix(2) == ["big 1", "big 2"])
      #expect(fixture.notes().last == "4 more log messages came too fast to be shown")
      #expect(
        fixture.events.all.first == .note(ServerID("s"), .error, "big 1"))
    }
  }

  @Test func `in logs is asked for by its own request in the handshake era`() async throws {
    try await TransportFixture.with { request, responder in
      switch request.method {
      case "initialize":
        responder.json(
          request.result(#"{"protocolVersion":"2025-11-25","capabilities":{"logging":{}}}"#))
      case "logging/setLevel": responder.json(request.result("{}"))
      default: responder.respond(status: 202)
      }
    } _: { fixture in
      try await fixture.open(
        fixture.server {
          $0.listens = false
          $0.logLevel = .error
        }, knownEra: TransportFixture.handshake)
      #expect(fixture.methods().last == "logging/setLevel")
      #expect(fixture.seen.all.last?.body.contains(#""params":{"level":"error"}"#) == true)
    }
  }

  @Test func `in logs is not shown when nobody asked`() async throws {
    try await TransportFixture.with { request, responder in
      responder.eventStream()
      responder.event(
        Array(
          #"{"method":"notifications/message","params":{"level":"error","data":"x"}}"#.utf8))
      responder.event(request.result("{}"))
      responder.finish()
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.call().result == "{}")
      #expect(fixture.notes().isEmpty)
    }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `Over HTTP, any list` {
  @Test(arguments: [
    ("resources/list", "resources"), ("resources/templates/list", "resourceTemplates"),
    ("prompts/list", "prompts"), ("tools/list", "tools"),
  ])
  func `is read to its last page, an empty cursor being one`(
    method: String, key: String
  ) async throws {
    try await TransportFixture.with { request, responder in
      let more = request.body.contains(#""cursor":"#)
      responder.json(
        request.result(
          more
            ? #"{"\#(key)":[{"name":"b"}]}"#
            : #"{"\#(key)":[{"name":"a"}],"nextCursor":"","ttlMs":5}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let exchange = await fixture.exchange(method)
      #expect(exchange.result?.hasPrefix(#"{"\#(key)":[{"name":"a"},{"name":"b"}]"#) == true)
      #expect(fixture.seen.all.last?.body.contains(#""cursor":"""#) == true)
    }
  }

  @Test func `in a circle is malformed, and so is one of more than a hundred pages`() async throws {
    let pages = TransportFixture.Record<Bool>()
    try await TransportFixture.with { request, responder in
      pages.add(true)
      let cursor = request.body.contains("prompts") ? "x" : "\(pages.all.count)"
      responder.json(request.result(#"{"nextCursor":"\#(cursor)"}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      #expect(await fixture.exchange("prompts/list").failure?.message.contains("circle") == true)
      #expect(fixture.seen.all.count == 2)
      let endless = await fixture.exchange("resources/list", number: 2).failure
      #expect(endless?.message == "resources/list has more than 100 pages")
    }
  }

  @Test func `asked for with a cursor is the page that it names`() async throws {
    try await TransportFixture.with { request, responder in
      responder.json(request.result(#"{"prompts":[],"nextCursor":"z"}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let page = await fixture.exchange("prompts/list", params: #"{"cursor":"y"}"#)
      #expect(page.result == #"{"prompts":[],"nextCursor":"z"}"#)
      #expect(fixture.seen.all.count == 1)
    }
  }

  @Test(
    arguments: [
      ("completion/complete", nil), ("prompts/get", "p"), ("resources/read", "file:///é"),
      ("resources/subscribe", nil), ("resources/unsubscribe", nil), ("vendor/anything", nil),
    ] as [(String, String?)])
  func `and any other method goes out as it is`(method: String, target: String?) async throws {
    try await TransportFixture.with { request, responder in
      responder.json(request.result(#"{"x":1.0}"#))
    } _: { fixture in
      try await fixture.open(knownEra: TransportFixture.modern)
      let exchange = await fixture.exchange(
        method, params: #"{"_meta":{"traceparent":"00-1"},"k":1.0}"#, target: target)
      #expect(exchange.result == #"{"x":1.0}"#)
      let seen = try #require(fixture.seen.all.first)
      #expect(seen.headers["mcp-method"] == method)
      #expect(seen.headers["mcp-name"].flatMap { MCPHeaders.decode($0) } == target)
      #expect(seen.body.contains(#""traceparent":"00-1""#))
      #expect(seen.body.contains(#""k":1.0"#))
    }
  }
}
