import Engine
import FleetModel
import Wire

/// Questions and answers on the wire.
extension HTTPUpstream {
  /// Redirects followed for one question.
  private static let redirectLimit = 3
  /// Reconnections to one broken stream that bring nothing new, in a row.
  private static let resumeLimit = 2

  func reply(to question: HTTPQuestion) async -> Reply {
    switch await ask(question) {
    case .success(let answer): answer.reply(to: question)
    case .failure(let failure): .failure(failure)
    }
  }

  /// Sends one request and waits for its response, however it comes.
  func ask(_ question: HTTPQuestion) async -> Result<HTTPReply, Failure> {
    do throws(Failure) {
      return .success(try await answer(to: question))
    } catch {
      if error.kind == .cancelled, error.delivery != .notSent { sayCancelled(question) }
      return .failure(error)
    }
  }

  private func answer(to question: HTTPQuestion) async throws(Failure) -> HTTPReply {
    let response = try await send(
      request(.post, headers: question.headers, body: question.body), token: question.token)
    switch response.body {
    case .complete(let body):
      let answer = HTTPAnswer(
        status: response.status, body: body, retryAfter: retryAfter(response),
        location: response.location)
      return HTTPReply(
        content: .whole(answer), status: response.status, session: response.session)
    case .stream(let stream):
      return HTTPReply(
        content: .event(try await event(answering: question, in: stream)),
        status: response.status, session: response.session)
    }
  }

  /// Follows redirects that keep the method, where `CurlOrigin.mayRedirect` lets secrets go.
  func send(_ first: CurlRequest, token: Secret? = nil) async throws(Failure) -> CurlResponse {
    var request = first
    for _ in 0..<Self.redirectLimit {
      let response = try await deliver(request, token: token)
      guard response.status == 307 || response.status == 308, let location = response.location,
        let origin = CurlOrigin(url: request.url),
        // Behind a socket there is one server, and no other port.
        unixSocket == nil
          ? origin.mayRedirect(to: location) : origin == CurlOrigin(url: location)
      else { return response }
      if case .stream(let stream) = response.body { await stream.cancel() }
      request.url = location
      url = location
    }
    return try await deliver(request, token: token)
  }

  private func deliver(
    _ request: CurlRequest, token: Secret?
  ) async throws(Failure) -> CurlResponse {
    try await authorizer.send(request, token: token)
  }

  func request(
    _ method: CurlRequest.Method, headers: [HeaderField], body: [UInt8] = []
  ) -> CurlRequest {
    var request = CurlRequest(
      method: method, url: url, headers: configuredHeaders + headers, body: body,
      unixSocket: unixSocket)
    request.idleLimit = server.policies.pool.idleTimeout
    request.lifetime = server.policies.pool.lifetime
    return request
  }

  /// Sends a notification and waits until the server took it.
  func notify(_ body: [UInt8], _ method: String, _ session: Session) async throws(Failure) {
    let headers = MCPHeaders.post(
      method: method, target: nil, dialect: session.dialect, session: session.id)
    let response = try await send(request(.post, headers: headers, body: body))
    if case .stream(let stream) = response.body { await stream.cancel() }
    guard (200..<300).contains(response.status) else {
      throw Classification.failure(status: response.status, detail: "in answer to \(method)")
    }
  }

  private func retryAfter(_ response: CurlResponse) -> Duration? {
    response.retryAfter.flatMap { RetryAfter.parse($0, now: loop.wallClock) }
  }

  /// A closed connection means nothing to a handshake server: it must be told.
  private func sayCancelled(_ question: HTTPQuestion) {
    guard let dialect = question.dialect, dialect.era == .handshake else { return }
    let headers = MCPHeaders.post(
      method: MCPMethod.cancelled, target: nil, dialect: dialect, session: question.session)
    sayLater(
      request(.post, headers: headers, body: dialect.cancellation(of: question.id)),
      token: question.token)
  }

  // MARK: Event streams

