import FleetModel
import Wire

/// The credentials for one server: holds them, renews them, and answers the server's challenges.
///
/// Callers that need new credentials at once share one renewal.
actor Authorizer {
  /// Renewals for one request, and in a row without a success between them.
  static let attemptLimit = 3
  /// After so many in a row in vain nothing is tried for this long.
  static let pause = Duration.seconds(60)
  /// So long before its end a token counts as over.
  static let leeway = Duration.seconds(30)
  /// How often the file of tokens is looked at while all is well.
  private static let lookInterval = Duration.seconds(1)

  /// What one request carries.
  struct Credentials: Sendable {
    fileprivate(set) var fields: [HeaderField] = []
    /// The caller's own token, which is never renewed.
    fileprivate(set) var isCallers = false
    /// Of what was held when the request was made.
    fileprivate(set) var generation = 0

    init() {}

    /// - Throws: when the token holds what no header may hold.
    init(callers token: Secret) throws(Failure) {
      guard HTTPToken.isCredential(token.value) else {
        throw Failure(
          .unauthorized, "the caller's token holds what no header may hold", delivery: .notSent)
      }
      fields = [Authorizer.bearer(token)]
      isCallers = true
    }

    /// The request with these fields in the place of others of their names.
    func added(to request: CurlRequest) -> CurlRequest {
      guard !fields.isEmpty else { return request }
      var request = request
      let names = fields.map { $0.name.lowercased() }
      request.headers.removeAll { names.contains($0.name.lowercased()) }
      request.headers += fields
      return request
    }
  }

  /// What is held of one kind.
  private struct Held {
    var fields: [HeaderField]
    var expiresAt: Timestamp?
    var grant: OAuthGrant?
  }

  private enum Cause {
    case expiry
    case challenge(BearerChallenge, AddressRules)
  }

  nonisolated let endpoint: HTTPEndpoint
  let curl: CurlClient
  private let server: ServerID
  private let address: WebAddress?
  private let kind: Authorization
  private let loop: EventLoop
  private let conversation: OAuthConversation
  private let store: TokenStore?
  private let person: AuthorizationPerson?
  private var held: Held?
  private var generation = 0
  private var lastLook: Instant?
  /// What the last challenge said, for renewals that nobody challenged for.
  private var lastChallenge: (challenge: BearerChallenge, rules: AddressRules)?
  private var vain = (count: 0, last: Instant.origin)
  private var renewal: Task<Void, Never>?
  private var renewals = 0
  private var lastEnd: (renewal: Int, failure: Failure?) = (0, nil)
  private var waiters: [Int: CheckedContinuation<Failure?, Never>] = [:]
  private var nextWaiter = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// - Parameters:
  ///   - store: nil keeps logins in memory only.
  ///   - person: who consents while the program runs; nil asks nobody.
  init(
    server: ServerID, endpoint: HTTPEndpoint, loop: EventLoop, curl: CurlClient,
    store: TokenStore?, person: AuthorizationPerson?
  ) {
    self.server = server
    self.store = store
    self.person = person
    self.loop = loop
    self.endpoint = endpoint
    self.curl = curl
    address = WebAddress(String(endpoint.url.prefix { $0 != "#" }))
    kind = endpoint.authorization
    conversation = OAuthConversation(loop: loop, curl: curl)
  }

  /// What requests carry, without `Bearer` and the like.
  var secrets: [Secret] {
    (held?.fields ?? []).compactMap { $0.value.split(separator: " ").last.map { Secret("\($0)") } }
  }

  /// Waits for a renewal under way.
  func settle() async { await renewal?.value }

  // MARK: Requests

  /// - Parameter token: the caller's own, which wins.
  /// - Throws: when credentials are over and cannot be renewed, or are none that can be sent.
  func credentials(for token: Secret?) async throws(Failure) -> Credentials {
    if let token { return try Credentials(callers: token) }
    switch kind {
    case .none: return Credentials()
    case .command:
      if held == nil || isOver(.zero) { try await join(begin(.expiry)) }
    case .clientCredentials:
      if held != nil, isOver(Self.leeway) { try await join(begin(.expiry)) }
    case .oauth:
      look(isUrgent: false)
      if isOver(Self.leeway), held?.grant?.refreshToken != nil {
        do throws(Failure) { try await join(begin(.expiry)) } catch {
          // It is still good for a moment, and the next request tries again.
          guard !isOver(.zero), error.kind != .unauthorized else { throw error }
        }
      }
    }
    var credentials = Credentials()
    credentials.fields = held?.fields ?? []
    credentials.generation = generation
    return credentials
  }

  /// After a 401 or 403.
  ///
  /// - Parameter attempt: from 0, of one request.
  /// - Returns: whether there are other credentials to send again with.
  /// - Throws: `unauthorized` with what the operator can do.
  func challenged(
    by response: CurlResponse, under credentials: Credentials, attempt: Int
  ) async throws(Failure) -> Bool {
    let challenge = BearerChallenge(fields: response.challenges)
    guard response.status == 401 || challenge?.asksForMore == true else { return false }
    guard !credentials.isCallers else {
      throw refusal(
        response.status == 401
          ? "the server refused the caller's token"
          : "the caller's token is not enough for this" + AuthorizationAdvice.wish(challenge),
        response)
    }
    if credentials.generation != generation { return attempt < Self.attemptLimit }
    switch kind {
    case .none: throw refusal(advice(response), response)
    case .command:
      guard response.status == 401, attempt == 0 else {
        throw refusal("the server refused the token of the command", response)
      }
    case .clientCredentials: break
    case .oauth:
      if look(isUrgent: true) { return attempt < Self.attemptLimit }
      guard person != nil || response.status == 401 && attempt == 0 && isRenewable else {
        throw refusal(advice(response), response)
      }
    }
    guard attempt < Self.attemptLimit, mayTry() else {
      throw refusal("the server refused \(vain.count) authorizations in a row", response)
    }
    if renewal == nil { vain = (vain.count + 1, loop.now) }
    let rules = address.map {
      AddressRules(server: $0, remoteAddress: response.remoteAddress)
    }
    guard let rules else { throw refusal(advice(response), response) }
    lastChallenge = (challenge ?? BearerChallenge(), rules)
    try await join(begin(.challenge(challenge ?? BearerChallenge(), rules)))
    return true
  }

  /// A request that was challenged came through after all.
  func accepted() { vain.count = 0 }

  private func mayTry() -> Bool {
    if renewal != nil { return true }
    if vain.count >= Self.attemptLimit, loop.now - vain.last > Self.pause { vain.count = 0 }
    return vain.count < Self.attemptLimit
  }

  private var isRenewable: Bool { held?.grant?.refreshToken != nil }

  private func isOver(_ leeway: Duration) -> Bool {
    held?.expiresAt.map { $0 <= loop.wallClock + leeway } ?? false
  }

  // MARK: The file

  /// Takes what another process left there.
  /// - Returns: whether it is something else than what was held.
  @discardableResult
  private func look(isUrgent: Bool) -> Bool {
    guard case .oauth(let client) = kind, let store, let address else { return false }
    if !isUrgent, let lastLook, loop.now - lastLook < Self.lookInterval { return false }
    lastLook = loop.now
    let found: OAuthGrant?
    do throws(Failure) {
      found = try store.read().grant(for: address, clientID: client.id)
    } catch {
      storeFailure = error
      return false
    }
    storeFailure = nil
    guard found != held?.grant else { return false }
    hold(found.map(Self.held))
    return true
  }

  private var storeFailure: Failure?

  private func hold(_ held: Held?) {
    self.held = held
    generation += 1
  }

  private static func held(_ grant: OAuthGrant) -> Held {
    Held(fields: [bearer(grant.accessToken)], expiresAt: grant.expiresAt, grant: grant)
  }

  fileprivate static func bearer(_ token: Secret) -> HeaderField {
    HeaderField(name: "Authorization", value: "Bearer \(token.value)")
  }

  // MARK: Renewal

  /// Begins a renewal unless one is under way; it goes on when its callers leave, because a refresh
  /// token that was used is gone.
  ///
  /// Not within `join`: a task that prefers an executor may suspend before the body, and others
  /// would find none begun.
  ///
  /// - Returns: its number, to join it by.
  private func begin(_ cause: Cause) -> Int {
    if renewal == nil {
      renewals += 1
      renewal = Task {
        var failure: Failure?
        do throws(Failure) { hold(try await renewed(cause)) } catch { failure = error }
        end((renewals, failure))
      }
    }
    return renewals
  }

  /// Waits for the end of a renewal.
  private func join(_ joined: Int) async throws(Failure) {
    let number = nextWaiter
    nextWaiter += 1
    let failure = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // Looked at within: a task that prefers an executor may suspend before the body.
        if lastEnd.renewal >= joined { return continuation.resume(returning: lastEnd.failure) }
        guard !Task.isCancelled else { return continuation.resume(returning: Self.givenUp) }
        waiters[number] = continuation
      }
    } onCancel: {
      loop.run {
        self.assumeIsolated {
          $0.waiters.removeValue(forKey: number)?.resume(returning: Self.givenUp)
        }
      }
    }
    if let failure { throw failure }
  }

  private func end(_ end: (renewal: Int, failure: Failure?)) {
    renewal = nil
    lastEnd = end
    for number in waiters.keys.sorted() {
      waiters.removeValue(forKey: number)?.resume(returning: end.failure)
    }
  }

  private static let givenUp = Failure(.cancelled, "the caller gave up", delivery: .notSent)

  private func renewed(_ cause: Cause) async throws(Failure) -> Held {
    switch kind {
    case .none: preconditionFailure("static headers are never renewed")
    case .command(let command):
      let fields = try await TokenProgram.headers(of: command, on: loop)
      let token = fields.first { $0.name.lowercased() == "authorization" }
        .map { Secret(String($0.value.drop { $0 != " " }.dropFirst())) }
      return Held(fields: fields, expiresAt: token.flatMap { JSONWebToken.expiry(of: $0) })
    case .clientCredentials(let client): return try await converse(client, cause, .machine)
    case .oauth(let client):
      if let grant = held?.grant, grant.refreshToken != nil, mayRefresh(cause) {
        return try await refreshed(grant, client, cause)
      }
      guard let person else { throw refusal("there is nobody to log in", .notSent) }
      var random = SystemRandomNumberGenerator()
      return try await converse(
        client, cause,
        .person(
          redirectURI: person.redirectURI,
          proof: ProofKey(using: &random, digest: Cryptography.sha256),
          state: ProofKey.text(using: &random)))
    }
  }

  /// More scopes are not to be had by refreshing, and what was just refreshed and refused is over.
  private func mayRefresh(_ cause: Cause) -> Bool {
    switch cause {
    case .expiry: true
    case .challenge(let challenge, _): !challenge.asksForMore && vain.count <= 1
    }
  }

  private func rules(_ cause: Cause) -> AddressRules? {
    if case .challenge(_, let rules) = cause { return rules }
    return lastChallenge?.rules ?? address.map { AddressRules(server: $0) }
  }

  private func refreshed(
    _ grant: OAuthGrant, _ client: OAuthClient, _ cause: Cause
  ) async throws(Failure) -> Held {
    guard let rules = rules(cause) else { throw refusal(advice(nil), .notSent) }
    let renewed: OAuthGrant
    do throws(OAuthFault) {
      renewed = try await conversation.renew(grant, client: client, rules: rules)
    } catch {
      // Another process may have used the refresh token first, and rotated it.
      if error.endsGrant, look(isUrgent: true), let held { return held }
      guard error.endsGrant else { throw failure(error) }
      throw refusal("\(error.message); \(words.login)", .notSent)
    }
    try store?.change { $0.keep(renewed) }
    return Self.held(renewed)
  }

  private func converse(
    _ client: OAuthClient, _ cause: Cause, _ purpose: OAuthCourse.Purpose
  ) async throws(Failure) -> Held {
    guard let address, let rules = rules(cause) else { throw refusal(advice(nil), .notSent) }
    var challenge = lastChallenge?.challenge
    if case .challenge(let fresh, _) = cause { challenge = fresh }
    let store = store
    let course = OAuthCourse(
      server: address, rules: rules, client: client, purpose: purpose, challenge: challenge,
      heldScopes: challenge?.asksForMore == true ? held?.grant?.scopes ?? [] : [],
      registrations: try store?.read().registrations ?? [])
    let grant: OAuthGrant
    do throws(OAuthFault) {
      grant = try await conversation.run(course, client: client, person: person) {
        // A registration that is not kept is made again.
        registration in try? store?.change { $0.keep(registration) }
      }
    } catch {
      throw failure(error)
    }
    if case .person = purpose { try store?.change { $0.keep(grant) } }
    return Self.held(grant)
  }

  // MARK: Words

  /// An authorization server that is away for a moment is no reason to ask the operator.
  private func failure(_ fault: OAuthFault) -> Failure {
    switch fault.kind {
    case .unavailable: Failure(.connectionReset, fault.message, delivery: .notSent)
    case .mismatch, .unsupported, .noMetadata, .refused: refusal(fault.message, .notSent)
    }
  }

  private func refusal(_ message: String, _ response: CurlResponse) -> Failure {
    var failure = refusal(message, .refused)
    failure.retryAfter = response.retryAfter.flatMap {
      RetryAfter.parse($0, now: loop.wallClock)
    }
    return failure
  }

  private func refusal(_ message: String, _ delivery: Delivery) -> Failure {
    Failure(.unauthorized, message, delivery: delivery)
  }

  private func advice(_ response: CurlResponse?) -> String {
    if let storeFailure { return storeFailure.message }
    return words.text(
      status: response?.status,
      challenge: response.flatMap { BearerChallenge(fields: $0.challenges) },
      hadToken: held != nil)
  }

  private var words: AuthorizationAdvice {
    var offersLogin = false
    if case .oauth = kind { offersLogin = true }
    return AuthorizationAdvice(server: server, offersLogin: offersLogin)
  }
}
