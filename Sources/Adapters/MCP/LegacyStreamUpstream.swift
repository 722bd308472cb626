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
  var ids = OwnIDs()
  var dialect: Dialect?
  var capabilities = ServerCapabilities()
  /// Tools that run as tasks only (2025-11-25).
  var taskTools: Set<String> = []
  /// Where requests go; the stream's first event.
  var postURL: String
  private var reader: Task<Void, Never>?
  private var posts: [Int: Task<Void, Never>] = [:]
  private var remarks: [Int: Task<Void, Never>] = [:]
  private var pending: [Int: Pending] = [:]
  var isOpen = false
  /// Why the stream is over.
  var end: Failure?

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

  /// - Parameter cancellation: what the server is told when the task is cancelled.
  func ask(
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

  private static func lost(by end: Failure) -> Failure {
    var failure = end
    failure.delivery = .unknown
    return failure
  }

  private static let cancelled = Failure(.cancelled, "the caller gave up", delivery: .unknown)
  static let gone = Failure(
    .connectionReset, "the event stream is closed", delivery: .notSent)
}
