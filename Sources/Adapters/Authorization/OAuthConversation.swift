package import FleetModel
package import Wire

/// The person who consents, as far as this program knows them.
package struct AuthorizationPerson: Sendable {
  /// Where the browser goes afterwards.
  package var redirectURI: String
  /// Shows the address and returns the query that the browser came back with.
  package var ask: @Sendable (_ url: String) async throws(OAuthFault) -> String

  package init(
    redirectURI: String, ask: @escaping @Sendable (String) async throws(OAuthFault) -> String
  ) {
    self.redirectURI = redirectURI
    self.ask = ask
  }
}

/// Carries out what an `OAuthCourse` wants, and what is to be said to its servers later.
package actor OAuthConversation {
  /// Of one request.
  static let requestLimit = Duration.seconds(15)
  /// The fields of a request that no message may repeat.
  private static let secretFields: Set<String> = [
    "client_secret", "refresh_token", "code", "code_verifier", "token", "client_assertion",
  ]

  private let loop: EventLoop
  private let curl: CurlClient

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  package init(loop: EventLoop, curl: CurlClient) {
    self.loop = loop
    self.curl = curl
  }

  /// - Parameter client: its key signs.
  /// - Parameter onRegistration: a registration made on the way.
  package func run(
    _ course: OAuthCourse, client: OAuthClient, person: AuthorizationPerson? = nil,
    onRegistration: @Sendable (OAuthRegistration) -> Void = { _ in }
  ) async throws(OAuthFault) -> OAuthGrant {
    var course = course
    var effect = course.begin()
    let rules = course.rules
    while true {
      let event: OAuthCourse.Event
      switch effect {
      case .get(let url): event = await answer(to: Self.question(url), rules)
      case .register(let url, let body):
        var request = CurlRequest(
          method: .post, url: url,
          headers: Self.jsonHeaders + [Self.field("Content-Type", "application/json")])
        request.body = body.bytes
        event = await answer(to: request, rules)
      case .post(let post):
        event = await answer(to: try request(post, client), rules, hiding: post)
      case .askPerson(let url):
        guard let person else { preconditionFailure("a course with a person has one") }
        event = .redirected(query: try await person.ask(url))
      case .done(let grant): return grant
      case .failed(let fault): throw fault
      }
      let isRegistering = course.newRegistration == nil
      effect = course.handle(event, at: loop.wallClock)
      if isRegistering, let registration = course.newRegistration { onRegistration(registration) }
    }
  }

  /// A grant with a new token.
  package func renew(
    _ grant: OAuthGrant, client: OAuthClient, rules: AddressRules
  ) async throws(OAuthFault) -> OAuthGrant {
    guard let post = grant.renewal else {
      throw OAuthFault(.refused(code: "invalid_grant"), "the token has no refresh token")
    }
    switch await answer(to: try request(post, client), rules, hiding: post) {
    case .answer(let status, let body):
      return try grant.renewed(status: status, body: body, at: loop.wallClock)
    case .unreachable(let reason): throw OAuthFault(.unavailable, reason)
    case .redirected: preconditionFailure("a request is answered or not")
    }
  }

  /// - Returns: whether the server said that the grant is over there.
  package func revoke(
    _ grant: OAuthGrant, client: OAuthClient, rules: AddressRules
  ) async throws(OAuthFault) -> Bool {
    var isOver = false
    for post in grant.revocations {
      switch await answer(to: try request(post, client), rules, hiding: post) {
      case .answer(let status, _): isOver = isOver || status == 200
      case .unreachable(let reason): throw OAuthFault(.unavailable, reason)
      case .redirected: preconditionFailure("a request is answered or not")
      }
    }
    return isOver
  }

  // MARK: Requests

  private static func field(_ name: String, _ value: String) -> HeaderField {
    HeaderField(name: name, value: value)
  }

  private static let jsonHeaders = [field("Accept", "application/json")]

  private static func question(_ url: String) -> CurlRequest {
    CurlRequest(
      method: .get, url: url,
      headers: jsonHeaders + [field("MCP-Protocol-Version", ProtocolVersion.modern[0])])
  }

  private func request(
    _ post: TokenPost, _ client: OAuthClient
  ) throws(OAuthFault) -> CurlRequest {
    var post = post
    if let assertion = post.assertion {
      guard let key = client.privateKey else {
        throw OAuthFault(.unsupported, "the client has no private key to sign with")
      }
      let algorithm = client.signingAlgorithm ?? "ES256"
      var random = SystemRandomNumberGenerator()
      let input = assertion.signingInput(
        algorithm: algorithm, id: ProofKey.text(using: &random), at: loop.wallClock)
      do throws(Cryptography.KeyError) {
        let signature = try Cryptography.sign(
          Array(input.utf8), pem: key.value, algorithm: algorithm)
        post.add(signedAssertion: input + "." + Base64URL.encode(signature))
      } catch {
        throw OAuthFault(.unsupported, error.message)
      }
    }
    var headers = Self.jsonHeaders
    headers.append(Self.field("Content-Type", "application/x-www-form-urlencoded"))
    if let authorization = post.authorization {
      headers.append(Self.field("Authorization", authorization.value))
    }
    return CurlRequest(method: .post, url: post.url, headers: headers, body: post.body)
  }

  private func answer(
    to request: CurlRequest, _ rules: AddressRules, hiding post: TokenPost? = nil
  ) async -> OAuthCourse.Event {
    var request = request
    if let fault = rules.fault(in: request.url) {
      return .unreachable("\(Endpoint.redacted(request.url)) \(fault)")
    }
    request.refusesPrivateAddresses = !rules.allowsInside
    let (curl, sent) = (curl, request)
    let place = Endpoint.redacted(request.url)
    let result = await loop.limited(to: Self.requestLimit) {
      () async -> Result<CurlResponse, Failure> in
      do throws(Failure) { return .success(try await curl.send(sent)) } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let response):
      switch response.body {
      case .complete(let body):
        return .answer(status: response.status, body: hidden(body, post))
      case .stream(let stream):
        await stream.cancel()
        return .answer(status: response.status, body: [])
      }
    case .failure(let failure):
      let reason =
        failure.kind == .cancelled
        ? "no answer within \(Self.requestLimit.components.seconds) s" : failure.message
      return .unreachable("\(place): \(reason)")
    }
  }

  /// An error that repeats what we sent would carry our secrets into messages.
  private func hidden(_ body: [UInt8], _ post: TokenPost?) -> [UInt8] {
    guard let post, body.count <= OAuthCourse.documentLimit else { return body }
    let secrets = post.fields.filter { Self.secretFields.contains($0.name) && $0.value.count > 7 }
    // Why the answer cannot be read makes no difference: such an answer is quoted nowhere.
    guard let view = try? JSONView(body), view.member("error") != nil,
      !secrets.isEmpty
    else { return body }
    var text = String(decoding: body, as: UTF8.self)
    for secret in secrets { text = text.replacing(secret.value, with: "…") }
    return Array(text.utf8)
  }
}
