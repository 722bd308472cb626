import Adapters
import Synchronization
import Testing
import Wire

@testable import FaultServer

@Suite(.timeLimit(.minutes(5))) struct FaultServerFaultTests {
  @Test(
    arguments: [
      (#"{"rateLimited":{"retryAfter":3}}"#, 429, "3"),
      (#"{"rateLimited":true}"#, 429, "1"),
      (#"{"status":{"code":500}}"#, 500, nil), (#"{"status":{"code":502}}"#, 502, nil),
      (#"{"status":{"code":503,"retryAfter":9}}"#, 503, "9"),
      (#"{"status":{"code":504}}"#, 504, nil),
    ] as [(String, Int, String?)])
  func `a status fault answers with its status and Retry-After`(
    faults: String, status: Int, retryAfter: String?
  ) async throws {
    try await withFaultServer { server in
      server.set(faults)
      let answer = server.call("counter")
      #expect(answer.status == status)
      #expect(answer.header("Retry-After") == retryAfter)
      #expect(server.counter("counter") == 0)
      #expect(server.exchange("GET", "/health").status == 200)
    }
  }

  @Test func `Retry-After can be a date`() async throws {
    try await withFaultServer { server in
      server.set(#"{"rateLimited":{"retryAfter":60,"as":"date"}}"#)
      let date = try #require(server.call("echo").header("Retry-After"))
      #expect(date.hasSuffix(" GMT") && date.count == 29)
    }
  }

  @Test func `a reset comes in the middle of an answer to a call that ran`() async throws {
    try await withFaultServer { server in
      server.set(#"{"reset":true}"#)
      let answer = server.call("counter")
      #expect(answer.ending == .reset)
      #expect(server.counter("counter") == 1)
    }
  }

  @Test func `a truncated answer is an event stream without its end`() async throws {
    try await withFaultServer { server in
      server.set(#"{"truncated":true}"#)
      let answer = server.call("echo", #"{"message":"hello"}"#)
      #expect(answer.ending == .orderly)
      #expect(answer.header("Content-Type") == "text/event-stream")
      #expect(answer.body.contains("event: message\ndata: {"))
      #expect(!answer.body.contains("\n\n"))
      #expect(!answer.body.hasSuffix("0\r\n\r\n"))
    }
  }

  @Test func `an event stream can carry a right answer`() async throws {
    try await withFaultServer { server in
      server.set(#"{"eventStream":true}"#)
      let answer = server.call("add", #"{"a":1,"b":2}"#)
      #expect(answer.header("Content-Type") == "text/event-stream")
      #expect(answer.body.contains("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,"))
      #expect(answer.body.hasSuffix("}\n\n\r\n0\r\n\r\n"))
    }
  }

  @Test func `garbage is a body without JSON, or bytes without HTTP`() async throws {
    try await withFaultServer { server in
      server.set(#"{"garbage":true}"#)
      let answer = server.call("echo")
      #expect(answer.status == 200)
      #expect(answer.json == nil)
      server.set(#"{"garbage":{"as":"http"}}"#)
      #expect(!server.call("echo").text.contains("HTTP/1.1"))
    }
  }

  @Test(
    arguments: [
      ("accepted", "HTTP/1.1 202"), ("redirect", "Location: http://127.0.0.1:9/mcp"),
      ("otherID", #""id":987654321,"result""#), ("booleanID", #""id":true,"#),
      ("noID", #"{"jsonrpc":"2.0","result":{}}"#), ("twice", #""id":7,"result":{"second":true}"#),
      ("deep", "[[[["), ("unknownType", "riddle"), ("noise", "is no JSON"),
    ])
  func `a misshapen answer is what its name says`(shape: String, mark: String) async throws {
    try await withFaultServer { server in
      server.set(#"{"misshapen":{"as":"\#(shape)"}}"#)
      #expect(server.call("counter").text.contains(mark))
      #expect(server.counter("counter") == 1)
      #expect(server.modern("tools/list").errorCode == nil)
    }
  }

  @Test func `errors of both kinds can be injected`() async throws {
    try await withFaultServer { server in
      server.set(#"{"protocolError":{"code":-32050,"message":"m"}}"#)
      #expect(server.call("counter").errorCode == -32050)
      #expect(server.modern("tools/list").errorCode == nil)
      server.set(#"{"toolError":{"message":"n"}}"#)
      let answer = server.call("counter")
      #expect(answer.resultText == "n")
      #expect(answer.json?.member("result")?.member("isError")?.bool == true)
      #expect(server.counter("counter") == 0)
    }
  }

  @Test func `a hung call never answers and the server goes on`() async throws {
    try await withFaultServer { server in
      server.set(#"{"hang":{"next":1}}"#)
      let client = try #require(TestClient(port: server.port))
      let headers = TestServer.modernHeaders("tools/list")
      client.send(server.request("POST", "/mcp", headers, TestServer.modernBody("tools/list")))
      while server.counter("requests") != 1 {}
      #expect(server.modern("tools/list").status == 200)
      #expect(client.received.isEmpty)
    }
  }

  @Test func `a flood goes on until the client leaves`() async throws {
    try await withFaultServer { server in
      server.set(#"{"flood":true}"#)
      var client = TestClient(port: server.port)
      client?.send(
        server.request(
          "POST", "/mcp", TestServer.modernHeaders("tools/call", name: "echo"),
          TestServer.modernBody("tools/call", #","name":"echo""#)))
      #expect(client?.readToEnd(byteLimit: 4_000_000) == .orderly)
      #expect(client?.received.count ?? 0 >= 4_000_000)
      client = nil
      while server.exchange("GET", "/fault").json?.member("connections")?.int != 1 {}
    }
  }

  @Test func `lost sessions are unknown afterwards`() async throws {
    try await withFaultServer { server in
      let session = try #require(server.initialize())
      #expect(server.handshake("ping", session: session).status == 200)
      server.set(#"{"sessionLoss":{"next":1}}"#)
      #expect(server.handshake("ping", session: session).status == 404)
      let fresh = try #require(server.initialize())
      #expect(server.handshake("ping", session: fresh).status == 200)
    }
  }

  @Test func `a refused server refuses, and listens again in time`() async throws {
    try await withFaultServer { server in
      #expect(server.set(#"{"refused":true}"#).status == 400)
      #expect(server.set(#"{"refused":{"seconds":0.05}}"#).status == 200)
      while server.exchange("GET", "/health").ending == .refused {}
      #expect(server.exchange("GET", "/health").status == 200)
    }
  }

  @Test func `a separate control port can refuse without end, and move the server`() async throws {
    try await withFaultServer(["--control", "0"]) { server in
      let control = try #require(await server.server.controlPort)
      func set(_ faults: String) -> Answer {
        server.exchange("PUT", "/fault", [], faults, on: control)
      }
      #expect(set(#"{"refused":true}"#).status == 200)
      #expect(server.exchange("GET", "/health").ending == .refused)
      #expect(set(#"{"port":0}"#).status == 200)
      let state = server.exchange("GET", "/fault", on: control).json
      let moved = try #require(state?.member("port")?.int.flatMap { UInt16(exactly: $0) })
      #expect(moved != server.port)
      #expect(server.exchange("GET", "/health").ending == .refused)
      #expect(server.exchange("GET", "/health", on: moved).status == 200)
      #expect(set("{}").status == 200)
      #expect(server.exchange("GET", "/health").status == 200)
    }
  }

  @Test func `health answers, fails or is missing as told`() async throws {
    try await withFaultServer { server in
      #expect(server.exchange("GET", "/health").body == #"{"status":"ok"}"#)
      server.set(#"{"health":503}"#)
      #expect(server.exchange("GET", "/health").status == 503)
      server.set(#"{"health":false}"#)
      #expect(server.exchange("GET", "/health").status == 404)
      server.set(#"{"status":{"code":500,"on":"everything"}}"#)
      #expect(server.exchange("GET", "/health").status == 500)
    }
    try await withFaultServer(["--no-health"]) { server in
      #expect(server.exchange("GET", "/health").status == 404)
    }
  }

  @Test func `a crash ends the process in the middle of the call that was counted`() async throws {
    let crashes = Atomic<Int>(0)
    try await withFaultServer(["--crash-after", "2"]) {
      crashes.add(1, ordering: .relaxed)
    } _: { server in
      #expect(server.call("counter").resultText == "count 1")
      let client = try #require(TestClient(port: server.port))
      client.send(
        server.request(
          "POST", "/mcp", TestServer.modernHeaders("tools/call", name: "counter"),
          TestServer.modernBody("tools/call", #","name":"counter""#)))
      while crashes.load(ordering: .relaxed) == 0 {}
      #expect(client.received.isEmpty)
      #expect(server.counter("counter") == 2)
    }
  }

  @Test func `hostile text arrives escaped, and only when asked for`() async throws {
    try await withFaultServer { server in
      #expect(!server.modern("tools/list").body.contains(#"\u001b"#))
      server.set(#"{"hostile":true,"toolError":true}"#)
      for answer in [server.modern("tools/list"), server.call("echo")] {
        #expect(answer.body.contains(#"\u001b[2J"#))
        #expect(answer.json != nil)
      }
    }
  }

  @Test func `a key that came twice is seen to have run twice`() async throws {
    try await withFaultServer { server in
      func count(_ key: String) -> String? {
        let body = TestServer.modernBody("tools/call", #","name":"counter""#)
          .replacing(#"_meta":{"#, with: #"_meta":{"\#(Dialect.idempotencyKey)":"\#(key)","#)
        let headers = TestServer.modernHeaders("tools/call", name: "counter")
        return server.exchange("POST", "/mcp", headers, body).resultText
      }
      #expect(count("a") == "count 1, 1 for this key")
      #expect(count("b") == "count 2, 1 for this key")
      #expect(count("a") == "count 3, 2 for this key")
      #expect(server.counter("repeats") == 1)
    }
  }

  @Test func `leaving cancels a modern call, not one of the handshake era`() async throws {
    try await withFaultServer { server in
      let session = try #require(server.initialize())
      let sleep = #""name":"sleep","arguments":{"milliseconds":60000}"#
      let calls = [
        server.request(
          "POST", "/mcp", TestServer.accept + ["Mcp-Session-Id: \(session)"],
          #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{\#(sleep)}}"#),
        server.request(
          "POST", "/mcp", TestServer.modernHeaders("tools/call", name: "sleep"),
          TestServer.modernBody("tools/call", "," + sleep)),
      ]
      for (index, call) in calls.enumerated() {
        var client = TestClient(port: server.port)
        client?.send(call)
        while server.counter("calls") != index + 1 {}
        client = nil
        while server.exchange("GET", "/fault").json?.member("connections")?.int != 1 {}
        #expect(server.counter("cancellations") == index)
      }
    }
  }

  @Test func `the same seed misbehaves the same, another differently`() async throws {
    func statuses(_ seed: String) async throws -> [Int?] {
      var statuses: [Int?] = []
      try await withFaultServer(["--seed", seed]) { server in
        server.set(#"{"status":[{"code":500,"probability":0.3},{"code":503,"probability":0.3}]}"#)
        statuses = (0..<60).map { _ in server.modern("tools/list").status }
      }
      return statuses
    }
    let first = try await statuses("5")
    #expect(Set(first) == [200, 500, 503])
    #expect(try await statuses("5") == first)
    #expect(try await statuses("6") != first)
  }

  @Test func `a script is followed from its start`() async throws {
    let text = #"[{"at":0,"faults":{"status":{"code":500}}},{"at":0.05,"faults":{}}]"#
    let script = try FaultScript(try JSONView(Array(text.utf8)))
    try await withFaultServer(script: script) { server in
      #expect([200, 500].contains(server.modern("tools/list").status))
      while server.modern("tools/list").status != 200 {}
    }
  }

  @Test(
    arguments: [
      ("PUT", "/fault", #"{"hang":2}"#, 400, "faults.hang: 2: give a probability"),
      ("POST", "/fault", "{", 400, "the body is no JSON"), ("PATCH", "/fault", "{}", 405, ""),
      ("GET", "/fault/crash", "", 405, ""), ("GET", "/fault/other", "", 404, ""),
      ("GET", "/elsewhere", "", 404, ""),
    ])
  func `the control endpoint refuses what it does not understand`(
    method: String, path: String, body: String, status: Int, text: String
  ) async throws {
    try await withFaultServer { server in
      let answer = server.exchange(method, path, [], body)
      #expect(answer.status == status)
      #expect(answer.body.contains(text) || text.isEmpty)
      #expect(server.modern("tools/list").status == 200)
    }
  }

  @Test func `a POST changes one fault and a PUT all`() async throws {
    try await withFaultServer { server in
      server.set(#"{"status":{"code":500},"latency":1}"#)
      #expect(server.set(#"{"status":null}"#, method: "POST").body.contains("latency"))
      #expect(server.modern("tools/list").status == 200)
      #expect(!server.set("{}").body.contains("latency"))
    }
  }
}
