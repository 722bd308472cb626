import Engine
import FleetModel
import Wire

/// Calls, from their first request to their reply.
extension HTTPUpstream {
  func exchange(
    _ call: Call, attempt: AttemptID, on connection: ConnectionID
  ) async -> Exchange {
    guard let session = sessions[connection] else { return .connectionGone }
    notices.begin(attempt)
    defer { notices.end(attempt) }
    var conversation = Conversation(
      call, dialect: session.dialect, answer: server.policies.session.inputAnswer,
      offersTasks: capabilities?.runsTasks ?? false,
      needsTask: call.target.map(taskTools.contains) ?? false)
    var isFirst = true
    var reply = await ConversationRun.converse(
      &conversation, attempt: attempt, notices: notices,
      ask: { request in
        defer { isFirst = false }
        return await self.ask(
          request, id: isFirst ? Int(attempt.number) : self.ids.next(), of: call, attempt, session)
      },
      abandon: { request in self.abandon(request, of: call, session) })
    reply = await ListPages.all(
      of: call, first: reply, readsHeaders: session.dialect.era == .modern
    ) { params in
      let request = Conversation.Request(method: call.method, params: params)
      return await self.ask(request, id: self.ids.next(), of: call, attempt, session)
    }
    var exchange = finished(reply, session)
    if conversation.isPlain, case .success(let result) = reply {
      exchange.timeToLive = CacheHint.timeToLive(of: result, method: call.method)
    }
    return exchange
  }

  private func finished(_ reply: Reply, _ session: Session) -> Exchange {
    let closes = endsConnection(reply, session)
    if closes { eraIsDoubtful = true }
    return Exchange(reply: reply, closesConnection: closes)
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
