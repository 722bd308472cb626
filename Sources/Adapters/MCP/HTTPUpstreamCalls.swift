import Engine
import FleetModel
import Wire

/// Calls, from their first request to their reply.
extension HTTPUpstream {
  func exchange(
    _ call: Call, attempt: AttemptID, on connection: ConnectionID
  ) async -> Exchange {
    guard let session = sessions[connection] else { return .connectionGone }
    var exchange = await ConversationRun(
      call: call, attempt: attempt, dialect: session.dialect, policy: server.policies.session,
      offersTasks: capabilities?.runsTasks ?? false, taskTools: taskTools, notices: notices,
      readsHeaders: session.dialect.era == .modern
    ).exchange(
      ask: { await self.ask($0, id: $1 ?? self.ids.next(), of: call, attempt, session) },
      abandon: { self.abandon($0, of: call, session) })
    exchange.closesConnection = endsConnection(exchange.reply, session)
    if exchange.closesConnection { eraIsDoubtful = true }
    return exchange
  }

  /// One request of a call's conversation.
  private func ask(
    _ request: Conversation.Request, id: Int, of call: Call, _ attempt: AttemptID,
    _ session: Session
  ) async -> Reply {
    let reply = await reply(to: question(request, id: id, of: call, attempt, session))
    guard case .protocolError(let error) = reply, error.code == RPCCode.headerMismatch,
      await relearnParameterHeaders(of: call, session)
    else { return reply }
    return await self.reply(to: question(request, id: ids.next(), of: call, attempt, session))
  }

  private func question(
    _ request: Conversation.Request, id: Int, of call: Call, _ attempt: AttemptID?,
    _ session: Session
  ) -> HTTPQuestion {
    let isCall = request.method == call.method
    var question = HTTPQuestion(
      id: id, method: request.method, target: request.target, params: request.params,
      dialect: session.dialect, session: session.id, idempotencyKey: isCall ? call.id : nil,
      progressToken: isCall ? attempt.map { Int($0.number) } : nil)
    question.token = call.token
    if session.dialect.era == .modern, request.method == MCPMethod.callTool,
      let target = question.target, let headers = parameterHeaders[target]
    {
      question.extraHeaders = ParameterHeader.fields(headers, params: request.params)
    }
    return question
  }

  private func abandon(_ request: Conversation.Request, of call: Call, _ session: Session) {
    let question = question(request, id: ids.next(), of: call, nil, session)
    sayLater(
      self.request(.post, headers: question.headers, body: question.body), token: call.token)
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
}