  private func event(
    answering question: HTTPQuestion, in first: CurlStream
  ) async throws(Failure) -> RPCAnswer {
    var stream = first
    var parser = ServerSentEvents()
    var idle = 0
    while true {
      let before = parser.lastEventID
      var failure = Failure(
        .connectionReset, "the event stream ended without an answer", delivery: .unknown)
      do throws(Failure) {
        if let answer = try await read(stream, with: &parser, for: question) { return answer }
      } catch {
        failure = error
        failure.delivery = .unknown
      }
      await stream.cancel()
      idle = parser.lastEventID == before ? idle + 1 : 0
      // Only handshake streams can be resumed; the request itself is never sent again.
      guard failure.kind == .connectionReset, idle < Self.resumeLimit,
        let dialect = question.dialect, dialect.era == .handshake,
        let lastEventID = parser.lastEventID
      else { throw failure }
      guard await pause(parser.reconnectionDelay ?? StreamPacing.usualDelay) else {
        throw Self.cancelled
      }
      stream = try await resume(after: lastEventID, dialect, question)
      parser = parser.continuation
    }
  }

  private func resume(
    after lastEventID: String, _ dialect: Dialect, _ question: HTTPQuestion
  ) async throws(Failure) -> CurlStream {
    let headers = MCPHeaders.sessionRequest(
      dialect: dialect, session: question.session, lastEventID: lastEventID)
    let broken = Failure(
      .connectionReset, "the event stream broke and could not be resumed", delivery: .unknown)
    do throws(Failure) {
      let response = try await send(request(.get, headers: headers), token: question.token)
      if case .stream(let stream) = response.body {
        if response.status == 200 { return stream }
        await stream.cancel()
      }
    } catch {
      if error.kind == .cancelled { throw Self.cancelled }
    }
    throw broken
  }

  /// Reads until our response comes; nil when the stream ends before.
  private func read(
    _ stream: CurlStream, with parser: inout ServerSentEvents, for question: HTTPQuestion
  ) async throws(Failure) -> RPCAnswer? {
    while let events = try await next(in: stream, &parser) {
      for event in events {
        guard let answer = await take(event, for: question) else { continue }
        await stream.finish()
        return answer
      }
    }
    return nil
  }

  /// The next events of a stream that hold something; nil at its end.
  func next(
    in stream: CurlStream, _ parser: inout ServerSentEvents
  ) async throws(Failure) -> [ServerSentEvent]? {
    guard let chunk = try await stream.next() else { return nil }
    do throws(ServerSentEvents.TooLarge) {
      return try parser.feed(chunk).filter { !$0.data.isEmpty }
    } catch {
      throw Failure(
        .answerTooLarge, "an event of the answer is larger than \(error.byteLimit) bytes",
        delivery: .unknown)
    }
  }

  /// One message of a stream; an event that is none is passed over.
  private func take(_ event: ServerSentEvent, for question: HTTPQuestion) async -> RPCAnswer? {
    for message in Self.messages(in: event) {
      switch message {
      case .response(let id, let answer):
        if Classification.matches(id, question.id) { return answer }
        if id == nil, case .error = answer { return answer }
      case .notification(let method, let params): notices.take(method, params)
      case .request(let id, let method, let params):
        guard let dialect = question.dialect else { break }
        await answer(id, method, params, dialect, question.session, question.token)
      }
    }
    return nil
  }

  /// None where it cannot be read; why does not matter: the stream may still bring what we want.
  static func messages(in event: ServerSentEvent) -> [RPCMessage] {
    guard let view = try? JSONView(event.data), let messages = try? RPCMessage.all(in: view) else {
      return []
    }
    return messages
  }

  /// A handshake server may ask us, and waits for it; a modern one may not.
  func answer(
    _ id: JSONText, _ method: String, _ params: JSONView?, _ dialect: Dialect,
    _ session: String?, _ token: Secret? = nil
  ) async {
    guard dialect.era == .handshake else { return }
    let headers = MCPHeaders.post(method: "", target: nil, dialect: dialect, session: session)
    let response = PeerRequest.response(
      to: id, method, params, answer: server.policies.session.inputAnswer)
    if let note = response.note { notices.note(.info, note) }
    await sayAtLeisure(request(.post, headers: headers, body: response.bytes), token: token)
  }

  func pause(_ delay: Duration) async -> Bool {
    do {
      try await Task.sleep(for: delay)
      return true
    } catch {
      return false
    }
  }

  static let cancelled = Failure(.cancelled, "the caller gave up", delivery: .unknown)
}
