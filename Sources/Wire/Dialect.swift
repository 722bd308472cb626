package import FleetModel

/// Who we say we are.
package struct ClientIdentity: Hashable, Sendable {
  package var name: String
  package var version: String

  package init(name: String, version: String) { (self.name, self.version) = (name, version) }

  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("name", name)
      $0.member("version", version)
    }
  }
}

/// The protocol's revisions that this client speaks, newest first.
package enum ProtocolVersion {
  /// Stateless: each request carries its own metadata.
  package static let modern = ["2026-07-28"]
  /// With `initialize`.
  package static let handshake = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
}

/// How one server is spoken to: the era and version that were settled with it.
package struct Dialect: Hashable, Sendable {
  package enum Era: Hashable, Sendable { case modern, handshake }

  /// A member of `params._meta`, in both eras: the call's id, the same for each try of the call.
  ///
  /// MCP has no idempotency key of its own. No handshake revision forbids unknown members of
  /// `_meta` (2024-11-05 leaves the object open), and a server that does not know the key ignores
  /// it.
  package static let idempotencyKey = "mcpdash.dev/idempotencyKey"

  package let era: Era
  package let version: String
  private let metadata: RequestMetadata

  /// 2026-07-28 and later.
  ///
  /// - Parameter logLevel: the least severe log messages that a request may bring; nil is none.
  package static func modern(
    version: String, client: ClientIdentity, logLevel: SessionPolicy.LogLevel? = nil
  ) -> Dialect {
    var identity = JSONWriter()
    client.write(to: &identity)
    var metadata = RequestMetadata()
    metadata.add("io.modelcontextprotocol/protocolVersion", version)
    metadata.add("io.modelcontextprotocol/clientInfo", identity.json)
    metadata.add("io.modelcontextprotocol/clientCapabilities", ClientCapabilities.modern)
    if let logLevel { metadata.add("io.modelcontextprotocol/logLevel", logLevel.rawValue) }
    return Dialect(era: .modern, version: version, metadata: metadata)
  }

  /// - Parameter version: what `initialize` settled.
  package static func handshake(version: String) -> Dialect {
    Dialect(era: .handshake, version: version, metadata: RequestMetadata())
  }

  /// One request's bytes.
  ///
  /// - Parameter progressToken: unique among the active requests; the server may report under it.
  package func request(
    id: Int, method: String, params: JSONText = .emptyObject, idempotencyKey: CallID? = nil,
    progressToken: Int? = nil
  ) -> [UInt8] {
    var metadata = metadata
    if let progressToken { metadata.add(progressToken: progressToken) }
    if let idempotencyKey { metadata.add(idempotencyKey: idempotencyKey) }
    return RPCEncoder.request(id: id, method: method, params: params, metadata: metadata)
  }

  /// Says that the answer to a request is not wanted any more: over stdio, and over handshake
  /// HTTP.
  package func cancellation(of id: Int) -> [UInt8] {
    var params = JSONWriter()
    params.object { $0.member("requestId", id) }
    return RPCEncoder.notification(
      method: MCPMethod.cancelled, params: params.json, metadata: metadata)
  }
}

/// What this client declares: exactly what it answers.
///
/// Forms are answered by policy; sampling and roots are not offered.
package enum ClientCapabilities {
  package static let modern = JSONText(
    unchecked: Array(
      #"{"elicitation":{"form":{}},"extensions":{"io.modelcontextprotocol/tasks":{}}}"#.utf8))
  package static let handshake = JSONText(unchecked: Array(#"{"elicitation":{"form":{}}}"#.utf8))
}

/// The methods that this client uses by itself.
package enum MCPMethod {
  package static let discover = "server/discover"
  package static let initialize = "initialize"
  package static let initialized = "notifications/initialized"
  package static let ping = "ping"
  package static let listTools = "tools/list"
  package static let callTool = "tools/call"
  package static let listen = "subscriptions/listen"
  package static let setLogLevel = "logging/setLevel"
  package static let elicit = "elicitation/create"
  package static let getTask = "tasks/get"
  package static let updateTask = "tasks/update"
  package static let cancelTask = "tasks/cancel"
  /// 2025-11-25 only.
  package static let taskResult = "tasks/result"
  package static let cancelled = "notifications/cancelled"
  package static let acknowledged = "notifications/subscriptions/acknowledged"
  package static let progress = "notifications/progress"
  package static let logMessage = "notifications/message"
  package static let toolsChanged = "notifications/tools/list_changed"

  /// Other announcements of a change: how the methods begin whose answers are old after it. Nil for
  /// every other method.
  package static func changedReads(by notification: String) -> String? {
    switch notification {
    case "notifications/resources/list_changed": "resources/"
    case "notifications/resources/updated": "resources/read"
    case "notifications/prompts/list_changed": "prompts/"
    default: nil
    }
  }
}
