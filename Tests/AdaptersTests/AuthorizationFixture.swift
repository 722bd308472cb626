import Adapters
import Engine
import FleetModel
import Synchronization
import Testing
import Wire

/// A protected server with its authorization server, in this process.
final class ProtectedServer: Sendable {
  private struct State {
    /// Tokens that open the server.
    var good: Set<String> = []
    var refresh: String?
    var grants: [String] = []
    var authorizations: [String] = []
    var issued = 0
    /// Answers that wait for `release`.
    var held: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())
  /// Of a new token.
  let lifetime: Int
  let isRefusing: Bool
  /// Answers every call with a 403 that wants more.
  let wantsMore: Bool
  /// The token endpoint answers when it is told to.
  let waits: Bool
  /// Answers every call with an error that says back what it was sent.
  let echoes: Bool

  init(
    lifetime: Int = 3600, isRefusing: Bool = false, wantsMore: Bool = false, waits: Bool = false,
    echoes: Bool = false
  ) {
    self.waits = waits
    self.echoes = echoes
    self.lifetime = lifetime
    self.isRefusing = isRefusing
    self.wantsMore = wantsMore
  }

  /// Grant types at the token endpoint, in order.
  var grants: [String] { state.withLock { $0.grants } }
  /// `Authorization` of the requests to the server, in order; empty where there was none.
  var authorizations: [String] { state.withLock { $0.authorizations } }

  func open(with token: String, refresh: String? = nil) {
    state.withLock {
      $0.good.insert(token)
      $0.refresh = refresh ?? $0.refresh
    }
  }

  var heldCount: Int { state.withLock { $0.held.count } }

  func release() {
    for answer in state.withLock({ state in
      defer { state.held = [] }
      return state.held
    }) { answer() }
  }

  func expireAll() { state.withLock { $0.good = [] } }

  var script: TransportFixture.Script {
    { request, responder in self.answer(request, responder) }
  }

  private func answer(_ request: SeenRequest, _ responder: HTTPResponder) {
    let origin = "http://\(request.headers["host"] ?? "")"
    switch request.path {
    case "/.well-known/oauth-protected-resource/mcp":
      responder.json(
        Array(
          #"{"resource":"\#(origin)/mcp","authorization_servers":["\#(origin)"]}"#.utf8))
    case "/.well-known/oauth-authorization-server":
      responder.json(
        Array(
          (#"{"issuer":"\#(origin)","authorization_endpoint":"\#(origin)/authorize","#
            + #""token_endpoint":"\#(origin)/token","registration_endpoint":"\#(origin)/register","#
            + #""code_challenge_methods_supported":["S256"]}"#).utf8))
    case "/register": responder.json(Array(#"{"client_id":"c"}"#.utf8), status: 201)
    case "/token" where waits:
      state.withLock { $0.held.append { self.token(request, responder) } }
    case "/token": token(request, responder)
    case "/mcp": serve(request, responder)
    default: responder.respond(status: 404)
    }
  }

  private func token(_ request: SeenRequest, _ responder: HTTPResponder) {
    let fields = Dictionary(
      FormCoding.decode(request.body).map { ($0.name, $0.value) },
      uniquingKeysWith: { first, _ in first })
    let body = state.withLock { state -> String? in
      state.grants.append(fields["grant_type"] ?? "")
      if fields["grant_type"] == "refresh_token" {
        guard !isRefusing, fields["refresh_token"] == state.refresh else { return nil }
      }
      state.issued += 1
      state.good.insert("token-\(state.issued)")
      state.refresh = "refresh-\(state.issued)"
      return
        #"{"access_token":"token-\#(state.issued)","refresh_token":"refresh-\#(state.issued)","#
        + #""token_type":"bearer","expires_in":\#(lifetime)}"#
    }
    guard let body else {
      return responder.json(Array(#"{"error":"invalid_grant"}"#.utf8), status: 400)
    }
    responder.json(Array(body.utf8))
  }

  private func serve(_ request: SeenRequest, _ responder: HTTPResponder) {
    let header = request.headers["authorization"] ?? ""
    let isGood = state.withLock { state in
      state.authorizations.append(header)
      return header.hasPrefix("Bearer ") && state.good.contains(String(header.dropFirst(7)))
    }
    guard isGood else {
      return responder.respond(
        status: 401,
        headers: [
          ("WWW-Authenticate", #"Basic realm="x""#), ("WWW-Authenticate", #"Bearer scope="a""#),
        ])
    }
    if wantsMore, request.method == "tools/call" {
      return responder.respond(
        status: 403,
        headers: [("WWW-Authenticate", #"Bearer error="insufficient_scope", scope="b""#)])
    }
    if echoes, request.method == "tools/call" {
      return responder.json(request.error(-32000, "no \(header)"))
    }
    responder.json(
      request.method == "server/discover"
        ? request.result(#"{"supportedVersions":["2026-07-28"]}"#) : request.result("{}"))
  }
}

extension TransportFixture {
  func server(
    _ authorization: Authorization, headers: [HeaderField] = []
  ) -> ServerDefinition {
    ServerDefinition(
      id: ServerID("s"),
      endpoint: .http(HTTPEndpoint(url: url, headers: headers, authorization: authorization)))
  }

  /// What a login would have left behind.
  func grant(token: String, refresh: String? = nil, expiresAt: Timestamp? = nil) -> OAuthGrant {
    OAuthGrant(
      issuer: "http://127.0.0.1:\(port)", server: url, resource: url,
      identity: OAuthIdentity(id: "c", authentication: .none),
      tokenEndpoint: "http://127.0.0.1:\(port)/token", accessToken: Secret(token),
      refreshToken: refresh.map { Secret($0) }, expiresAt: expiresAt, scopes: ["a"])
  }

  func call(
    _ number: UInt64 = 1, token: String, on transport: MCPTransport? = nil
  ) async -> Exchange {
    let call = Call.tool(
      "t", arguments: .emptyObject, on: ServerID("s"), id: CallID(high: 0, low: number),
      origin: .cli, token: Secret(token))
    return await (transport ?? self.transport).exchange(
      call, attempt: AttemptID(number: number), on: Self.connection)
  }
}
