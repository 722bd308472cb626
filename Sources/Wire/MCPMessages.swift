package import FleetModel

/// The requests and results of the handshake, the discovery and the tool list.
package enum MCPMessages {
  /// `initialize`: offers the newest handshake revision.
  package static func initialize(id: Int, client: ClientIdentity) -> [UInt8] {
    var params = JSONWriter()
    params.object {
      $0.member("protocolVersion", ProtocolVersion.handshake[0])
      $0.member("capabilities", ClientCapabilities.handshake)
      $0.key("clientInfo")
      client.write(to: &$0)
    }
    return RPCEncoder.request(id: id, method: MCPMethod.initialize, params: params.json)
  }

  package static func initialized() -> [UInt8] {
    Array(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.utf8)
  }

  /// `logging/setLevel`'s params.
  package static func logLevel(_ level: SessionPolicy.LogLevel) -> JSONText {
    var params = JSONWriter()
    params.object { $0.member("level", level.rawValue) }
    return params.json
  }

  /// `tools/list`'s params; an empty cursor is a cursor.
  package static func page(after cursor: String?) -> JSONText {
    guard let cursor else { return .emptyObject }
    var params = JSONWriter()
    params.object { $0.member("cursor", cursor) }
    return params.json
  }
}

/// What a server says of itself when a connection is opened.
package struct ServerIntroduction: Hashable, Sendable {
  /// For display only.
  package var name: String?
  /// For display only.
  package var version: String?
  package var capabilities: ServerCapabilities

  /// From the result of `server/discover` or `initialize`: modern servers say it in `_meta`, the
  /// others, and some modern ones, in the body.
  package init(_ result: JSONView) {
    let view =
      result.member("_meta")?.member("io.modelcontextprotocol/serverInfo")
      ?? result.member("serverInfo")
    name = view?.member("name")?.string.flatMap { $0.isEmpty ? nil : $0 }
    version = view?.member("version")?.string.flatMap { $0.isEmpty ? nil : $0 }
    capabilities = ServerCapabilities(result)
  }

  /// The version that `initialize` settled.
  ///
  /// - Throws: `incompatibleProtocol` when it is none of ours.
  package static func version(
    settledBy result: JSONView
  ) throws(Failure) -> String {
    guard let version = result.member("protocolVersion")?.string else {
      throw Failure(
        .incompatibleProtocol, "the answer to initialize names no protocol version",
        delivery: .executed)
    }
    guard ProtocolVersion.handshake.contains(version) else {
      throw Failure(
        .incompatibleProtocol,
        "the server speaks protocol \(version); this client speaks "
          + (ProtocolVersion.modern + ProtocolVersion.handshake).joined(separator: ", "),
        delivery: .executed)
    }
    return version
  }
}
