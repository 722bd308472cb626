import Engine
import FleetModel
import Wire

/// One server that a FastMCP bridge holds for us.
///
/// The bridge knows one client by its id, however many connections of ours use it: it is connected
/// for the first and disconnected after the last.
actor BridgeUpstream {
  static let farewellLimit = Duration.seconds(2)

  nonisolated let server: ServerDefinition
  private let loop: EventLoop
  private let curl: CurlClient
  private let endpoint: BridgeEndpoint
  private let address: HTTPAddress
  private var connections: Set<ConnectionID> = []
  /// The bridge said so, and nothing since makes us doubt it.
  private var isConnected = false
  private var connecting: SharedTask<Failure?>?
  private var farewell: Task<Void, Never>?
  private var hasHealthPage = true

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// - Throws: when the bridge's address cannot be one.
  init(server: ServerDefinition, loop: EventLoop, curl: CurlClient) throws(Failure) {
    guard case .bridge(let endpoint) = server.endpoint else {
      preconditionFailure("a bridge upstream has a bridge endpoint")
    }
    var address = try HTTPAddress(endpoint.baseURL)
    while address.url.hasSuffix("/") { address.url.removeLast() }
    self.server = server
    self.loop = loop
    self.curl = curl
    self.endpoint = endpoint
    self.address = address
  }

  // MARK: Connections

  func open(_ connection: ConnectionID) async throws(Failure) -> ConnectionInfo {
    if !isConnected {
      let shared =
        connecting
        ?? SharedTask<Failure?>(loop: loop) { [weak self] in
          guard let self else { return Self.cancelled }
          return await self.connect()
        }
      connecting = shared
      guard let end = await shared.value() else { throw Self.cancelled }
      if let failure = end { throw failure }
    }
    connections.insert(connection)
    return ConnectionInfo(era: .unknown, protocolVersion: "bridge", transport: .bridge)
  }

  func close(_ connection: ConnectionID) async {
    guard connections.remove(connection) != nil, connections.isEmpty, isConnected else { return }
    isConnected = false
    let farewell = Task {
      await loop.limited(to: Self.farewellLimit) { await self.disconnect() }
    }
    self.farewell = farewell
    await farewell.value
  }

  private func connect() async -> Failure? {
    await farewell?.value
    farewell = nil
    do throws(Failure) {
      let body = BridgeMessages.connect(endpoint)
      var refusal = BridgeAnswer.refusal(
        ofConnect: try await post(BridgeMessages.connectPath, body))
      if let first = refusal, BridgeAnswer.saysAlreadyConnected(first) {
        await disconnect()
        refusal = BridgeAnswer.refusal(
          ofConnect: try await post(BridgeMessages.connectPath, body))
      }
      isConnected = refusal == nil
      return refusal
    } catch {
      return error
    }
  }

  private func disconnect() async {
    do throws(Failure) {
      _ = try await post(
        BridgeMessages.disconnectPath, BridgeMessages.naming(endpoint.clientID))
    } catch {
      // It was a courtesy: the bridge keeps a client that nobody uses.
    }
  }

  // MARK: Requests

  func exchange(_ call: Call, on connection: ConnectionID) async -> Exchange {
    guard isConnected, connections.contains(connection) else { return .connectionGone }
    let reply: Reply
    switch call.method {
    case MCPMethod.callTool:
      if let body = BridgeMessages.call(endpoint.clientID, params: call.params) {
        reply = await ask(BridgeMessages.callPath, body, .call, token: call.token)
      } else {
        reply = .protocolError(
          RPCError(code: RPCCode.invalidParams, message: "the call names no tool"))
      }
    case MCPMethod.listTools: reply = await list()
    default:
      reply = .protocolError(
        RPCError(
          code: RPCCode.methodNotFound,
          message: "a bridge passes on tools/call and tools/list only, not \(call.method)"))
    }
    return Exchange(reply: reply, closesConnection: endsConnection(reply))
  }

  func listTools(on connection: ConnectionID) async throws(Failure) -> ToolList {
    guard isConnected, connections.contains(connection) else { throw Self.notOpen }
    let reply = await list()
    _ = endsConnection(reply)
    if case .toolError(let result) = reply {
      throw Failure(
        .malformedAnswer, "list_tools was refused: \(Self.text(of: result))", delivery: .refused)
    }
    return try await ToolPages.all(readsHeaders: false) { _ in reply }.list
  }

  /// Whether the bridge still knows our client.
  func validate(_ connection: ConnectionID) async throws(Failure) {
    guard isConnected, connections.contains(connection) else { throw Self.notOpen }
    let reply = await list()
    _ = endsConnection(reply)
    try Liveness.judge(reply)
  }

  /// Whether the bridge is well: its health page, or, where it has none, that it answers.
  func check() async throws(Failure) {
    if hasHealthPage {
      let answer = try await send(request(.get, BridgeMessages.healthPath))
      guard [404, 405, 501].contains(answer.status) else {
        if let illness = BridgeAnswer.illness(in: answer) { throw illness }
        return
      }
      hasHealthPage = false
    }
    try Liveness.judge(await list())
  }

  private func list() async -> Reply {
    await ask(BridgeMessages.listPath, BridgeMessages.naming(endpoint.clientID), .list)
  }

  private func ask(
    _ path: String, _ body: [UInt8], _ operation: BridgeAnswer.Operation, token: Secret? = nil
  ) async -> Reply {
    do throws(Failure) {
      return BridgeAnswer.reply(
        to: try await post(path, body, token: token), operation, clientID: endpoint.clientID)
    } catch {
      return .failure(error)
    }
  }

  /// The next `open` connects anew after what puts the connection in doubt.
  private func endsConnection(_ reply: Reply) -> Bool {
    guard case .failure(let failure) = reply else { return false }
    switch failure.kind {
    case .sessionLost, .connectionRefused, .nameNotResolved, .tls:
      isConnected = false
      return true
    default: return false
    }
  }

  // MARK: On the wire

  private func post(
    _ path: String, _ body: [UInt8], token: Secret? = nil
  ) async throws(Failure) -> HTTPAnswer {
    let request = request(.post, path, body: body)
    guard let token else { return try await send(request) }
    return try await send(Authorizer.Credentials(callers: token).added(to: request))
  }

  private func send(_ request: CurlRequest) async throws(Failure) -> HTTPAnswer {
    let response = try await curl.send(request)
    guard case .complete(let body) = response.body else {
      if case .stream(let stream) = response.body { await stream.cancel() }
      throw Classification.malformed("the bridge answers with an event stream")
    }
    return HTTPAnswer(
      status: response.status, body: body,
      retryAfter: response.retryAfter.flatMap { RetryAfter.parse($0, now: loop.wallClock) },
      location: response.location)
  }

  private func request(
    _ method: CurlRequest.Method, _ path: String, body: [UInt8] = []
  ) -> CurlRequest {
    var headers = endpoint.headers + [HeaderField(name: "Accept", value: "application/json")]
    if method == .post {
      headers.append(HeaderField(name: "Content-Type", value: "application/json"))
    }
    var request = CurlRequest(
      method: method, url: address.url + path, headers: headers, body: body,
      unixSocket: address.unixSocket)
    request.idleLimit = server.policies.pool.idleTimeout
    request.lifetime = server.policies.pool.lifetime
    return request
  }

  private static func text(of result: JSONText) -> String {
    var blocks = JSONView(trusted: result).member("content")?.elements.makeIterator()
    return blocks?.next()?.member("text")?.string ?? "no reason given"
  }

  private static let cancelled = Failure(.cancelled, "the caller gave up", delivery: .unknown)
  private static let notOpen = Failure(
    .notConnected, "the connection is not open", delivery: .notSent)
}
