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

  /// What became of an opening.
  enum Opening {
    case opened(ConnectionInfo)
    /// Streamable HTTP is unknown there: perhaps it speaks HTTP with SSE of 2024-11-05. If not, the
    /// failure is what to say.
    case older(Failure)
  }

  /// How the server wants to be spoken to.
  enum Settlement {
    case settled(Session, ConnectionInfo)
    /// See `Opening.older`.
    case older(Failure)
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
  /// By tool; the tools that a handshake server runs as tasks only.
  var taskTools: Set<String> = []
  /// What the server said when it was last asked.
  var capabilities: ServerCapabilities?
  let notices: PeerNotices
  var sessions: [ConnectionID: Session] = [:]
  /// The stream on which the server tells of changes; one for all connections.
  var listening: Listening?
  /// The server has no such stream.
  var isSilent = false
  /// Sessions whose stream the server refused.
  var silentSessions: Set<ConnectionID> = []
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
    notices = PeerNotices(server, loop: loop, events: events)
    self.authorizer = authorizer
    configuredURL = address.url
    url = address.url
    unixSocket = address.unixSocket
    configuredHeaders = endpoint.headers
  }

  // MARK: Connections

  func open(
    _ connection: ConnectionID, knownEra: ConnectionInfo?
  ) async throws(Failure) -> Opening {
    if eraIsDoubtful { url = configuredURL }
    let settlement = try await settle(knownEra: eraIsDoubtful ? nil : knownEra)
    switch settlement {
    case .older(let failure): return .older(failure)
    case .settled(let session, let info):
      if eraIsDoubtful { isSilent = false }
      eraIsDoubtful = false
      sessions[connection] = session
      listen()
      return .opened(info)
    }
  }

  func close(_ connection: ConnectionID) async {
    guard let session = sessions.removeValue(forKey: connection) else { return }
    silentSessions.remove(connection)
    await stopListening(after: connection)
    await end(session)
  }

  /// Waits for what is still being said to the server.
  func settle() async {
    listening?.task.cancel()
    await listening?.task.value
    listening = nil
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

  /// Tells a server that keeps sessions that this one is over.
  func end(_ session: Session) async {
    if let farewell = farewell(of: session) { await say(farewell) }
  }

  func farewell(of session: Session) -> CurlRequest? {
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
      let response = try await send(request, token: token)
      if case .stream(let stream) = response.body { await stream.cancel() }
    } catch {
      // It was a courtesy: a server that does not hear it finds out by itself.
    }
  }

  static let notOpen = Failure(.notConnected, "the connection is not open", delivery: .notSent)
}
