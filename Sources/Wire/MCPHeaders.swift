package import FleetModel

/// The HTTP header fields of an MCP request.
package enum MCPHeaders {
  package static let version = "MCP-Protocol-Version"
  package static let method = "Mcp-Method"
  package static let name = "Mcp-Name"
  package static let session = "Mcp-Session-Id"

  /// Of every POST, in both eras.
  private static let body = [
    HeaderField(name: "Content-Type", value: "application/json"),
    HeaderField(name: "Accept", value: "application/json, text/event-stream"),
  ]

  /// Of a POST.
  ///
  /// - Parameters:
  ///   - dialect: nil for `initialize`, which goes without a version.
  ///   - target: see `target(of:params:)`.
  ///   - session: what the server gave with the handshake; never sent in the modern era.
  package static func post(
    method: String, target: String?, dialect: Dialect?, session: String?
  ) -> [HeaderField] {
    var fields = body
    guard let dialect else { return fields }
    if sendsVersion(dialect) { fields.append(HeaderField(name: version, value: dialect.version)) }
    switch dialect.era {
    case .modern:
      fields.append(HeaderField(name: self.method, value: encode(method)))
      if let target { fields.append(HeaderField(name: name, value: encode(target))) }
    case .handshake:
      if let session { fields.append(HeaderField(name: self.session, value: session)) }
    }
    return fields
  }

  /// Of the GET that resumes a stream and of the DELETE that ends a session: handshake only.
  package static func sessionRequest(
    dialect: Dialect, session: String?, lastEventID: String? = nil
  ) -> [HeaderField] {
    var fields = [HeaderField(name: "Accept", value: "text/event-stream")]
    if sendsVersion(dialect) { fields.append(HeaderField(name: version, value: dialect.version)) }
    if let session { fields.append(HeaderField(name: self.session, value: session)) }
    if let lastEventID { fields.append(HeaderField(name: "Last-Event-ID", value: lastEventID)) }
    return fields
  }

  /// Visible ASCII alone, at most 1024 characters.
  package static func isSessionID(_ id: String) -> Bool {
    (1...1024).contains(id.utf8.count) && id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// The header came with 2025-06-18.
  private static func sendsVersion(_ dialect: Dialect) -> Bool { dialect.version >= "2025-06-18" }

  /// What `Mcp-Name` repeats from a request's params; nil where the method has no such name.
  package static func target(of method: String, params: JSONText) -> String? {
    let key: String
    switch method {
    case "tools/call", "prompts/get": key = "name"
    case "resources/read": key = "uri"
    case "tasks/get", "tasks/update", "tasks/cancel": key = "taskId"
    default: return nil
    }
    return JSONView(trusted: params).member(key)?.string
  }

  /// A header value as it is, or as `=?base64?…?=` where a header cannot hold it (S26, streamable
  /// HTTP): not ASCII, control characters, white space at an end, or it looks encoded already.
  package static func encode(_ value: String) -> String {
    let bytes = Array(value.utf8)
    let isPlain =
      bytes.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
      && bytes.first.map { !isBlank($0) } ?? true && bytes.last.map { !isBlank($0) } ?? true
      && !(value.hasPrefix(opening) && value.hasSuffix(closing))
    return isPlain ? value : opening + Base64.encode(bytes) + closing
  }

  /// What an encoded header value stands for; nil when it is encoded badly.
  package static func decode(_ value: String) -> String? {
    guard value.hasPrefix(opening), value.hasSuffix(closing),
      value.utf8.count >= opening.utf8.count + closing.utf8.count
    else { return value }
    let inside = value.utf8.dropFirst(opening.utf8.count).dropLast(closing.utf8.count)
    return Base64.decode(inside).flatMap { String(validating: $0, as: UTF8.self) }
  }

  private static let opening = "=?base64?"
  private static let closing = "?="

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
