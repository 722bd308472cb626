import Engine
import FleetModel
import Wire

/// Calls, lists and liveness of a child process.
extension StdioUpstream {
  func exchange(_ call: Call, attempt: AttemptID) async -> Exchange {
    guard let dialect, isOpen else {
      return Exchange(reply: .failure(exit ?? Self.gone), closesConnection: true)
    }
    var exchange = await ConversationRun(
      call: call, attempt: attempt, dialect: dialect, policy: server.policies.session,
      offersTasks: capabilities.runsTasks, taskTools: taskTools, notices: notices
    ).exchange(
      ask: { await self.ask($0, id: $1 ?? self.ids.next(), of: call, attempt, dialect) },
      abandon: { self.abandon($0, dialect) })
    exchange.closesConnection = exit != nil
    return exchange
  }

  func listTools() async throws(Failure) -> ToolList {
    guard let dialect, isOpen else { throw exit ?? Self.gone }
    let pages = try await ToolPages.all(readsHeaders: false) { params in
      await self.reply(
        id: self.ids.next(), method: MCPMethod.listTools, params: params, dialect)
    }
    if dialect.era == .handshake {
      taskTools = Set(pages.listing.tools.filter(\.needsTask).map(\.name))
    }
    return pages.list
  }

  func check() async throws(Failure) {
    guard let dialect, isOpen else { throw exit ?? Self.gone }
    let method = dialect.era == .modern ? MCPMethod.discover : MCPMethod.ping
    try Liveness.judge(
      await reply(id: ids.next(), method: method, params: .emptyObject, dialect))
  }

  /// Asks a handshake server for its log messages; one that will not is left alone.
  func setLogLevel() async {
    guard let level = server.policies.session.logLevel, capabilities.logs, let dialect,
      dialect.era == .handshake
    else { return }
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
      idempotencyKey: isCall ? call.id : nil, progressToken: isCall ? Int(attempt.number) : nil)
  }

  private func reply(
    id: Int, method: String, params: JSONText, _ dialect: Dialect,
    idempotencyKey: CallID? = nil, progressToken: Int? = nil
  ) async -> Reply {
    let body = dialect.request(
      id: id, method: method, params: params, idempotencyKey: idempotencyKey,
      progressToken: progressToken)
    switch await ask(id: id, body, cancellation: dialect.cancellation(of: id)) {
    case .success(let answer): return Classification.reply(to: answer, httpStatus: nil)
    case .failure(let failure): return .failure(failure)
    }
  }

  /// Its answer is late for everyone, and is thrown away as such.
  private func abandon(_ request: Conversation.Request, _ dialect: Dialect) {
    // A process that cannot take it is in more trouble than an unwanted task.
    _ = try? write(
      dialect.request(id: ids.next(), method: request.method, params: request.params))
  }

  // MARK: Listening

  /// Keeps a `subscriptions/listen` open until the server refuses it or the child ends.
  func listenUntilRefused() async {
    guard let dialect, let params = capabilities.listenParams else { return }
    var pacing = StreamPacing()
    while !Task.isCancelled, exit == nil {
      let begun = loop.now
      let id = ids.next()
      subscription = SubscriptionCourse(id: id, isAlone: false)
      let answer = await ask(
        id: id, dialect.request(id: id, method: MCPMethod.listen, params: params),
        cancellation: dialect.cancellation(of: id))
      let broughtNews = subscription?.broughtNews ?? false
      subscription = nil
      guard case .success(.result) = answer else { return }
      isSubscriptionRenewed = true
      let delay = pacing.delay(broughtNews: broughtNews, life: loop.now - begun, asked: nil)
      do { try await Task.sleep(for: delay) } catch { return }
    }
  }
}
