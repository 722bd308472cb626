import Engine
import FleetModel
import Wire

/// One server over Streamable HTTP: its sessions, and what was learned about it.
actor HTTPUpstream {
  /// How one connection speaks.
  struct Session {
    var dialect: Dialect
    /// `Mcp-Session-Id`; a handshake server may do without.
    var id: String?
  }

  static let probeLimit = Duration.seconds(10)
  /// For the DELETE of a session and for a cancellation notice: nobody waits for them for long.
  static let farewellLimit = Duration.seconds(2)
  static let farewellCountLimit = 64

  nonisolated let server: ServerDefinition
  let loop: EventLoop
  let client: ClientIdentity
  let events: EventSink
  let authorizer: Authorizer
  private let configuredURL: String
  /// Instead of a TCP connection to the URL's host.
  let unixSocket: String?
  /// Where the server redirected us to, on its own origin.
  var url: String
  let configuredHeaders: [HeaderField]
  var ids = OwnIDs()
  /// By tool; from the newest `tools/list` of a modern server.
  var parameterHeaders: [String: [ParameterHeader]] = [:]
  var droppedTools: [String] = []
  var hasHealthPage = true
  private var sessions: [ConnectionID: Session] = [:]
  /// What was known of the era failed since: the next `open` asks again.
  var eraIsDoubtful = false
  private var farewells: [Int: Task<Void, Never>] = [:]

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// - Throws: when the endpoint's address cannot be one.
  init(
    server: ServerDefinition, loop: EventLoop, client: ClientIdentity, events: EventSink,
    authorizer: Authorizer
  ) throws(Failure) {
    guard case .http(let endpoint) = server.endpoint else {
      preconditionFailure("an HTTP upstream has an HTTP endpoint")
    }
    let address = try HTTPAddress(endpoint.url)
    self.server = server
    self.loop = loop
    self.client = client
    self.events = events
    self.authorizer = authorizer
    configuredURL = address.url
    url = address.url
    unixSocket = address.unixSocket
    configuredHeaders = endpoint.headers
  }

  // MARK: Connections

  func open(
    _ connection: ConnectionID, knownEra: ConnectionInfo?
  ) async throws(Failure) -> ConnectionInfo {
    if eraIsDoubtful { url = configuredURL }
    let (session, info) = try await settle(knownEra: eraIsDoubtful ? nil : knownEra)
    eraIsDoubtful = false
    sessions[connection] = session
    return info
  }

  func close(_ connection: ConnectionID) async {
    guard let session = sessions.removeValue(forKey: connection) else { return }
    await end(session)
  }

  func exchange(
    _ call: Call, attempt: AttemptID, on connection: ConnectionID
  ) async -> Exchange {
    guard let session = sessions[connection] else {
      return .connectionGone
    }
    var question = HTTPQuestion(
      id: Int(attempt.number), method: call.method, target: call.target, params: call.params,
      dialect: session.dialect, session: session.id, idempotencyKey: call.id)
    question.token = call.token
    addParameterHeaders(to: &question, params: call.params)
    var reply = await reply(to: question)
    if case .protocolError(let error) = reply, error.code == RPCCode.headerMismatch,
      await relearnParameterHeaders(of: call, session)
    {
      question = HTTPQuestion(
        id: ids.next(), method: call.method, target: call.target, params: call.params,
        dialect: session.dialect, session: session.id, idempotencyKey: call.id)
      question.token = call.token
      addParameterHeaders(to: &question, params: call.params)
      reply = await self.reply(to: question)
    }
    let closes = endsConnection(reply, session)
    if closes { eraIsDoubtful = true }
    return Exchange(reply: reply, closesConnection: closes)
  }

  /// The session of a connection, for lists and checks.
  func session(of connection: ConnectionID) -> Session? { sessions[connection] }

  /// Waits for what is still being said to the server.
  func settle() async {
    for number in farewells.keys.sorted() { await farewells[number]?.value }
  }

  func endsConnection(_ reply: Reply, _ session: Session) -> Bool {
    switch reply {
    case .success, .toolError: return false
    case .protocolError(let error): return error.code == RPCCode.unsupportedVersion
    case .failure(let failure):
      switch failure.kind {
      case .sessionLost, .connectionRefused, .nameNotResolved, .tls: return true
      // Not how a server of this era refuses: it may have been replaced.
      case .httpStatus(400), .httpStatus(404), .httpStatus(405): return true
      default: return false
      }
    }
  }

  private func addParameterHeaders(to question: inout HTTPQuestion, params: JSONText) {
    guard question.dialect?.era == .modern, question.method == MCPMethod.callTool,
      let target = question.target, let headers = parameterHeaders[target]
    else { return }
    question.extraHeaders = ParameterHeader.fields(headers, params: params)
  }

  /// After a header mismatch: the tool's schema may be newer than what we know of it.
  private func relearnParameterHeaders(of call: Call, _ session: Session) async -> Bool {
    guard session.dialect.era == .modern, call.method == MCPMethod.callTool,
      let target = call.target
    else { return false }
    let before = parameterHeaders[target]
    do throws(Failure) {
      _ = try await listTools(in: session)
    } catch {
      return false
    }
    return parameterHeaders[target] != before
  }

  // MARK: Eras

  /// Finds out how the server wants to be spoken to, and opens a session where it has them.
  func settle(knownEra: ConnectionInfo?) async throws(Failure) -> (Session, ConnectionInfo) {
    if let known = knownEra {
      switch known.era {
      case .modern where ProtocolVersion.modern.contains(known.protocolVersion):
        return (Session(dialect: .modern(version: known.protocolVersion, client: client)), known)
      case .handshake: return try await initialize(mayBeModern: true)
      case .modern, .unknown: break
      }
    }
    return try await probe(version: ProtocolVersion.modern[0], isRetry: false)
  }

  private func probe(
    version: String, isRetry: Bool
  ) async throws(Failure) -> (Session, ConnectionInfo) {
    let dialect = Dialect.modern(version: version, client: client)
    let question = HTTPQuestion(id: ids.next(), method: MCPMethod.discover, dialect: dialect)
    let outcome = await probeOutcome(of: question)
    switch EraProbe.verdict(outcome, isRetry: isRetry) {
    case .modern(let version):
      var introduction: ServerIntroduction?
      if case .answered(.result(let result), _) = outcome {
        introduction = ServerIntroduction(discovery: result)
      }
      return (
        Session(dialect: .modern(version: version, client: client)),
        ConnectionInfo(
          era: .modern, protocolVersion: version, serverName: introduction?.name,
          serverVersion: introduction?.version)
      )
    case .handshake: return try await initialize(mayBeModern: !isRetry)
    case .retryAt(let version): return try await probe(version: version, isRetry: true)
    case .inconclusive(let failure), .incompatible(let failure): throw failure
    }
  }

  private func probeOutcome(of question: HTTPQuestion) async -> ProbeOutcome {
    let result = await loop.limited(to: Self.probeLimit) { await self.ask(question) }
    switch result {
    case .success(let reply): return reply.probeOutcome(of: question)
    case .failure(let failure):
      // Our own limit, unless it is the caller who gave up.
      return failure.kind == .cancelled && !Task.isCancelled ? .silent : .failed(failure)
    }
  }

  /// - Parameter mayBeModern: a refusal that names a modern version leads to a probe, once.
  private func initialize(mayBeModern: Bool) async throws(Failure) -> (Session, ConnectionInfo) {
    let question = HTTPQuestion(initialize: ids.next(), client: client)
    let answer = try await ask(question).get()
    switch answer.reply(to: question) {
    case .failure(let failure): throw failure
    case .protocolError(let error):
      if mayBeModern, let version = EraProbe.modernVersion(refusing: error) {
        return try await probe(version: version, isRetry: true)
      }
      throw Failure(
        EraProbe.refusalKind(error),
        "the server refused initialize: \(error.message) (\(error.code))",
        delivery: .refused)
    case .toolError(let result), .success(let result):
      let view = JSONView(trusted: result)
      let version = try ServerIntroduction.version(settledBy: view)
      let session = Session(dialect: .handshake(version: version), id: answer.session)
      do throws(Failure) {
        try await notify(MCPMessages.initialized(), MCPMethod.initialized, session)
      } catch {
        if let farewell = farewell(of: session) { sayLater(farewell) }
        throw error
      }
      let introduction = ServerIntroduction(initialization: view)
      return (
        session,
        ConnectionInfo(
          era: .handshake, protocolVersion: version, serverName: introduction.name,
          serverVersion: introduction.version)
      )
    }
  }

  /// Tells a server that keeps sessions that this one is over.
  func end(_ session: Session) async {
    if let farewell = farewell(of: session) { await say(farewell) }
  }

  private func farewell(of session: Session) -> CurlRequest? {
    guard session.dialect.era == .handshake, session.id != nil else { return nil }
    return request(
      .delete, headers: MCPHeaders.sessionRequest(dialect: session.dialect, session: session.id))
  }

  // MARK: Farewells

  /// Says something that nobody waits for; above the limit it is left unsaid.
  func sayLater(_ request: CurlRequest, token: Secret? = nil) {
    guard farewells.count < Self.farewellCountLimit else { return }
    let number = ids.next()
    farewells[number] = Task {
      await say(request, token: token)
      farewells[number] = nil
    }
  }

  private func say(_ request: CurlRequest, token: Secret? = nil) async {
    await loop.limited(to: Self.farewellLimit) {
      await self.sayAtLeisure(request, token: token)
    }
  }

  func sayAtLeisure(_ request: CurlRequest, token: Secret? = nil) async {
    do throws(Failure) {
      let response = try await authorizer.send(request, token: token)
      if case .stream(let stream) = response.body { await stream.cancel() }
    } catch {
      // It was a courtesy: a server that does not hear it finds out by itself.
    }
  }

  static let notOpen = Failure(.notConnected, "the connection is not open", delivery: .notSent)
}
