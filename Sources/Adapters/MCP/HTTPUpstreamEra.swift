import Engine
import FleetModel
import Wire

/// The choice of the era, and the handshake where it is the older one.
extension HTTPUpstream {
  /// Finds out how the server wants to be spoken to, and opens a session where it has them.
  func settle(knownEra: ConnectionInfo?) async throws(Failure) -> Settlement {
    if let known = knownEra {
      switch known.era {
      case .modern where ProtocolVersion.modern.contains(known.protocolVersion):
        return .settled(Session(dialect: modern(known.protocolVersion)), known)
      case .handshake: return try await initialize(mayBeModern: true)
      case .modern, .unknown: break
      }
    }
    return try await probe(version: ProtocolVersion.modern[0], isRetry: false)
  }

  private func probe(version: String, isRetry: Bool) async throws(Failure) -> Settlement {
    let question = HTTPQuestion(
      id: ids.next(), method: MCPMethod.discover, dialect: modern(version))
    let outcome = await probeOutcome(of: question)
    switch EraProbe.verdict(outcome, isRetry: isRetry) {
    case .modern(let version):
      var introduction: ServerIntroduction?
      if case .answered(.result(let result), _) = outcome {
        introduction = ServerIntroduction(result)
      }
      capabilities = introduction?.capabilities
      return .settled(
        Session(dialect: modern(version)),
        ConnectionInfo(
          era: .modern, protocolVersion: version, serverName: introduction?.name,
          serverVersion: introduction?.version))
    case .handshake: return try await initialize(mayBeModern: !isRetry)
    case .retryAt(let version): return try await probe(version: version, isRetry: true)
    case .inconclusive(let failure), .incompatible(let failure): throw failure
    }
  }

  private func modern(_ version: String) -> Dialect {
    .modern(version: version, client: client, logLevel: server.policies.session.logLevel)
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
  private func initialize(mayBeModern: Bool) async throws(Failure) -> Settlement {
    let question = HTTPQuestion(initialize: ids.next(), client: client)
    let answer = try await ask(question).get()
    let reply = answer.reply(to: question)
    switch reply {
    case .failure(let failure):
      guard EraProbe.suggestsLegacyStream(status: answer.status, reply) else { throw failure }
      return .older(failure)
    case .protocolError(let error):
      if mayBeModern, let version = EraProbe.modernVersion(refusing: error) {
        return try await probe(version: version, isRetry: true)
      }
      let failure = Failure(
        .incompatibleProtocol, "the server refused initialize: \(error.message) (\(error.code))",
        delivery: .refused)
      guard EraProbe.suggestsLegacyStream(status: answer.status, reply) else { throw failure }
      return .older(failure)
    case .toolError(let result), .success(let result):
      return try await begin(JSONView(trusted: result), sessionID: answer.session)
    }
  }

  /// Opens the session that `initialize` promised.
  private func begin(
    _ result: JSONView, sessionID: String?
  ) async throws(Failure) -> Settlement {
    let version = try ServerIntroduction.version(settledBy: result)
    if let sessionID, !MCPHeaders.isSessionID(sessionID) {
      throw Failure(
        .incompatibleProtocol, "the server's session id is not made of visible ASCII characters",
        delivery: .executed)
    }
    let session = Session(dialect: .handshake(version: version), id: sessionID)
    let introduction = ServerIntroduction(result)
    capabilities = introduction.capabilities
    do throws(Failure) {
      try await notify(MCPMessages.initialized(), MCPMethod.initialized, session)
      try await setLogLevel(session)
    } catch {
      if let farewell = farewell(of: session) { sayLater(farewell) }
      throw error
    }
    return .settled(
      session,
      ConnectionInfo(
        era: .handshake, protocolVersion: version, serverName: introduction.name,
        serverVersion: introduction.version))
  }

  /// A server that will not is left alone.
  private func setLogLevel(_ session: Session) async throws(Failure) {
    guard let level = server.policies.session.logLevel, capabilities?.logs == true else { return }
    let question = HTTPQuestion(
      id: ids.next(), method: MCPMethod.setLogLevel, params: MCPMessages.logLevel(level),
      dialect: session.dialect, session: session.id)
    if case .failure(let failure) = await reply(to: question), failure.kind == .cancelled {
      throw failure
    }
  }
}
