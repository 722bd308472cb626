package import FleetModel
package import Wire

/// One login with a person: asks the server what it wants, listens on loopback for the browser, and
/// keeps the tokens.
package actor OAuthLogin {
  package enum Notice: Hashable, Sendable {
    /// To be opened in a browser, which then goes to `redirect`.
    case open(url: String, redirect: String)
    /// A browser or the operator brought the answer to another login.
    case foreign
  }

  /// Of a pasted address.
  private static let lineLimit = 16 << 10
  private static let path = "/callback"

  private let server: ServerID
  private let endpoint: HTTPEndpoint
  private let client: OAuthClient
  private let scopes: [String]
  private let timeout: Duration
  private let store: TokenStore
  private let loop: EventLoop
  private let curl: CurlClient
  private var listener: HTTPServer?
  private var input: LineChannel?
  private var state = ""
  private var answer: Result<String, OAuthFault>?
  private var waiter: CheckedContinuation<Result<String, OAuthFault>, Never>?
  private var notify: (@Sendable (Notice) throws(OAuthFault) -> Void)?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  /// - Parameter scopes: beside those that the token so far was for.
  package init(
    server: ServerID, endpoint: HTTPEndpoint, client: OAuthClient, scopes: [String],
    timeout: Duration, store: TokenStore, loop: EventLoop
  ) {
    self.server = server
    self.endpoint = endpoint
    self.client = client
    self.scopes = scopes
    self.timeout = timeout
    self.store = store
    self.loop = loop
    curl = CurlClient(loop: loop)
  }

  /// - Parameter input: a descriptor on which the operator may paste the address the browser ended
  ///   at; nil reads none.
  package func run(
    input: Int32?, notify: @escaping @Sendable (Notice) throws(OAuthFault) -> Void
  ) async throws(OAuthFault) -> OAuthGrant {
    guard let address = WebAddress(String(endpoint.url.prefix { $0 != "#" })) else {
      throw OAuthFault(.unsupported, "it is behind a socket, which needs no login")
    }
    self.notify = notify
    let file = try read()
    let (challenge, rules) = try await challenge(at: address)
    let redirect = try listen(file, address)
    if let input { listenForPaste(input) }
    var random = SystemRandomNumberGenerator()
    state = ProofKey.text(using: &random)
    let held = file.grant(for: address, clientID: client.id)
    let course = OAuthCourse(
      server: address, rules: rules, client: client,
      purpose: .person(
        redirectURI: redirect, proof: ProofKey(using: &random, digest: Cryptography.sha256),
        state: state),
      challenge: scopes.isEmpty ? challenge : Self.more(scopes, challenge),
      heldScopes: scopes.isEmpty ? [] : held?.scopes ?? [], registrations: file.registrations)
    let store = store
    let person = AuthorizationPerson(redirectURI: redirect) { url throws(OAuthFault) in
      try notify(.open(url: url, redirect: redirect))
      return try await self.query()
    }
    let grant = try await OAuthConversation(loop: loop, curl: curl).run(
      course, client: client, person: person
    ) { registration in
      // One that is not kept is made again.
      try? store.change { $0.keep(registration) }
    }
    try keep(grant)
    return grant
  }

  /// Ends listening; returns when the browser has its page.
  package func close() async {
    await listener?.stop(grace: .seconds(1))
    await curl.shutdown()
  }

  private static func more(_ scopes: [String], _ challenge: BearerChallenge?) -> BearerChallenge {
    BearerChallenge(
      resourceMetadata: challenge?.resourceMetadata,
      scopes: Scopes.union(challenge?.scopes ?? [], scopes), error: "insufficient_scope")
  }

  // MARK: The file

  private func read() throws(OAuthFault) -> TokenFile {
    do throws(Failure) { return try store.read() } catch {
      throw OAuthFault(.unsupported, error.message)
    }
  }

  private func keep(_ grant: OAuthGrant) throws(OAuthFault) {
    do throws(Failure) { try store.change { $0.keep(grant) } } catch {
      throw OAuthFault(.unsupported, error.message)
    }
  }

  // MARK: The server

  /// What the server says to a stranger.
  private func challenge(
    at address: WebAddress
  ) async throws(OAuthFault) -> (BearerChallenge?, AddressRules) {
    let request = question()
    let curl = curl
    let result = await loop.limited(to: OAuthConversation.requestLimit) {
      () async -> Result<CurlResponse, Failure> in
      do throws(Failure) { return .success(try await curl.send(request)) } catch {
        return .failure(error)
      }
    }
    switch result {
    case .failure(let failure):
      throw OAuthFault(.unavailable, "the server cannot be asked: \(failure.message)")
    case .success(let response):
      if case .stream(let stream) = response.body { await stream.cancel() }
      let challenge = BearerChallenge(fields: response.challenges)
      return (
        response.status == 401 ? challenge ?? BearerChallenge() : challenge,
        AddressRules(server: address, remoteAddress: response.remoteAddress)
      )
    }
  }

  private func question() -> CurlRequest {
    guard endpoint.style == .streamable else {
      return CurlRequest(
        method: .get, url: endpoint.url,
        headers: endpoint.headers + [HeaderField(name: "Accept", value: "text/event-stream")])
    }
    let question = HTTPQuestion(
      id: 1, method: MCPMethod.discover,
      dialect: .modern(
        version: ProtocolVersion.modern[0], client: ClientIdentity(name: "mcpdash", version: "1")))
    return CurlRequest(
      method: .post, url: endpoint.url, headers: endpoint.headers + question.headers,
      body: question.body)
  }

  // MARK: The browser

  /// - Returns: the redirect address. A port that the operator names is written with `localhost`,
  ///   as other clients register it; else the numeric form of RFC 8252 §7.3.
  private func listen(_ file: TokenFile, _ address: WebAddress) throws(OAuthFault) -> String {
    let listener = HTTPServer(loop: loop) { request, responder in
      self.assumeIsolated { $0.take(request, responder) }
    }
    self.listener = listener
    if let port = client.callbackPort {
      try listen(listener, port)
      // A machine without IPv6 has only the other.
      _ = try? listener.listenTCP(host: "::1", port: UInt16(port))
      return "http://localhost:\(port)\(Self.path)"
    }
    var port = 0
    if let known = Self.registeredPort(file, address), (try? listen(listener, known)) != nil {
      port = known
    } else {
      port = try listen(listener, 0)
    }
    return "http://127.0.0.1:\(port)\(Self.path)"
  }

  @discardableResult
  private func listen(_ listener: HTTPServer, _ port: Int) throws(OAuthFault) -> Int {
    do throws(ListenError) {
      return Int(try listener.listenTCP(port: UInt16(clamping: port)).port)
    } catch {
      throw OAuthFault(.unsupported, "cannot listen for the browser: \(error.message)")
    }
  }

  /// With the same port an earlier registration serves again.
  private static func registeredPort(_ file: TokenFile, _ address: WebAddress) -> Int? {
    guard let issuer = file.grants(for: address).last?.issuer else { return nil }
    let redirect = file.registrations.last { $0.issuer == issuer }?.redirectURI
    return redirect.flatMap { WebAddress($0) }.flatMap { $0.host == "127.0.0.1" ? $0.port : nil }
  }

  private func take(_ request: HTTPRequest, _ responder: HTTPResponder) {
    guard request.path == Self.path else { return LoginPage.notHere.send(responder) }
    guard request.method == "GET" else { return LoginPage.wrongMethod.send(responder) }
    guard take(query: String(request.target.dropFirst(Self.path.count + 1))) else {
      return LoginPage.foreign.send(responder)
    }
    LoginPage.taken.send(responder)
  }

  private func listenForPaste(_ descriptor: Int32) {
    let channel = LineChannel(
      loop: loop, input: descriptor, output: descriptor, lineByteLimit: Self.lineLimit
    ) { line in
      self.assumeIsolated { $0.take(line: line) }
    } onEnd: {
    }
    input = channel
    channel.start()
  }

  private func take(line: [UInt8]) {
    let text = String(decoding: line, as: UTF8.self)
    guard let start = text.firstIndex(of: "?") else { return }
    let query = text[text.index(after: start)...].prefix { !$0.isWhitespace && $0 != "#" }
    _ = take(query: String(query))
  }

  /// - Returns: false for the answer to another login, which ends nothing.
  private func take(query: String) -> Bool {
    guard !state.isEmpty, AuthorizationAnswer(query: query).state == state else {
      // Where it cannot be said, the browser's page still says it.
      try? notify?(.foreign)
      return false
    }
    finish(.success(query))
    return true
  }

  private func query() async throws(OAuthFault) -> String {
    let timer = loop.schedule(at: loop.now + timeout) { [weak self] in
      self?.assumeIsolated {
        $0.finish(
          .failure(
            OAuthFault(
              .unavailable, "nobody came back within \($0.timeout.components.seconds) s")))
      }
    }
    let result: Result<String, OAuthFault> = await withCheckedContinuation { continuation in
      if let answer { continuation.resume(returning: answer) } else { waiter = continuation }
    }
    loop.cancel(timer)
    return try result.get()
  }

  private func finish(_ result: Result<String, OAuthFault>) {
    guard answer == nil else { return }
    answer = result
    waiter?.resume(returning: result)
    waiter = nil
  }
}

/// What the browser shows at the end; nothing of what it was sent with is in it.
private enum LoginPage {
  case taken, foreign, notHere, wrongMethod

  private var status: Int {
    switch self {
    case .taken: 200
    case .foreign: 400
    case .notHere: 404
    case .wrongMethod: 405
    }
  }

  private var text: String {
    switch self {
    case .taken: "mcpdash has the answer. You may close this window; the terminal says the rest."
    case .foreign: "This is not of the login that mcpdash waits for."
    case .notHere, .wrongMethod: "There is nothing here."
    }
  }

  func send(_ responder: HTTPResponder) {
    let page = "<!doctype html><meta charset=utf-8><title>mcpdash</title><p>\(text)</p>\n"
    responder.respond(
      status: status,
      headers: [
        ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", "default-src 'none'"),
      ], body: Array(page.utf8))
  }
}
