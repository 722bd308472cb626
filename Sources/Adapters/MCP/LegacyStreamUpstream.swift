import Engine
import FleetModel
import Wire

/// One connection over HTTP with SSE (2024-11-05): an event stream that brings every answer, and
/// POSTs to the endpoint that it names first.
actor LegacyStreamUpstream {
  private struct Pending {
    var continuation: CheckedContinuation<Result<RPCAnswer, Failure>, Never>
    /// The server took the POST: the answer is to come on the stream.
    var isAcknowledged = false
  }

  /// For the stream and its first event.
  static let beginLimit = Duration.seconds(10)
  /// Requests that wait for their responses at once.
  static let pendingLimit = 1000
  /// Answers to the server's own requests and cancellation notices under way.
  static let remarkCountLimit = 64
  static let remarkLimit = Duration.seconds(2)

  let server: ServerDefinition
  let connection: ConnectionID
  let loop: EventLoop
  let authorizer: Authorizer
  let events: EventSink
  let notices: PeerNotices
  let address: HTTPAddress
  /// Bytes of one event, which holds one whole answer.
  let eventLimit: Int
  private let client: ClientIdentity
  private let configuredHeaders: [HeaderField]
  private var ids = OwnIDs()
  private var dialect: Dialect?
  private var capabilities = ServerCapabilities()
  /// Where requests go; the stream's first event.
  var postURL: String
  private var reader: Task<Void, Never>?
  private var posts: [Int: Task<Void, Never>] = [:]
  private var remarks: [Int: Task<Void, Never>] = [:]
  private var pending: [Int: Pending] = [:]
  private var isOpen = false
  /// Why the stream is over.
  private var end: Failure?

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// - Throws: when the endpoint's address cannot be one.
  init(
    server: ServerDefinition, connection: ConnectionID, loop: EventLoop,
    client: ClientIdentity, events: EventSink, authorizer: Authorizer,
    eventLimit: Int = CurlTransfer.answerLimit
  ) throws(Failure) {
    guard case .http(let endpoint) = server.endpoint else {
      preconditionFailure("an HTTP upstream has an HTTP endpoint")
    }
    address = try HTTPAddress(endpoint.url)
    postURL = address.url
    configuredHeaders = endpoint.headers
    self.server = server
    self.connection = connection
    self.loop = loop
    self.authorizer = authorizer
    self.client = client
    self.events = events
    notices = PeerNotices(server, loop: loop, events: events)
    self.eventLimit = eventLimit
  }

  // MARK: The connection's life

  func open() async throws(Failure) -> ConnectionInfo {
    let beginning = try await begin()
    postURL = beginning.postURL
    reader = Task { await read(beginning) }
    let info = try await initialize()
    if let end { throw end }
    isOpen = true
    return info
  }

  func close() async {
    isOpen = false
    takeEnd(Self.gone)
    reader?.cancel()
    await reader?.value
    for id in posts.keys.sorted() { await posts[id]?.value }
    for id in remarks.keys.sorted() { await remarks[id]?.value }
  }

  private func initialize() async throws(Failure) -> ConnectionInfo {
    let id = ids.next()
    let question = HTTPQuestion(initialize: id, client: client)
    switch try await ask(id: id, question.body, cancellation: nil).get() {
    case .error(let error):
      throw Failure(
        .incompatibleProtocol, "the server refused initialize: \(error.message) (\(error.code))",
        delivery: .refused)
    case .result(let result):
      let version = try ServerIntroduction.version(settledBy: result)
      dialect = .handshake(version: version)
      let response = try await send(post(MCPMessages.initialized()))
      guard (200..<300).contains(response.status) else {
        throw Classification.failure(
          status: response.status, detail: "in answer to \(MCPMethod.initialized)")
      }
      let introduction = ServerIntroduction(result)
      capabilities = introduction.capabilities
      await setLogLevel()
      return ConnectionInfo(
        era: .handshake, protocolVersion: version, serverName: introduction.name,
        serverVersion: introduction.version, transport: .sse)
    }
  }

  // MARK: Requests

  func exchange(_ call: Call, attempt: AttemptID) async -> Exchange {
    guard let dialect, isOpen else {
      return Exchange(reply: .failure(end ?? Self.gone), closesConnection: true)
    }
    notices.begin(attempt)
    defer { notices.end(attempt) }
    var conversation = Conversation(
      call, dialect: dialect, answer: server.policies.session.inputAnswer)
    var reply = await ConversationRun.converse(
      &conversation, attempt: attempt, notices: notices,
      ask: { request in
        await self.reply(
          id: Int(attempt.number), method: request.method, params: request.params, dialect,
          idempotencyKey: call.id, progressToken: Int(attempt.number), token: call.token)
      },
      abandon: { _ in })
    reply = await ListPages.all(of: call, first: reply, readsHeaders: false) { params in
      await self.reply(
        id: self.ids.next(), method: call.method, params: params, dialect, token: call.token)
    }
    return Exchange(reply: reply, closesConnection: end != nil || Self.endsConnection(reply))
  }

  func listTools() async throws(Failure) -> ToolList {
    guard let dialect, isOpen else { throw end ?? Self.gone }
    let pages = try await ToolPages.all(readsHeaders: false) { params in
      await self.reply(
        id: self.ids.next(), method: MCPMethod.listTools, params: params, dialect)
    }
    return pages.list
  }

  func check() async throws(Failure) {
    guard let dialect, isOpen else { throw end ?? Self.gone }
    try Liveness.judge(
      await reply(id: ids.next(), method: MCPMethod.ping, params: .emptyObject, dialect))
  }

  /// Asks for log messages; a server that will not is left alone.
  private func setLogLevel() async {
    guard let level = server.policies.session.logLevel, capabilities.logs, let dialect else {
      return
    }
    _ = await reply(
      id: ids.next(), method: MCPMethod.setLogLevel, params: MCPMessages.logLevel(level), dialect)
  }

  private func reply(
    id: Int, method: String, params: JSONText, _ dialect: Dialect,
    idempotencyKey: CallID? = nil, progressToken: Int? = nil, token: Secret? = nil
  ) async -> Reply {
    let body = dialect.request(
      id: id, method: method, params: params, idempotencyKey: idempotencyKey,
      progressToken: progressToken)
    switch await ask(
      id: id, body, cancellation: dialect.cancellation(of: id), token: token)
    {
    case .success(let answer): return Classification.reply(to: answer, httpStatus: nil)
    case .failure(let failure): return .failure(failure)
    }
  }

  /// - Parameter cancellation: what the server is told when the task is cancelled.
  private func ask(
    id: Int, _ body: [UInt8], cancellation: [UInt8]?, token: Secret? = nil
  ) async -> Result<RPCAnswer, Failure> {
    let answer = await withTaskCancellationHandler {
      await withCheckedContinuation { begin(id, body, token, $0) }
    } onCancel: {
      loop.run { self.assumeIsolated { $0.cancel(id) } }
    }
    if let cancellation, end == nil, case .failure(let failure) = answer,
      failure.kind == .cancelled, failure.delivery != .notSent
    {
      remark(cancellation, token: token)
    }
    return answer
  }

  private func begin(
    _ id: Int, _ body: [UInt8], _ token: Secret?,
    _ continuation: CheckedContinuation<Result<RPCAnswer, Failure>, Never>
  ) {
    if let end { return continuation.resume(returning: .failure(end)) }
    guard max(pending.count, posts.count) < Self.pendingLimit else {
      return continuation.resume(
        returning: .failure(
          Failure(
            .poolExhausted, "\(Self.pendingLimit) requests wait for the stream already",
            delivery: .notSent)))
    }
    pending[id] = Pending(continuation: continuation)
    let request = post(body)
    posts[id] = Task {
      await deliver(id, request, token)
      posts[id] = nil
    }
  }

  /// Sends a request; its answer comes on the stream, unless the POST is refused.
  private func deliver(_ id: Int, _ request: CurlRequest, _ token: Secret?) async {
    do throws(Failure) {
      let response = try await send(request, token: token)
      if let refusal = refusal(of: response, id) { return settle(id, with: refusal) }
      pending[id]?.isAcknowledged = true
      // It was taken at the very moment that its caller, or the stream, was gone.
      if Task.isCancelled { settle(id, with: .failure(Self.lost(by: end ?? Self.cancelled))) }
    } catch {
      // Where the stream's end cut it off, that is the reason.
      var failure = end ?? error
      failure.delivery = error.delivery
      settle(id, with: .failure(failure))
    }
  }

  private func cancel(_ id: Int) {
    guard let request = pending[id] else { return }
    guard request.isAcknowledged else {
      // It knows how far it came.
      posts[id]?.cancel()
      return
    }
    settle(id, with: .failure(Self.cancelled))
  }

  func settle(_ id: Int, with answer: Result<RPCAnswer, Failure>) {
    // Unknown: late, because its caller gave up.
    pending.removeValue(forKey: id)?.continuation.resume(returning: answer)
  }

  /// The stream is over, and with it everything that waits for an answer.
  func takeEnd(_ failure: Failure) {
    guard end == nil else { return }
    end = failure
    for id in pending.keys.sorted() {
      if pending[id]?.isAcknowledged == true {
        settle(id, with: .failure(Self.lost(by: failure)))
      }
    }
    // The others are settled by their POSTs, which know how far they came.
    for id in posts.keys.sorted() { posts[id]?.cancel() }
    guard isOpen else { return }
    isOpen = false
    events.send(.closed(server.id, connection, failure))
  }

  // MARK: On the wire

  func post(_ body: [UInt8]) -> CurlRequest {
    request(
      .post, postURL, MCPHeaders.post(method: "", target: nil, dialect: dialect, session: nil),
      body: body)
  }

  func request(
    _ method: CurlRequest.Method, _ url: String, _ headers: [HeaderField], body: [UInt8] = []
  ) -> CurlRequest {
    var request = CurlRequest(
      method: method, url: url, headers: configuredHeaders + headers, body: body,
      unixSocket: address.unixSocket)
    request.idleLimit = server.policies.pool.idleTimeout
    request.lifetime = server.policies.pool.lifetime
    return request
  }

  /// Says something that nobody waits for; above the limit it is left unsaid.
  func remark(_ body: [UInt8], token: Secret? = nil) {
    guard remarks.count < Self.remarkCountLimit else { return }
    let number = ids.next()
    let request = post(body)
    remarks[number] = Task {
      await loop.limited(to: Self.remarkLimit) { await self.say(request, token) }
      remarks[number] = nil
    }
  }

  private func say(_ request: CurlRequest, _ token: Secret?) async {
    do throws(Failure) {
      _ = try await send(request, token: token)
    } catch {
      // It was a courtesy: a server that does not hear it finds out by itself.
    }
  }

  private static func endsConnection(_ reply: Reply) -> Bool {
    guard case .failure(let failure) = reply else { return false }
    switch failure.kind {
    case .sessionLost, .connectionRefused, .nameNotResolved, .tls: return true
    case .httpStatus(400), .httpStatus(404), .httpStatus(405): return true
    default: return false
    }
  }

  private static func lost(by end: Failure) -> Failure {
    var failure = end
    failure.delivery = .unknown
    return failure
  }

  private static let cancelled = Failure(.cancelled, "the caller gave up", delivery: .unknown)
  private static let gone = Failure(
    .connectionReset, "the event stream is closed", delivery: .notSent)
}
