import FleetModel
import Resilience

// Connections come and go: the pool asks, the transport does, the breaker and the operator are
// told.
extension FleetMachine {
  /// Carries out what a pool decided and sets its timer anew.
  mutating func perform(
    _ actions: [Pool<CallID>.Action], of number: Int, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    for action in actions {
      switch action {
      case .open(let id):
        connecting.insert(id)
        let server = servers[number]
        timers.set(
          .connect(id), at: now + server.definition.policies.pool.connectTimeout)
        // Only while another connection proves it is a verdict good enough to skip the probe;
        // otherwise `connected` would be a guess.
        let knownEra = server.pool.isConnected ? server.info : nil
        effects.append(.open(server.definition, id, knownEra: knownEra))
      case .close(let id): effects.append(.close(id))
      case .grant(let call, let id): granted(call, id, at: now, using: &random)
      case .refuse(let call, let failure): refused(call, failure, at: now, using: &random)
      case .validate(let id):
        perform(
          servers[number].pool.validated(id, nil, at: now, using: &random), of: number, at: now,
          using: &random)
      case .leak: break
      }
    }
    setPoolTimer(of: number)
  }

  mutating func setPoolTimer(of number: Int) {
    if let deadline = servers[number].pool.nextDeadline {
      timers.set(.pool(number), at: deadline)
    } else {
      timers.remove(.pool(number))
    }
  }

  mutating func opened(
    _ id: ConnectionID, _ info: ConnectionInfo, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard connecting.remove(id) != nil else { return effects.append(.close(id)) }
    timers.remove(.connect(id))
    let number = ServerState.number(of: id)
    let isNews =
      !servers[number].pool.isConnected
      && (servers[number].info == nil || servers[number].hasAnnouncedOutage)
    servers[number].info = info
    perform(
      servers[number].pool.opened(id, at: now, using: &random), of: number, at: now,
      using: &random)
    beginChecks(of: number, at: now, using: &random)
    guard isNews else { return }
    servers[number].hasAnnouncedOutage = false
    timers.set(.check(number), at: now)
    note(
      .info, "connected: \(info.era.rawValue) era, protocol \(info.protocolVersion)",
      server: servers[number].definition.id, at: now)
    refreshTools(of: number, at: now)
  }

  mutating func openFailed(
    _ id: ConnectionID, _ failure: Failure, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard connecting.remove(id) != nil else { return }
    timers.remove(.connect(id))
    let number = ServerState.number(of: id)
    perform(
      servers[number].pool.openFailed(id, failure, at: now, using: &random), of: number, at: now,
      using: &random)
    beginChecks(of: number, at: now, using: &random)
    guard !servers[number].pool.isConnected else { return }
    announceOutage(of: number, "cannot connect: \(failure.message)", at: now)
  }

  mutating func connectTimedOut(
    _ id: ConnectionID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard connecting.contains(id) else { return }
    effects.append(.close(id))
    let limit = servers[ServerState.number(of: id)].definition.policies.pool.connectTimeout
    openFailed(
      id,
      Failure(.tryTimeout, "not connected in \(limit.shortText)", delivery: .notSent), at: now,
      using: &random)
  }

  mutating func closed(
    _ id: ConnectionID, _ failure: Failure, of number: Int, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    perform(
      servers[number].pool.closed(id, failure, at: now, using: &random), of: number, at: now,
      using: &random)
    guard !servers[number].pool.isConnected else { return }
    announceOutage(of: number, "connection lost: \(failure.message)", at: now)
  }

  /// One exchange found nobody there: the idle connections lead to the same nobody.
  mutating func noticeAbsence(
    _ failure: Failure, of number: Int, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard failure.saysNobodyIsThere else { return }
    perform(
      servers[number].pool.invalidateIdle(failure, at: now, using: &random), of: number, at: now,
      using: &random)
    guard !servers[number].pool.isConnected else { return }
    announceOutage(of: number, "connection lost: \(failure.message)", at: now)
  }

  private mutating func announceOutage(of number: Int, _ text: String, at now: Instant) {
    guard !servers[number].hasAnnouncedOutage else { return }
    servers[number].hasAnnouncedOutage = true
    note(.error, text, server: servers[number].definition.id, at: now)
  }

  // MARK: Tools

  mutating func refreshTools(of number: Int, at now: Instant) {
    let server = servers[number]
    guard !server.isListingTools, let connection = server.pool.anyOpen() else { return }
    servers[number].isListingTools = true
    effects.append(.listTools(server.definition.id, connection))
  }

  mutating func toolsListed(_ list: ToolList, of number: Int, at now: Instant) {
    servers[number].isListingTools = false
    servers[number].toolCount = list.tools.count
    servers[number].tools = Dictionary(
      list.tools.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    servers[number].cache.insert(
      list, for: "tools/list", timeToLive: list.timeToLive, at: now)
  }

  mutating func toolsFailed(_ failure: Failure, of number: Int, at now: Instant) {
    servers[number].isListingTools = false
    note(
      .warning, "tools/list failed: \(failure.message)", server: servers[number].definition.id,
      at: now)
  }

  mutating func toolsChanged(of number: Int, at now: Instant) {
    servers[number].cache.remove("tools/list")
    note(.info, "its tools changed", server: servers[number].definition.id, at: now)
    refreshTools(of: number, at: now)
  }
}

extension Failure {
  /// The whole server is away, not just one exchange.
  fileprivate var saysNobodyIsThere: Bool {
    switch kind {
    case .connectionRefused, .nameNotResolved, .processExited, .spawnFailed: true
    case .connectionReset, .tls, .tryTimeout, .totalTimeout, .httpStatus, .malformedAnswer,
      .answerTooLarge, .sessionLost, .breakerOpen, .poolExhausted, .bulkheadFull,
      .rateLimited, .notConnected, .cancelled,
      .unknownServer, .shuttingDown, .incompatibleProtocol, .unauthorized:
      false
    }
  }
}
