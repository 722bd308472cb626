package import FleetModel

/// One authorization from a server's challenge to a token, as a machine that does nothing itself.
///
/// ```
/// resource ─► server ─► registering ─► person ─► exchanging ─► over
///                │            ▲          ▲           ▲
///                └────────────┴──────────┴───────────┘   what is known already is not asked
/// ```
package struct OAuthCourse: Sendable {
  package enum Purpose: Hashable, Sendable {
    /// A person consents in a browser, which then goes to the redirect address.
    case person(redirectURI: String, proof: ProofKey, state: String)
    /// The client is its own master.
    case machine
  }

  package enum Event: Hashable, Sendable {
    /// To the last `get`, `register` or `post`.
    case answer(status: Int, body: [UInt8])
    case unreachable(String)
    /// The browser came back with this query.
    case redirected(query: String)
  }

  package enum Effect: Hashable, Sendable {
    /// Without following redirects.
    case get(String)
    case register(url: String, body: JSONText)
    case post(TokenPost)
    case askPerson(url: String)
    case done(OAuthGrant)
    case failed(OAuthFault)
  }

  /// Asked in the order given; `rest` is what is left to ask.
  private enum State {
    case begun
    case resource(asked: String, rest: [String])
    case server(asked: String, rest: [String])
    case registering(OAuthRegistration)
    case person(AuthorizationRequest)
    case exchanging
    case over
  }

  /// Bytes of a document; a longer one is none.
  package static let documentLimit = 256 << 10

  package let server: WebAddress
  package let rules: AddressRules
  private let client: OAuthClient
  private let purpose: Purpose
  private let challenge: BearerChallenge?
  private let heldScopes: [String]
  private let registrations: [OAuthRegistration]
  private var state = State.begun
  private var resource: String
  private var resourceScopes: [String]?
  /// What the metadata must name; nil where the operator says where they are.
  private var issuer: String?
  /// The server says nothing of its authorization: revision 2025-03-26.
  private var isOld = false
  private var metadata: AuthorizationServer?
  private var identity: OAuthIdentity?
  private var scopes: [String] = []
  /// A registration made on the way, worth keeping whatever comes of the rest.
  package private(set) var newRegistration: OAuthRegistration?

  /// - Parameters:
  ///   - heldScopes: what the token so far was asked for, so that nothing is lost.
  ///   - registrations: earlier ones, at any issuer.
  package init(
    server: WebAddress, rules: AddressRules, client: OAuthClient, purpose: Purpose,
    challenge: BearerChallenge?, heldScopes: [String] = [],
    registrations: [OAuthRegistration] = []
  ) {
    self.server = server
    self.rules = rules
    self.client = client
    self.purpose = purpose
    self.challenge = challenge
    self.heldScopes = heldScopes
    self.registrations = registrations
    resource = server.resource
  }

  package mutating func begin() -> Effect {
    if let place = client.serverMetadataURL {
      return step { (course) throws(OAuthFault) in try course.askServer([place]) }
    }
    let places = ProtectedResource.places(of: server, named: challenge?.resourceMetadata)
    return step { (course) throws(OAuthFault) in try course.askResource(places) }
  }

  package mutating func handle(_ event: Event, at now: Timestamp) -> Effect {
    step { (course) throws(OAuthFault) in
      switch (course.state, event) {
      case (_, .unreachable(let reason)): throw OAuthFault(.unavailable, reason)
      case (.resource(let asked, let rest), .answer(let status, let body)):
        return try course.takeResource(status, body, asked: asked, rest: rest, at: now)
      case (.server(let asked, let rest), .answer(let status, let body)):
        return try course.takeServer(status, body, asked: asked, rest: rest, at: now)
      case (.registering(let draft), .answer(let status, let body)):
        return try course.takeRegistration(status, body, draft)
      case (.person(let request), .redirected(let query)):
        return try course.takeRedirect(query, request)
      case (.exchanging, .answer(let status, let body)):
        return try course.takeToken(status, body, at: now)
      case (.begun, _), (.over, _), (.person, .answer), (_, .redirected):
        preconditionFailure("an event answers the last effect")
      }
    }
  }

  private mutating func step(
    _ body: (inout OAuthCourse) throws(OAuthFault) -> Effect
  ) -> Effect {
    do throws(OAuthFault) { return try body(&self) } catch {
      state = .over
      return .failed(error)
    }
  }

  // MARK: The protected resource

  private mutating func askResource(_ places: [String]) throws(OAuthFault) -> Effect {
    guard let place = places.first else { return try askOldServer() }
    try check(place, "the metadata of the server")
    state = .resource(asked: place, rest: Array(places.dropFirst()))
    return .get(place)
  }

  private mutating func takeResource(
    _ status: Int, _ body: [UInt8], asked: String, rest: [String], at now: Timestamp
  ) throws(OAuthFault) -> Effect {
    try Self.passUnavailable(status, asked)
    guard status == 200, body.count <= Self.documentLimit, let document = ProtectedResource(body)
    else { return try askResource(rest) }
    guard document.covers(server) else {
      throw OAuthFault(
        .mismatch, "\(asked) speaks of another server than \(server.resource)")
    }
    resource = document.resource
    resourceScopes = document.scopes
    issuer = document.authorizationServers[0]
    guard let issuer, let address = WebAddress(issuer) else {
      throw OAuthFault(.mismatch, "\(asked) names an authorization server that is no address")
    }
    return try askServer(AuthorizationServer.places(of: address))
  }

  /// Revision 2025-03-26: the server's own origin gives the tokens.
  private mutating func askOldServer() throws(OAuthFault) -> Effect {
    isOld = true
    issuer = server.origin
    return try askServer([AuthorizationServer.places(of: server.root)[0]])
  }

  // MARK: The authorization server

  private mutating func askServer(_ places: [String]) throws(OAuthFault) -> Effect {
    guard let place = places.first else {
      guard isOld, challenge != nil else {
        throw OAuthFault(
          .noMetadata,
          isOld
            ? "the server does not say where it gets its tokens"
            : "\(issuer ?? "the authorization server") has no metadata where they belong")
      }
      return try use(AuthorizationServer(assumedAt: server.origin), at: nil)
    }
    try check(place, "the metadata of the authorization server")
    state = .server(asked: place, rest: Array(places.dropFirst()))
    return .get(place)
  }

  private mutating func takeServer(
    _ status: Int, _ body: [UInt8], asked: String, rest: [String], at now: Timestamp
  ) throws(OAuthFault) -> Effect {
    try Self.passUnavailable(status, asked)
    guard status == 200, body.count <= Self.documentLimit, let found = AuthorizationServer(body)
    else { return try askServer(rest) }
    if let issuer {
      // RFC 8414 §3.3: compared as it is written. The origin we made ourselves has two forms.
      guard found.issuer == issuer || isOld && found.issuer == issuer + "/" else {
        throw OAuthFault(.mismatch, "\(asked) is of another issuer than \(issuer)")
      }
    }
    return try use(found, at: now)
  }

  /// - Parameter now: nil where nothing can be known already.
  private mutating func use(
    _ found: AuthorizationServer, at now: Timestamp?
  ) throws(OAuthFault) -> Effect {
    if let fault = found.fault(under: rules) {
      throw OAuthFault(.mismatch, "the metadata of \(found.issuer) cannot be used: \(fault)")
    }
    metadata = found
    var isPerson = false
    if case .person = purpose { isPerson = true }
    scopes = Scopes.choice(
      configured: client.scopes, challenge: challenge, held: heldScopes, resource: resourceScopes,
      server: found.scopes, isPerson: isPerson)
    switch purpose {
    case .machine:
      guard let identity = OAuthIdentity(configured: client, at: found) else {
        throw OAuthFault(.unsupported, "client credentials need a clientId")
      }
      return exchange(found, identity, [("grant_type", "client_credentials")])
    case .person(let redirectURI, _, _):
      // RFC 7636 has no other way to find out, and without it a stolen code is a stolen token.
      guard found.codeChallengeMethods?.contains(ProofKey.method) == true else {
        throw OAuthFault(
          .unsupported, "\(found.issuer) does not say that it knows PKCE with S256")
      }
      return try choose(found, redirectURI, at: now)
    }
  }

  // MARK: The client

  /// What the operator gave, then our document, then an earlier registration, then a new one.
  private mutating func choose(
    _ found: AuthorizationServer, _ redirectURI: String, at now: Timestamp?
  ) throws(OAuthFault) -> Effect {
    if let identity = OAuthIdentity(configured: client, at: found) {
      return try ask(found, identity)
    }
    if found.takesClientDocuments, let document = client.metadataURL {
      return try ask(found, OAuthIdentity(id: document, authentication: .none))
    }
    let known = registrations.last {
      $0.serves(
        issuer: found.issuer, redirectURI: redirectURI, scopes: scopes,
        at: now ?? Timestamp(millisecondsSinceEpoch: 0))
    }
    if let known { return try ask(found, known.identity) }
    guard let endpoint = found.registrationEndpoint else {
      throw OAuthFault(
        .unsupported,
        "\(found.issuer) registers no clients by itself; get a client id there and write it under"
          + " oauth.clientId")
    }
    state = .registering(
      OAuthRegistration(
        issuer: found.issuer, identity: OAuthIdentity(id: "", authentication: .none),
        redirectURI: redirectURI, scopes: scopes))
    return .register(
      url: endpoint,
      body: OAuthRegistration.request(redirectURI: redirectURI, scopes: scopes, at: found))
  }

  private mutating func takeRegistration(
    _ status: Int, _ body: [UInt8], _ draft: OAuthRegistration
  ) throws(OAuthFault) -> Effect {
    guard let metadata else { preconditionFailure("a registration is made at a known server") }
    let registration = try OAuthRegistration.read(
      status: status, body: body, redirectURI: draft.redirectURI, scopes: draft.scopes,
      at: metadata)
    newRegistration = registration
    return try ask(metadata, registration.identity)
  }

  // MARK: The person, and the token

  private mutating func ask(
    _ found: AuthorizationServer, _ identity: OAuthIdentity
  ) throws(OAuthFault) -> Effect {
    guard case .person(let redirectURI, let proof, let state) = purpose else {
      preconditionFailure("only a person is asked")
    }
    self.identity = identity
    let request = AuthorizationRequest(
      server: found, clientID: identity.id, redirectURI: redirectURI, scopes: scopes,
      resource: resource, proof: proof, state: state)
    guard let url = request.url else {
      throw OAuthFault(.unsupported, "\(found.issuer) has no place where a person consents")
    }
    self.state = .person(request)
    return .askPerson(url: url)
  }

  private mutating func takeRedirect(
    _ query: String, _ request: AuthorizationRequest
  ) throws(OAuthFault) -> Effect {
    guard let identity else { preconditionFailure("a person was asked for a known client") }
    let code = try AuthorizationAnswer(query: query).code(for: request)
    return exchange(
      request.server, identity,
      [
        ("grant_type", "authorization_code"), ("code", code),
        ("redirect_uri", request.redirectURI), ("code_verifier", request.proof.verifier),
      ], asksScopes: false)
  }

  private mutating func exchange(
    _ found: AuthorizationServer, _ identity: OAuthIdentity, _ fields: [(String, String)],
    asksScopes: Bool = true
  ) -> Effect {
    self.identity = identity
    state = .exchanging
    let scope =
      asksScopes && !scopes.isEmpty ? [("scope", scopes.joined(separator: " "))] : []
    return .post(
      TokenPost(
        url: found.tokenEndpoint, fields + [("resource", resource)] + scope, identity: identity,
        issuer: found.issuer))
  }

  private mutating func takeToken(
    _ status: Int, _ body: [UInt8], at now: Timestamp
  ) throws(OAuthFault) -> Effect {
    guard let metadata, let identity else {
      preconditionFailure("a token is asked of a known server by a known client")
    }
    let answer = try TokenAnswer(status: status, body: body, from: metadata.issuer)
    var grant = OAuthGrant(
      issuer: metadata.issuer, server: server.resource, resource: resource, identity: identity,
      tokenEndpoint: metadata.tokenEndpoint, revocationEndpoint: metadata.revocationEndpoint,
      accessToken: answer.accessToken, scopes: scopes)
    grant.take(answer, at: now)
    state = .over
    return .done(grant)
  }

  // MARK: Rules

  private func check(_ address: String, _ what: String) throws(OAuthFault) {
    if let fault = rules.fault(in: address) {
      throw OAuthFault(.mismatch, "\(what) would be at \(address), which \(fault)")
    }
  }

  /// An error of the moment says nothing about where the documents are.
  private static func passUnavailable(_ status: Int, _ place: String) throws(OAuthFault) {
    guard status != 429, status < 500 else {
      throw OAuthFault(.unavailable, "\(place) answered HTTP \(status)")
    }
  }
}

extension WebAddress {
  /// The origin as an address of its own.
  fileprivate var root: WebAddress { WebAddress(origin) ?? self }
}
