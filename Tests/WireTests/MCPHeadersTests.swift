import FleetModel
import Testing

@testable import Wire

@Suite struct `MCP's HTTP headers` {
  private let client = ClientIdentity(name: "c", version: "1")

  private func names(_ fields: [HeaderField]) -> [String] {
    fields.map { "\($0.name): \($0.value)" }
  }

  private let always = [
    "Content-Type: application/json", "Accept: application/json, text/event-stream",
  ]

  @Test func `name version, method and tool in the modern era, and no session`() {
    #expect(
      names(
        MCPHeaders.post(
          method: "tools/call", target: "add",
          dialect: .modern(version: "2026-07-28", client: client), session: "s"))
        == always + [
          "MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", "Mcp-Name: add",
        ])
  }

  @Test(arguments: [
    ("tools/call", "n"), ("prompts/get", "n"), ("resources/read", "u"), ("tasks/cancel", "i"),
    ("tools/list", nil), ("server/discover", nil),
  ])
  func `repeat what the params name`(method: String, expected: String?) {
    let params = JSONText(unchecked: Array(#"{"name":"n","uri":"u","taskId":"i"}"#.utf8))
    #expect(MCPHeaders.target(of: method, params: params) == expected)
  }

  @Test func `carry session and version in the handshake era`() {
    #expect(
      names(
        MCPHeaders.post(
          method: "tools/call", target: "add", dialect: .handshake(version: "2025-06-18"),
          session: "s"))
        == always + ["MCP-Protocol-Version: 2025-06-18", "Mcp-Session-Id: s"])
    #expect(
      names(
        MCPHeaders.post(
          method: "ping", target: nil, dialect: .handshake(version: "2025-03-26"), session: nil))
        == always, "the version header is younger")
    #expect(
      names(MCPHeaders.post(method: "initialize", target: nil, dialect: nil, session: nil))
        == always)
  }

  @Test func `resume a stream after its last event`() {
    #expect(
      names(
        MCPHeaders.sessionRequest(
          dialect: .handshake(version: "2025-11-25"), session: "s", lastEventID: "9"))
        == [
          "Accept: text/event-stream", "MCP-Protocol-Version: 2025-11-25", "Mcp-Session-Id: s",
          "Last-Event-ID: 9",
        ])
  }

  @Test(arguments: [
    ("add", "add"), ("a b\tc", "a b\tc"), ("", ""), (" add", "=?base64?IGFkZA==?="),
    ("add ", "=?base64?YWRkIA==?="), ("ü", "=?base64?w7w=?="), ("a\nb", "=?base64?YQpi?="),
    ("=?base64?YQ==?=", "=?base64?PT9iYXNlNjQ/WVE9PT89?="), ("=?base64?", "=?base64?"),
  ])
  func `encode what a header cannot hold, and back`(value: String, encoded: String) {
    #expect(MCPHeaders.encode(value) == encoded)
    #expect(MCPHeaders.decode(encoded) == value)
  }

  @Test(arguments: [
    "=?base64?YQ?=", "=?base64?Y?=", "=?base64?YR==?=", "=?base64?/w==?=", "=?base64?Y Q=?=",
  ])
  func `decode nothing from a bad encoding`(value: String) {
    #expect(MCPHeaders.decode(value) == nil)
  }
}
