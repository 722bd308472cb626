import Engine
import FleetModel
import Wire

/// The stream on which a server tells of changes: `GET` in a session of the handshake era,
/// `subscriptions/listen` in the modern one.
///
/// One for all connections to the server. It is no request of anyone's: nothing times it out, and
/// the engine does not hear of its troubles.
extension HTTPUpstream {
  struct Listening {
    var connection: ConnectionID
    var era: Dialect.Era
    var task: Task<Void, Never>
  }

  /// How one stream ended.
  private enum StreamEnd {
    /// The server has no such stream, in no session.
    case refused
    /// Not in this session.
    case refusedHere
    case over(broughtNews: Bool)
  }

  /// Begins to listen, where nobody does yet.
  func listen() {
    guard server.policies.session.listens, !isSilent else { return }
    if let listening {
      let era = sessions[listening.connection]?.dialect.era ?? listening.era
      guard era != listening.era else { return }
      listening.task.cancel()
      self.listening = nil
    }
    guard let connection = sessions.keys.filter({ !silentSessions.contains($0) }).min(),
      let session = sessions[connection]
    else { return }
    let task = Task {
      let isSilentForGood = await self.listen(in: session)
      guard !Task.isCancelled else { return }
      self.listening = nil
      if isSilentForGood { self.isSilent = true }
      self.silentSessions.insert(connection)
      self.listen()
    }
    listening = Listening(connection: connection, era: session.dialect.era, task: task)
  }

  /// A connection was closed; a modern stream stays for the others.
  func stopListening(after connection: ConnectionID) async {
    guard let listening,
      sessions.isEmpty || (listening.era == .handshake && listening.connection == connection)
    else { return }
    self.listening = nil
    listening.task.cancel()
    await listening.task.value
    if !sessions.isEmpty { listen() }
  }

  /// Listens until the task is cancelled, or the server refuses.
  ///
  /// - Returns: whether the server has no such stream in any session.
  private func listen(in session: Session) async -> Bool {
    var parser = ServerSentEvents()
    var pacing = StreamPacing()
    var isFirst = true
    while !Task.isCancelled {
      let begun = loop.now
      let end =
        switch session.dialect.era {
        case .handshake: await readSession(session, &parser, isFirst: isFirst)
        case .modern: await readSubscription(session, isFirst: isFirst)
        }
      switch end {
      case .refused: return true
      case .refusedHere: return false
      case .over(let broughtNews):
        let delay = pacing.delay(
          broughtNews: broughtNews, life: loop.now - begun, asked: parser.reconnectionDelay)
        guard await pause(delay) else { return false }
      }
      parser = parser.continuation
      isFirst = false
    }
    return false
  }

  // MARK: Handshake

  private func readSession(
    _ session: Session, _ parser: inout ServerSentEvents, isFirst: Bool
  ) async -> StreamEnd {
    let cursor = parser.lastEventID
    let headers = MCPHeaders.sessionRequest(
      dialect: session.dialect, session: session.id, lastEventID: cursor)
    var broughtNews = false
    do throws(Failure) {
      let response = try await send(request(.get, headers: headers))
      guard case .stream(let stream) = response.body else {
        return Self.end(status: response.status)
      }
      guard response.status == 200 else {
        await stream.cancel()
        return Self.end(status: response.status)
      }
      // Without a cursor nothing of the time between is told again.
      if !isFirst, cursor == nil, let capabilities { notices.announceEverything(capabilities) }
      do throws(Failure) {
        while let events = try await next(in: stream, &parser) {
          for event in events { await take(event, session) }
          broughtNews = broughtNews || !events.isEmpty || parser.lastEventID != cursor
        }
      } catch {
        await stream.cancel()
        throw error
      }
    } catch {
      if error.kind == .shuttingDown { return .refused }
    }
    return .over(broughtNews: broughtNews)
  }

  private func take(_ event: ServerSentEvent, _ session: Session) async {
    for message in Self.messages(in: event) {
      switch message {
      // Of a request that nobody waits for any more.
      case .response: break
      case .notification(let method, let params): notices.take(method, params)
      case .request(let id, let method, let params):
        await answer(id, method, params, session.dialect, session.id)
      }
    }
  }

  /// What an answer without a stream says.
  private static func end(status: Int) -> StreamEnd {
    switch status {
    // A session may be gone, or be listened to by somebody else.
    case 401, 403, 404, 409: .refusedHere
    case 200..<300, 408, 425, 429, 500, 502...599: .over(broughtNews: false)
    default: .refused
    }
  }

  // MARK: Modern

  private func readSubscription(_ session: Session, isFirst: Bool) async -> StreamEnd {
    guard let capabilities = await discovered(session) else { return .over(broughtNews: false) }
    guard let params = capabilities.listenParams else { return .refused }
    let question = HTTPQuestion(
      id: ids.next(), method: MCPMethod.listen, params: params, dialect: session.dialect)
    var course = SubscriptionCourse(id: question.id, isAlone: true)
    do throws(Failure) {
      let response = try await send(
        request(.post, headers: question.headers, body: question.body))
      guard case .stream(let stream) = response.body else {
        return Self.end(of: response, to: question)
      }
      var parser = ServerSentEvents()
      do throws(Failure) {
        reading: while let events = try await next(in: stream, &parser) {
          for message in events.flatMap(Self.messages) {
            switch course.take(message) {
            case .nothing: break
            case .acknowledged:
              if !isFirst { notices.announceEverything(capabilities) }
            case .notice(let method, let params): notices.take(method, params)
            case .ended: break reading
            case .refused:
              await stream.cancel()
              return .refused
            }
          }
        }
      } catch {
        await stream.cancel()
        throw error
      }
      await stream.finish()
    } catch {
      if error.kind == .shuttingDown { return .refused }
    }
    return .over(broughtNews: course.broughtNews)
  }

  /// What an answer without a stream says: an error is an answer, anything else may pass.
  private static func end(of response: CurlResponse, to question: HTTPQuestion) -> StreamEnd {
    guard case .complete(let body) = response.body else { return .over(broughtNews: false) }
    let reply = Classification.reply(
      to: HTTPAnswer(status: response.status, body: body), id: question.id, sentSession: false)
    if case .protocolError = reply, response.status < 500 { return .refused }
    let end = end(status: response.status)
    if case .refusedHere = end, [404, 409].contains(response.status) { return .refused }
    return end
  }

  /// What the server can tell of; asks it where the era was known without a word.
  private func discovered(_ session: Session) async -> ServerCapabilities? {
    if let capabilities { return capabilities }
    let question = HTTPQuestion(
      id: ids.next(), method: MCPMethod.discover, dialect: session.dialect)
    guard case .success(let result) = await reply(to: question) else { return nil }
    capabilities = ServerCapabilities(JSONView(trusted: result))
    return capabilities
  }
}
