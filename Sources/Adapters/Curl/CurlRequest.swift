package import FleetModel

/// One HTTP request to be sent exactly once.
package struct CurlRequest: Equatable, Sendable {
  package enum Method: String, Hashable, Sendable {
    case get = "GET", post = "POST", delete = "DELETE"
  }

  package var method: Method
  /// `http` or `https`, complete.
  package var url: String
  /// Values may be secrets; they never reach a message.
  package var headers: [HeaderField]
  /// Of a POST only.
  package var body: [UInt8]
  /// The Unix socket to connect to in place of the URL's host.
  package var unixSocket: String?
  /// An answer of this type is handed out as it comes.
  package var streamedType = "text/event-stream"
  /// A kept connection idle for longer is not used again.
  package var idleLimit = Duration.seconds(300)
  /// A kept connection older than this is not used again.
  package var lifetime = Duration.seconds(1800)
  /// Nothing is sent to a loopback, private or link-local address, whatever the host's name was
  /// resolved to.
  package var refusesPrivateAddresses = false

  package init(
    method: Method, url: String, headers: [HeaderField] = [], body: [UInt8] = [],
    unixSocket: String? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.unixSocket = unixSocket
  }
}

/// What came back for one request.
package struct CurlResponse: Sendable {
  package enum Body: Sendable {
    case complete([UInt8])
    /// One of the request's `streamedType` that goes on; must be ended with `finish` or `cancel`.
    case stream(CurlStream)
  }

  package var status: Int
  package var contentType: String?
  package var retryAfter: String?
  /// `Location`, made absolute.
  package var location: String?
  /// `Mcp-Session-Id`.
  package var session: String?
  /// The `WWW-Authenticate` fields of a 401 or 403, in order.
  package var challenges: [String] = []
  /// The address that answered a 401 or 403; with a proxy, the proxy's.
  package var remoteAddress: String?
  package var body: Body
}
