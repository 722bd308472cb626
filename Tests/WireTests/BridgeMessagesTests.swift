import FleetModel
import Testing
import Wire

@Suite struct `A bridge is asked` {
  private func text(_ target: BridgeEndpoint.Target, provider: String? = nil) -> String {
    String(
      decoding: BridgeMessages.connect(
        BridgeEndpoint(
          baseURL: "http://b", clientID: "me", target: target, oauthProvider: provider)),
      as: UTF8.self)
  }

  @Test func `to connect to an address`() {
    #expect(
      text(.remote(transport: "http", url: "http://x/mcp"))
        == #"{"client_id":"me","transport":"http","mcp_url":"http://x/mcp"}"#)
    #expect(
      text(.remote(transport: "sse", url: "http://x/sse"), provider: "google")
        == #"{"client_id":"me","transport":"sse","mcp_url":"http://x/sse","oauth_provider":"google"}"#
    )
  }

  @Test func `to start a program`() {
    let variable = EnvironmentVariable(name: "KEY", value: "va\"lue")
    #expect(
      text(.stdio(command: "uvx", arguments: ["a", "b c"], environment: [variable]))
        == #"{"client_id":"me","transport":"stdio","command":"uvx","args":["a","b c"],"env":{"KEY":"va\"lue"}}"#
    )
    #expect(
      text(.stdio(command: "uvx", arguments: [], environment: []))
        == #"{"client_id":"me","transport":"stdio","command":"uvx","args":[],"env":{}}"#)
  }

  @Test func `for a call whose arguments stay as they were written`() {
    let params = JSONText(
      unchecked: Array(#"{"name":"t","arguments":{ "b":1.50, "a":12345678901234567890}}"#.utf8))
    let body = BridgeMessages.call("me", params: params).map { String(decoding: $0, as: UTF8.self) }
    #expect(
      body
        == #"{"client_id":"me","tool_name":"t","arguments":{ "b":1.50, "a":12345678901234567890}}"#)
  }

  @Test(arguments: [#"{"name":"t"}"#, #"{"name":"t","_meta":{}}"#])
  func `for a call without arguments by an empty object`(params: String) {
    let body = BridgeMessages.call("me", params: JSONText(unchecked: Array(params.utf8)))
    #expect(
      body.map { String(decoding: $0, as: UTF8.self) }
        == #"{"client_id":"me","tool_name":"t","arguments":{}}"#)
  }

  @Test(arguments: ["{}", #"{"name":7}"#, "[]"])
  func `nothing when the call names no tool`(params: String) {
    #expect(BridgeMessages.call("me", params: JSONText(unchecked: Array(params.utf8))) == nil)
  }
}
