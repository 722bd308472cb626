package import FleetModel

/// What the FastMCP bridge's REST interface is asked.
package enum BridgeMessages {
  package static let connectPath = "/api/connect"
  package static let disconnectPath = "/api/disconnect"
  package static let callPath = "/api/call_tool"
  package static let listPath = "/api/list_tools"
  package static let healthPath = "/health"

  package static func connect(_ endpoint: BridgeEndpoint) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("client_id", endpoint.clientID)
      switch endpoint.target {
      case .remote(let transport, let url):
        $0.member("transport", transport)
        $0.member("mcp_url", url)
      case .stdio(let command, let arguments, let environment):
        $0.member("transport", "stdio")
        $0.member("command", command)
        $0.member("args", array: { list in arguments.forEach { list.value($0) } })
        $0.member(
          "env",
          object: { variables in
            for variable in environment { variables.member(variable.name, variable.value) }
          })
      }
      if let provider = endpoint.oauthProvider { $0.member("oauth_provider", provider) }
    }
    return writer.bytes
  }

  /// Of `disconnect` and `list_tools`.
  package static func naming(_ clientID: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { $0.member("client_id", clientID) }
    return writer.bytes
  }

  /// The arguments go out as the bytes they came in.
  ///
  /// - Parameter params: of a `tools/call`.
  /// - Returns: nil when they name no tool.
  package static func call(_ clientID: String, params: JSONText) -> [UInt8]? {
    let view = JSONView(trusted: params)
    guard let tool = view.member("name")?.string else { return nil }
    var writer = JSONWriter()
    writer.object {
      $0.member("client_id", clientID)
      $0.member("tool_name", tool)
      $0.member("arguments", view.member("arguments")?.json ?? .emptyObject)
    }
    return writer.bytes
  }
}
