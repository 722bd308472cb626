/// By what a server is known again when it turns up elsewhere.
package struct ServerIdentity: Hashable, Sendable {
  /// What the server calls itself; empty when it gives no name.
  package var name: String
  /// SHA-256 of its tools' names and schemas, sorted by name; 64 hexadecimal digits.
  package var toolsDigest: String

  package init(name: String, toolsDigest: String) {
    self.name = name
    self.toolsDigest = toolsDigest
  }
}

/// One that answered on a port of a server's range.
package struct PortCandidate: Hashable, Sendable {
  package var port: Int
  package var identity: ServerIdentity

  package init(port: Int, identity: ServerIdentity) {
    self.port = port
    self.identity = identity
  }
}
