package import FleetModel

/// The control interface's answer.
package struct ControlResponse: Hashable, Sendable {
  /// An HTTP status code.
  package var status: Int
  package var contentType: String
  package var body: [UInt8]

  package init(status: Int, contentType: String, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// A JSON document with a line end behind it, for those who look at it with curl.
  package static func json(_ document: JSONText, status: Int = 200) -> ControlResponse {
    ControlResponse(
      status: status, contentType: "application/json",
      body: document.bytes + [UInt8(ascii: "\n")])
  }

  static func text(_ text: String) -> ControlResponse {
    ControlResponse(
      status: 200, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
  }

  /// Prometheus' text format, version 0.0.4.
  static func metrics(_ text: String) -> ControlResponse {
    ControlResponse(
      status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8",
      body: Array(text.utf8))
  }
}
