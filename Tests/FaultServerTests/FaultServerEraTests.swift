import FleetModel
import Testing
import Wire

@testable import FaultServer

/// A modern echo call as it should be; the cases below spoil one thing each.
private let goodHeaders = TestServer.modernHeaders("tools/call", name: "echo")
private let goodBody = TestServer.modernBody(
  "tools/call", #","name":"echo","arguments":{"message":"hi"}"#)

@Suite(.timeLimit(.minutes(5))) struct FaultServerEraTests {
  struct Spoiled: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var headers = goodHeaders
    var body = goodBody
    var status: Int
    var code: Int?

    init(
      _ name: String, _ status: Int, _ code: Int? = nil, without header: String? = nil,
      with added: String? = nil, body: String = goodBody
    ) {
      testDescription = name
      (self.status, self.code, self.body) = (status, code, body)
      headers.removeAll { line in header.map { line.hasPrefix($0 + ":") } ?? false }
      headers += added.map { [$0] } ?? []
    }
  }

  @Test(
    arguments: [
      Spoiled("nothing", 200),
      Spoiled(
        "encoded name", 200, without: "Mcp-Name", with: "Mcp-Name: =?base64?ZWNobw==?="),
      Spoiled("only JSON accepted", 406, without: "Accept", with: "Accept: application/json"),
      Spoiled("no content type", 415, without: "Content-Type"),
      Spoiled("foreign origin", 403, with: "Origin: http://evil.example"),
      Spoiled("near origin", 403, with: "Origin: http://localhost.evil.example"),
      Spoiled("local origin", 200, with: "Origin: http://localhost:3000"),
      Spoiled("no JSON", 400, -32700, body: "{"),
      Spoiled("no message", 400, -32600, body: "[]"),
      Spoiled("no method header", 400, -32020, without: "Mcp-Method"),
      Spoiled("two method headers", 400, -32020, with: "Mcp-Method: tools/call"),
      Spoiled(
        "wrong method header", 400, -32020, without: "Mcp-Method", with: "Mcp-Method: TOOLS/CALL"),
      Spoiled("no name header", 400, -32020, without: "Mcp-Name"),
      Spoiled("wrong name header", 400, -32020, without: "Mcp-Name", with: "Mcp-Name: add"),
      Spoiled(
        "other version in the body", 400, -32020,
        body: goodBody.replacing("2026-07-28", with: "2027-01-01")),
      Spoiled(
        "unknown version", 400, -32022, without: "MCP-Protocol-Version",
        with: "MCP-Protocol-Version: 2027-01-01",
        body: goodBody.replacing("2026-07-28", with: "2027-01-01")),
      Spoiled(
        "no version in the body", 400, -32602,
        body: goodBody.replacing("protocolVersion", with: "x")),
      Spoiled(
        "no capabilities", 400, -32602, body: goodBody.replacing("clientCapabilities", with: "x")),
      Spoiled(
        "no version header: the handshake era's door", 400, -32600,
        without: "MCP-Protocol-Version"),
      Spoiled("a notification", 202, body: #"{"jsonrpc":"2.0","method":"notifications/x"}"#),
    ])
  func `the modern door checks headers and metadata`(spoiled: Spoiled) async throws {
    try await withFaultServer { server in
      let answer = server.exchange("POST", "/mcp", spoiled.headers, spoiled.body)
      #expect(answer.status == spoiled.status)
      #expect(answer.errorCode == spoiled.code)
    }
  }

  @Test func `an unsupported version is answered with those supported`() async throws {
    try await withFaultServer { server in
      let body = goodBody.replacing("2026-07-28", with: "2027-01-01")
      let headers = goodHeaders.map { $0.replacing("2026-07-28", with: "2027-01-01") }
      let error = server.exchange("POST", "/mcp", headers, body).json?.member("error")
      #expect(
        error?.member("data")?.json.text
          == #"{"supported":["2026-07-28"],"requested":"2027-01-01"}"#)
    }
  }

  @Test func `modern methods answer, and removed ones are gone with 404`() async throws {
    try await withFaultServer { server in
      let discovery = server.modern("server/discover").json?.member("result")
      #expect(discovery?.member("supportedVersions")?.json.text == #"["2026-07-28"]"#)
      #expect(discovery?.member("resultType")?.string == "complete")
      let list = server.modern("tools/list").json?.member("result")
      let names = list?.member("tools")?.elements.compactMap { $0.member("name")?.string }
      #expect(names == ["echo", "add", "sleep", "fail", "counter", "whoami", "confirm"])
      #expect(list?.member("ttlMs")?.int == 60_000)
      #expect(list?.member("cacheScope")?.string == "public")
      for method in ["ping", "initialize", "logging/setLevel", "resources/subscribe"] {
        let answer = server.modern(method)
        #expect(answer.status == 404)
        #expect(answer.errorCode == -32601)
      }
      for method in ["GET", "DELETE"] {
        let answer = server.exchange(method, "/mcp", ["MCP-Protocol-Version: 2026-07-28"])
        #expect(answer.status == 405)
        #expect(answer.header("Allow") == "POST")
      }
    }
  }

  @Test func `the tools do what they say`() async throws {
    try await withFaultServer { server in
      #expect(server.call("echo", #"{"message":"h\u00e9 \"\n"}"#).resultText == "hé \"\n")
      #expect(server.call("add", #"{"a":1.5,"b":2}"#).resultText == "3.5")
      #expect(server.call("sleep", #"{"milliseconds":1}"#).resultText == "slept 1 ms")
      #expect(server.call("whoami").resultText == "faultserver, 2026-07-28")
      #expect(server.call("counter").resultText == "count 1")
      let failure = server.call("fail")
      #expect(failure.status == 200)
      #expect(failure.json?.member("result")?.member("isError")?.bool == true)
      for (tool, arguments) in [("echo", "{}"), ("add", #"{"a":1}"#), ("sleep", "{}")] {
        let refused = server.call(tool, arguments).json?.member("result")
        #expect(refused?.member("isError")?.bool == true)
      }
      #expect(server.call("nope").errorCode == -32602)
      #expect(server.call("confirm").errorCode == -32021)
      let capable = TestServer.modernBody("tools/call", #","name":"confirm""#)
        .replacing(#"clientCapabilities":{}"#, with: #"clientCapabilities":{"elicitation":{}}"#)
      let headers = TestServer.modernHeaders("tools/call", name: "confirm")
      let asked = server.exchange("POST", "/mcp", headers, capable).json?.member("result")
      #expect(asked?.member("resultType")?.string == "input_required")
      let answered = capable.replacing(
        #""name":"confirm""#,
        with: #""name":"confirm","inputResponses":{"sure":{"action":"cancel"}}"#)
      #expect(
        server.exchange("POST", "/mcp", headers, answered).resultText == "answered with cancel")
    }
  }

  @Test(arguments: ProtocolVersion.handshake)
  func `a handshake opens a session that ends with DELETE`(version: String) async throws {
    try await withFaultServer { server in
      let session = try #require(server.initialize(version))
      #expect(
        server.handshake("tools/call", session: session, #"{"name":"whoami"}"#).resultText
          == "faultserver, \(version)")
      #expect(server.handshake("ping", session: session).json?.member("result") != nil)
      let unknown = server.handshake("server/discover", session: session)
      #expect(unknown.status == 200)
      #expect(unknown.errorCode == -32601)
      #expect(server.exchange("DELETE", "/mcp", ["Mcp-Session-Id: \(session)"]).status == 200)
      #expect(server.handshake("ping", session: session).status == 404)
      #expect(server.exchange("DELETE", "/mcp", ["Mcp-Session-Id: \(session)"]).status == 404)
    }
  }

  @Test func `a handshake with an unknown version gets the newest one that is known`() async throws
  {
    try await withFaultServer { server in
      let session = try #require(server.initialize("1999-01-01"))
      #expect(
        server.handshake("tools/call", session: session, #"{"name":"whoami"}"#).resultText
          == "faultserver, 2025-11-25")
      #expect(server.handshake("ping", session: "unknown").status == 404)
    }
  }

  @Test func `a server of one era refuses the other`() async throws {
    try await withFaultServer(["--era", "modern"]) { server in
      #expect(server.modern("tools/list").status == 200)
      let body =
        #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#
      let answer = server.exchange("POST", "/mcp", TestServer.accept, body)
      #expect(answer.errorCode == -32022)
      #expect(answer.header("Mcp-Session-Id") == nil)
      #expect(server.exchange("GET", "/mcp").status == 405)
    }
    try await withFaultServer(["--era", "handshake"]) { server in
      #expect(server.initialize() != nil)
      let answer = server.modern("server/discover")
      #expect(answer.status == 400)
      #expect(answer.errorCode == -32600)
    }
  }

  @Test func `changed tools are announced to those who listen, in both eras`() async throws {
    try await withFaultServer { server in
      let modern = try #require(TestClient(port: server.port))
      let listening = #","notifications":{"toolsListChanged":true}"#
      modern.send(
        server.request(
          "POST", "/mcp", TestServer.modernHeaders("subscriptions/listen"),
          TestServer.modernBody("subscriptions/listen", listening)))
      #expect(modern.read(until: "notifications/subscriptions/acknowledged"))
      let session = try #require(server.initialize())
      let handshake = try #require(TestClient(port: server.port))
      let open = server.request(
        "GET", "/mcp", ["Accept: text/event-stream", "Mcp-Session-Id: \(session)"], "")
      handshake.send(open)
      #expect(handshake.read(until: "text/event-stream"))
      let second = try #require(TestClient(port: server.port))
      second.send(open)
      #expect(second.read(until: "409"))

      #expect(server.set(#"{"toolsRevision":2}"#).status == 200)
      #expect(modern.read(until: "list_changed"))
      #expect(modern.text.contains(#""io.modelcontextprotocol/subscriptionId":7"#))
      #expect(handshake.read(until: "list_changed"))
      #expect(server.modern("tools/list").body.contains(#""name":"extra_2""#))
      #expect(server.call("extra_2").resultText == "extra")
    }
  }
}
