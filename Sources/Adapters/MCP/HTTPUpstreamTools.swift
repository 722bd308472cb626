import Engine
import FleetModel
import Wire

/// Tool lists and liveness.
extension HTTPUpstream {
  func listTools(on connection: ConnectionID) async throws(Failure) -> ToolList {
    guard let session = sessions[connection] else { throw Self.notOpen }
    return try await listTools(in: session)
  }

  func listTools(in session: Session) async throws(Failure) -> ToolList {
    let isModern = session.dialect.era == .modern
    let pages = try await ToolPages.all(readsHeaders: isModern) { params in
      await self.reply(
        to: HTTPQuestion(
          id: self.ids.next(), method: MCPMethod.listTools, params: params,
          dialect: session.dialect, session: session.id))
    }
    if isModern {
      parameterHeaders = Dictionary(
        pages.listing.tools.filter { !$0.parameterHeaders.isEmpty }
          .map { ($0.name, $0.parameterHeaders) }, uniquingKeysWith: { first, _ in first })
      tellDropped(pages.dropped)
    } else {
      taskTools = Set(pages.listing.tools.filter(\.needsTask).map(\.name))
    }
    return pages.list
  }

  private func tellDropped(_ dropped: [(name: String, reason: String)]) {
    let names = dropped.map(\.name)
    guard names != droppedTools else { return }
    droppedTools = names
    for tool in dropped {
      events.send(.note(server.id, .warning, "tool \(tool.name) is left out: \(tool.reason)"))
    }
  }

  /// Whether the server lives; sessions of the pool are only pinged, never opened.
  func check(knownEra: ConnectionInfo?, connection: ConnectionID?) async throws(Failure) {
    if hasHealthPage, try await checkHealthPage() { return }
    if let connection, let session = sessions[connection] { return try await ping(session) }
    switch try await settle(knownEra: knownEra) {
    // A known modern server is settled without a word.
    case .settled(let session, let info) where info == knownEra && info.era == .modern:
      try await ping(session)
    case .settled(let session, _): await end(session)
    case .older(let failure): throw failure
    }
  }

  /// Whether the session of a connection is still there.
  func validate(_ connection: ConnectionID) async throws(Failure) {
    guard let session = sessions[connection] else { throw Self.notOpen }
    guard session.dialect.era == .handshake else { return }
    do throws(Failure) {
      try await ping(session)
    } catch {
      // A server that asks for less is there; a new session in its place would be asking for more.
      guard error.kind != .httpStatus(429) else { return }
      if endsConnection(.failure(error), session) { eraIsDoubtful = true }
      throw error
    }
  }

  private func ping(_ session: Session) async throws(Failure) {
    let method = session.dialect.era == .modern ? MCPMethod.discover : MCPMethod.ping
    let question = HTTPQuestion(
      id: ids.next(), method: method, dialect: session.dialect, session: session.id)
    try Liveness.judge(await reply(to: question))
  }

  /// - Returns: false when the server has no such page; that is remembered.
  private func checkHealthPage() async throws(Failure) -> Bool {
    guard let origin = CurlOrigin(url: url) else { return false }
    var request = request(.get, headers: [])
    request.url = "\(origin.scheme)://\(origin.host):\(origin.port)/health"
    let response = try await authorizer.sendUnchallenged(request)
    if case .stream(let stream) = response.body { await stream.cancel() }
    switch response.status {
    case 200..<300: return true
    case 429, 500...: throw Classification.failure(status: response.status, detail: "/health")
    default:
      hasHealthPage = false
      return false
    }
  }
}
