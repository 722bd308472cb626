package import FleetModel
import Resilience

// Whether whoever answers is the server that was there before, and where it has gone.
extension FleetMachine {
  /// What is wrong with whoever answered on a new connection; nil when it is whom it should be.
  ///
  /// Asked of endpoints with a port range only. The first to answer there is the server, unless the
  /// configuration says who it is.
  mutating func refusal(of info: ConnectionInfo, of number: Int) -> Failure? {
    guard servers[number].definition.endpoint.portRange != nil else { return nil }
    let isConnected = servers[number].pool.isConnected
    guard let found = info.identity else {
      guard servers[number].expected != nil, !isConnected else { return nil }
      return Failure(
        .impostor,
        "whoever answers at \(servers[number].definition.endpoint.address) does not say"
          + " who it is", delivery: .notSent)
    }
    guard let expected = servers[number].expected else {
      servers[number].expected = ExpectedIdentity(identity: found, isConfigured: false)
      return nil
    }
    guard expected.identity != found else { return nil }
    // It announced its new tools on a connection that is still open beside this one.
    if isConnected, servers[number].hasNewTools || servers[number].search == .newTools,
      found.name == expected.identity.name, !expected.isConfigured
    {
      servers[number].expected?.identity = found
      return nil
    }
    let impostor = Impostor(
      endpoint: servers[number].definition.endpoint, expected: expected.identity, found: found)
    return impostor.failure
  }

  /// Somebody else answered: whatever is open leads to it, and nothing is sent there.
  mutating func renounce(
    _ found: ServerIdentity?, _ failure: Failure, of number: Int, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    let before = servers[number].impostor
    if let found, let expected = servers[number].expected?.identity {
      show(
        Impostor(endpoint: servers[number].definition.endpoint, expected: expected, found: found),
        of: number, at: now)
    }
    perform(
      servers[number].pool.renounce(failure, at: now, using: &random), of: number, at: now,
      using: &random)
    connectFailed(failure, of: number, at: now, using: &random)
    if servers[number].impostor != before { effects.append(.publish(snapshot(at: now))) }
  }

  private mutating func show(_ impostor: Impostor, of number: Int, at now: Instant) {
    guard servers[number].impostor != impostor else { return }
    servers[number].impostor = impostor
    servers[number].hasAnnouncedOutage = true
    servers[number].health.failed(impostor.failure.message, at: timestamp(now))
    let id = servers[number].definition.id
    note(
      .error,
      "\(impostor.failure.message); nothing is sent to it; to accept it: mcpdash trust \(id)",
      server: id, at: now)
  }

  // MARK: Searching

  /// Looks for a server that is not where it was, as often as it is reconnected by itself.
  mutating func searchPorts(of number: Int, after failure: Failure, at now: Instant) {
    guard servers[number].definition.endpoint.portRange != nil, failure.saysAnotherIsThere,
      servers[number].expected != nil, servers[number].search == nil,
      !servers[number].pool.isConnected, now >= servers[number].searchAllowedAt ?? now
    else { return }
    servers[number].searchAllowedAt = servers[number].pool.reconnectDueAt
    search(servers[number].configuredEndpoint, of: number, for: .vanished, at: now)
  }

  /// Reads the identity anew where the connection that told of new tools leads to.
  mutating func learnNewTools(of number: Int, at now: Instant) {
    guard let expected = servers[number].expected, !expected.isConfigured,
      servers[number].definition.endpoint.portRange != nil, servers[number].pool.isConnected
    else { return }
    servers[number].hasNewTools = true
    let endpoint = servers[number].definition.endpoint
    guard servers[number].search == nil, let port = endpoint.port else { return }
    servers[number].hasNewTools = false
    search(endpoint.searched(onPort: port), of: number, for: .newTools, at: now)
  }

  private mutating func search(
    _ endpoint: Endpoint, of number: Int, for cause: PortSearch, at now: Instant
  ) {
    servers[number].search = cause
    var definition = servers[number].definition
    definition.endpoint = endpoint
    timers.set(.search(number), at: now + Self.searchLimit)
    effects.append(.locate(definition))
  }

  /// The transport's own limit is a little shorter.
  static let searchLimit = Duration.seconds(35)

  mutating func abortSearch(of number: Int) {
    guard servers[number].search != nil else { return }
    servers[number].search = nil
    timers.remove(.search(number))
    effects.append(.abortLocate(servers[number].definition.id))
  }

