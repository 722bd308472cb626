import Engine
import FleetModel
import Wire

/// Calls, lists and liveness over HTTP with SSE.
extension LegacyStreamUpstream {
  func exchange(_ call: Call, attempt: AttemptID) async -> Exchange {
    guard let dialect, isOpen else {
      return Exchange(reply: .failure(end ?? Self.gone), closesConnection: true)
    }
    var exchange = await ConversationRun(
      call: call, attempt: attempt, dialect: dialect, policy: server.policies.session,
      offersTasks: capabilities.runsTasks, taskTools: taskTools, notices: notices
    ).exchange(
      ask: { await self.ask($0, id: $1 ?? self.ids.next(), of: call, attempt, dialect) },
      abandon: { self.abandon($0, of: call, dialect) })
    exchange.closesConnection = end != nil || Self.endsConnection(exchange.reply)
    return exchange
  }

  /// Its answer is late for everyone, and is thrown away as such.
  private func abandon(_ request: Conversation.Request, of call: Call, _ dialect: Dialect) {
    remark(
      dialect.request(id: ids.next(), method: request.method, params: request.params),
      token: call.token)
  }

  func listTools() async throws(Failure) -> ToolList {
    guard let dialect, isOpen else { throw end ?? Self.gone }
    let pages = try await ToolPages.all(readsHeaders: false) { params in
      await self.reply(
        id: self.ids.next(), method: MCPMethod.listTools, params: params, dialect)
    }
    taskTools = Set(pages.listing.tools.filter(\.needsTask).map(\.name))
    return pages.list
  }

  func check() async throws(Failure) {
    guard let dialect, isOpen else { throw end ?? Self.gone }
    try Liveness.judge(
      await reply(id: ids.next(), method: MCPMethod.ping, params: .emptyObject, dialect))
  }

  /// Asks for log messages; a server that will not is left alone.
  func setLogLevel() async {
    guard let level = server.policies.session.logLevel, capabilities.logs, let dialect else {
      return
    }
    _ = await reply(
      id: ids.next(), method: MCPMethod.setLogLevel, params: MCPMessages.logLevel(level), dialect)
  }

  /// One request of a call's conversation.
  private func ask(
    _ request: Conversation.Request, id: Int, of call: Call, _ attempt: AttemptID,
    _ dialect: Dialect
  ) async -> Reply {
    let isCall = request.method == call.method
    return await reply(
      id: id, method: request.method, params: request.params, dialect,
      idempotencyKey: isCall ? call.id : nil, progressToken: isCall ? Int(attempt.number) : nil,
      token: call.token)
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

  private static func endsConnection(_ reply: Reply) -> Bool {
    guard case .failure(let failure) = reply else { return false }
    switch failure.kind {
    case .sessionLost, .connectionRefused, .nameNotResolved, .tls: return true
    case .httpStatus(400), .httpStatus(404), .httpStatus(405): return true
    default: return false
    }
  }
}
