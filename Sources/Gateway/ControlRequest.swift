/// One request to the control interface, as whoever serves the socket read it.
package struct ControlRequest: Hashable, Sendable {
  /// Such as `GET`; letters count as written (RFC 9110 §9.1).
  package var method: String
  /// The path and the query as sent, percent-encoding untouched.
  package var target: String
  package var body: [UInt8]
  /// Whether the client takes `ControlLines.contentType`: a call's progress, then its outcome.
  package var takesProgress = false

  /// Larger bodies are answered with 413 unread; whoever reads the socket may stop there too.
  package static let bodyLimit = 4 << 20

  package init(method: String, target: String, body: [UInt8] = []) {
    self.method = method
    self.target = target
    self.body = body
  }
}
