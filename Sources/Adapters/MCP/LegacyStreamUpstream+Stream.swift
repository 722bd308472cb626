import FleetModel
import Wire

/// The event stream, and what is sent beside it.
extension LegacyStreamUpstream {
  /// A stream whose first event was read.
  struct Beginning {
    var stream: CurlStream
    var parser: ServerSentEvents
    var postURL: String
    /// What came in one piece with the first event.
    var more: ArraySlice<ServerSentEvent>
  }

  /// Redirects followed for one request.
  private static let redirectLimit = 3

  func begin() async throws(Failure) -> Beginning {
    let result = await loop.limited(to: Self.beginLimit) { await self.beginAtLeisure() }
    if case .failure(let failure) = result, failure.kind == .cancelled, !Task.isCancelled {
      throw Failure(
        .tryTimeout, "no event stream began within \(Self.beginLimit.seconds) s",
        delivery: failure.delivery)
    }
    return try result.get()
  }

  private func beginAtLeisure() async -> Result<Beginning, Failure> {
    do throws(Failure) {
      let stream = try await stream()
      do throws(Failure) {
        return .success(try await firstEvent(of: stream))
      } catch {
        await stream.cancel()
        throw error
      }
    } catch {
      return .failure(error)
    }
  }

  private func stream() async throws(Failure) -> CurlStream {
    let accept = HeaderField(name: "Accept", value: "text/event-stream")
    let response = try await followed(request(.get, address.url, [accept]))
    guard case .stream(let stream) = response.body else {
      guard (200..<300).contains(response.status) else {
        throw Classification.failure(
          status: response.status, detail: "in answer to GET for an event stream")
      }
      throw Failure(
        .incompatibleProtocol, "the server answers GET, but with no event stream",
        delivery: .refused)
    }
    guard response.status == 200 else {
      await stream.cancel()
      throw Classification.failure(status: response.status, detail: "with an event stream")
    }
    return stream
  }

  private func firstEvent(of stream: CurlStream) async throws(Failure) -> Beginning {
    var parser = ServerSentEvents(byteLimit: eventLimit)
    while let chunk = try await stream.next() {
      let events = try feed(chunk, to: &parser)
      guard let first = events.first else { continue }
      return Beginning(
        stream: stream, parser: parser, postURL: try endpoint(in: first),
        more: events.dropFirst())
    }
    throw Failure(
      .connectionReset, "the event stream ended before it named an endpoint", delivery: .notSent)
  }

  /// Where requests go: never to another origin, for the headers may be secrets.
  private func endpoint(in event: ServerSentEvent) throws(Failure) -> String {
    guard event.name == "endpoint" else {
      throw Failure(
        .incompatibleProtocol, "the event stream does not begin with an endpoint",
        delivery: .refused)
    }
    let reference = String(decoding: event.data, as: UTF8.self)
    guard let url = CurlURL.resolve(reference, against: address.url),
      let origin = CurlOrigin(url: url)
    else {
      throw Failure(
        .incompatibleProtocol, "the event stream names an endpoint that is no URL",
        delivery: .refused)
    }
    guard origin == CurlOrigin(url: address.url) else {
      throw Failure(
        .incompatibleProtocol,
        "the event stream names an endpoint on another origin: \(Endpoint.redacted(url))",
        delivery: .refused)
    }
    return url
  }

  // MARK: Reading on

  func read(_ beginning: Beginning) async {
    var failure = Failure(
      .connectionReset, "the event stream ended", delivery: .notSent)
    do throws(Failure) {
      try await readOn(beginning)
    } catch {
      (failure.kind, failure.message) = (error.kind, error.message)
    }
    await beginning.stream.cancel()
    takeEnd(failure)
  }

  private func readOn(_ beginning: Beginning) async throws(Failure) {
    beginning.more.forEach(take)
    var parser = beginning.parser
    while let chunk = try await beginning.stream.next() {
      try feed(chunk, to: &parser).forEach(take)
    }
  }

  private func feed(
    _ chunk: [UInt8], to parser: inout ServerSentEvents
  ) throws(Failure) -> [ServerSentEvent] {
    do throws(ServerSentEvents.TooLarge) {
      return try parser.feed(chunk)
    } catch {
      throw Failure(
        .answerTooLarge, "an event of the stream is larger than \(error.byteLimit) bytes",
        delivery: .unknown)
    }
  }

  /// One message of the stream; an event that is none is passed over.
  private func take(_ event: ServerSentEvent) {
    // Why it cannot be read does not matter: the stream may still bring what is waited for.
    guard event.name == "message", let view = try? JSONView(event.data),
      let messages = try? RPCMessage.all(in: view)
    else { return }
    for message in messages {
      switch message {
      case .response(let id, let answer):
        guard let id = id.flatMap(Classification.number) else { continue }
        settle(id, with: .success(answer))
      case .notification(let method, let params): notices.take(method, params)
      case .request(let id, let method, let params):
        let response = PeerRequest.response(
          to: id, method, params, answer: server.policies.session.inputAnswer)
        if let note = response.note { notices.note(.info, note) }
        remark(response.bytes)
      }
    }
  }

  // MARK: Posting

  /// Sends a POST and has its acknowledgement whole.
  func send(
    _ request: CurlRequest, token: Secret? = nil
  ) async throws(Failure) -> CurlResponse {
    let response = try await followed(request, token)
    if case .stream(let stream) = response.body { await stream.cancel() }
    return response
  }

  /// What a POST's answer says when it is no acknowledgement.
  func refusal(of response: CurlResponse, _ id: Int) -> Result<RPCAnswer, Failure>? {
    guard !(200..<300).contains(response.status) else { return nil }
    var body: [UInt8] = []
    if case .complete(let bytes) = response.body { body = bytes }
    let answer = HTTPAnswer(
      status: response.status, body: body,
      retryAfter: response.retryAfter.flatMap { RetryAfter.parse($0, now: loop.wallClock) },
      location: response.location)
    switch Classification.reply(to: answer, id: id, sentSession: true) {
    case .protocolError(let error): return .success(.error(error))
    case .failure(let failure): return .failure(failure)
    case .success, .toolError:
      return .failure(Classification.failure(status: response.status))
    }
  }

  /// Follows redirects that keep the method, on the same origin only.
  private func followed(
    _ first: CurlRequest, _ token: Secret? = nil
  ) async throws(Failure) -> CurlResponse {
    var request = first
    for _ in 0..<Self.redirectLimit {
      let response = try await authorizer.send(request, token: token)
      guard response.status == 307 || response.status == 308, let location = response.location,
        let origin = CurlOrigin(url: location), origin == CurlOrigin(url: request.url)
      else { return response }
      if case .stream(let stream) = response.body { await stream.cancel() }
      request.url = location
    }
    return try await authorizer.send(request, token: token)
  }
}
