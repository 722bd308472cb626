/// How a server is reached.
package enum Endpoint: Hashable, Sendable {
  case http(HTTPEndpoint)
  /// A child process that speaks over its standard streams; `environment` may hold secrets.
  case stdio(
    command: String, arguments: [String], environment: [EnvironmentVariable],
    workingDirectory: String?)
  /// A REST service that holds the client for us.
  case bridge(BridgeEndpoint)

  /// Streamable HTTP without more than static headers.
  package static func http(url: String, headers: [HeaderField]) -> Endpoint {
    .http(HTTPEndpoint(url: url, headers: headers))
  }
}

/// A server behind an HTTP address or a Unix socket.
package struct HTTPEndpoint: Hashable, Sendable {
  package enum Style: String, Hashable, Sendable, CaseIterable {
    /// Streamable HTTP; the old HTTP with SSE only where the server turns out to know no other.
    case streamable
    /// HTTP with SSE of 2024-11-05 at once.
    case sse
  }

  /// `http://…`, `https://…` or `unix:///path.sock#/path`.
  package var url: String
  /// Values may be secrets and are never shown.
  package var headers: [HeaderField]
  package var style: Style
  package var authorization: Authorization
  /// Where the server may turn up again after it vanished from the port in `url`; 1…65535.
  package var portRange: ClosedRange<Int>?

  package init(
    url: String, headers: [HeaderField] = [], style: Style = .streamable,
    authorization: Authorization = .none, portRange: ClosedRange<Int>? = nil
  ) {
    self.url = url
    self.headers = headers
    self.style = style
    self.authorization = authorization
    self.portRange = portRange
  }
}

/// A server that the FastMCP bridge's REST interface holds for us (`/api/connect` and so on).
package struct BridgeEndpoint: Hashable, Sendable {
  /// What the bridge is told to connect to.
  package enum Target: Hashable, Sendable {
    case stdio(command: String, arguments: [String], environment: [EnvironmentVariable])
    /// `transport` is `sse` or `http`.
    case remote(transport: String, url: String)
  }

  /// Such as `http://localhost:8000`.
  package var baseURL: String
  /// Sent with each request to the bridge; values may be secrets.
  package var headers: [HeaderField]
  package var clientID: String
  package var target: Target
  package var oauthProvider: String?

  package init(
    baseURL: String, headers: [HeaderField] = [], clientID: String, target: Target,
    oauthProvider: String? = nil
  ) {
    self.baseURL = baseURL
    self.headers = headers
    self.clientID = clientID
    self.target = target
    self.oauthProvider = oauthProvider
  }
}

/// One HTTP header field, in the order the operator wrote it.
package struct HeaderField: Hashable, Sendable {
  package var name: String
  package var value: String

  package init(name: String, value: String) { (self.name, self.value) = (name, value) }
}

/// One variable of a child's environment.
package struct EnvironmentVariable: Hashable, Sendable {
  package var name: String
  package var value: String

  package init(name: String, value: String) { (self.name, self.value) = (name, value) }
}