  mutating func searchTimedOut(of number: Int) { abortSearch(of: number) }

  mutating func located(
    _ candidates: [PortCandidate], of number: Int, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let search = servers[number].search else { return }
    servers[number].search = nil
    timers.remove(.search(number))
    guard let expected = servers[number].expected?.identity else { return }
    switch search {
    case .newTools: learned(candidates.first, of: number, at: now)
    case .vanished:
      guard !servers[number].pool.isConnected else { return }
      let endpoint = servers[number].definition.endpoint
      if let port = Self.nearest(candidates.filter { $0.identity == expected }, to: endpoint)?.port
      {
        return foundAgain(on: port, of: number, at: now, using: &random)
      }
      let namesakes = candidates.filter { $0.identity.name == expected.name }
      let other = Self.nearest(namesakes, to: endpoint) ?? Self.nearest(candidates, to: endpoint)
      guard let other, let place = endpoint.moved(toPort: other.port) else {
        servers[number].impostor = nil
        return
      }
      show(
        Impostor(endpoint: place, expected: expected, found: other.identity), of: number, at: now)
      effects.append(.publish(snapshot(at: now)))
    }
  }

  /// The one on the port in use, else the lowest.
  private static func nearest(
    _ candidates: [PortCandidate], to endpoint: Endpoint
  ) -> PortCandidate? {
    candidates.first { $0.port == endpoint.port } ?? candidates.min { $0.port < $1.port }
  }

  private mutating func learned(_ candidate: PortCandidate?, of number: Int, at now: Instant) {
    guard servers[number].pool.isConnected else { return }
    if let candidate, let expected = servers[number].expected, !expected.isConfigured,
      candidate.identity.name == expected.identity.name
    {
      servers[number].expected?.identity = candidate.identity
    }
    if servers[number].hasNewTools { learnNewTools(of: number, at: now) }
  }

  private mutating func foundAgain(
    on port: Int, of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let endpoint = servers[number].definition.endpoint.moved(toPort: port) else { return }
    note(
      .info, "found again on port \(port)", server: servers[number].definition.id, at: now)
    take(endpoint, of: number, because: "found again on port \(port)", at: now, using: &random)
  }

  /// Goes to another address of the same endpoint, which nothing has been seen of yet.
  private mutating func take(
    _ endpoint: Endpoint, of number: Int, because reason: String, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    servers[number].use(endpoint)
    servers[number].impostor = nil
    servers[number].info = nil
    servers[number].searchAllowedAt = nil
    servers[number].hasAnnouncedOutage = true
    beginAnew(number, reason: reason, at: now, using: &random)
    effects.append(.publish(snapshot(at: now)))
  }

  // MARK: The operator's word

  /// Who answers in a server's place, in words; nil when nobody does.
  package func impostor(of server: ServerID) -> String? {
    guard let number = roster.numbers[server], let impostor = servers[number].impostor else {
      return nil
    }
    return "\(impostor.found.words) at \(impostor.endpoint.address)"
  }

  mutating func trust(
    _ number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let impostor = servers[number].impostor else { return }
    servers[number].expected = ExpectedIdentity(identity: impostor.found, isConfigured: false)
    abortSearch(of: number)
    note(
      .warning,
      "\(impostor.found.words) at \(impostor.endpoint.address) is trusted by hand; it was"
        + " \(impostor.expected.words)",
      server: servers[number].definition.id, at: now)
    take(impostor.endpoint, of: number, because: "trusted by hand", at: now, using: &random)
  }
}

extension Impostor {
  /// For calls: none is sent.
  var failure: Failure {
    Failure(
      .impostor,
      "another server answers at \(endpoint.address): expected \(expected.words), found"
        + " \(found.words)", delivery: .notSent)
  }
}

extension Failure {
  /// Nobody, or something that is not this server, is where it was.
  fileprivate var saysAnotherIsThere: Bool {
    switch kind {
    case .connectionRefused, .malformedAnswer, .incompatibleProtocol, .impostor: true
    case .httpStatus(let status): status == 404 || status == 405
    case .nameNotResolved, .connectionReset, .tls, .tryTimeout, .totalTimeout, .answerTooLarge,
      .sessionLost, .spawnFailed, .processExited, .breakerOpen, .poolExhausted, .bulkheadFull,
      .rateLimited, .notConnected, .cancelled, .unknownServer, .shuttingDown, .unauthorized:
      false
    }
  }
}
