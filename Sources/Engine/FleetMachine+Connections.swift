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
      case .close(let id): close(id)
      case .validate(let id):
        validating.insert(id)
        timers.set(
          .validation(id), at: now + servers[number].definition.policies.health.timeout)
        effects.append(.validate(id))
      case .grant(let call, let id): granted(call, id, of: number, at: now, using: &random)
      case .refuse(let call, let failure): refused(call, failure, at: now, using: &random)
      case .leak(let call, let id, let held): announceLeak(call, id, held, of: number, at: now)
      }
    }
    setPoolTimer(of: number)
    if servers[number].definition.endpoint.isHTTP || servers[number].isRetired { return }
    announceCrashLoop(of: number, at: now)
  }

  /// Whatever is under way on a connection that the pool gives up ends with it.
  private mutating func close(_ id: ConnectionID) {
    if connecting.remove(id) != nil { timers.remove(.connect(id)) }
    if validating.remove(id) != nil {
      timers.remove(.validation(id))
      effects.append(.abortValidation(id))
    }
    effects.append(.close(id))
  }

  mutating func setPoolTimer(of number: Int) {
    if let deadline = servers[number].moveUpPoolTimer() { timers.set(.pool(number), at: deadline) }
  }

  mutating func opened(
    _ id: ConnectionID, _ info: ConnectionInfo, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard connecting.remove(id) != nil, let number = roster.place(of: id) else {
      return effects.append(.close(id))
    }
    timers.remove(.connect(id))
    if let refusal = refusal(of: info, of: number) {
      return renounce(info.identity, refusal, of: number, at: now, using: &random)
    }
    servers[number].impostor = nil
    servers[number].selector.opened()
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
    guard connecting.remove(id) != nil, let number = roster.place(of: id) else { return }
    timers.remove(.connect(id))
    perform(
      servers[number].pool.openFailed(id, failure, at: now, using: &random), of: number, at: now,
      using: &random)
    connectFailed(failure, of: number, at: now, using: &random)
  }

  /// An attempt to connect has ended without a connection.
  mutating func connectFailed(
    _ failure: Failure, of number: Int, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    beginChecks(of: number, at: now, using: &random)
    guard !servers[number].pool.isConnected else { return }
    announceOutage(of: number, "cannot connect: \(failure.message)", at: now)
    if servers[number].selector.openFailed(at: now) {
      moveEndpoint(of: number, because: "cannot connect", at: now, using: &random)
    } else {
      searchPorts(of: number, after: failure, at: now)
    }
  }

  mutating func connectTimedOut(
    _ id: ConnectionID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard connecting.contains(id), let number = roster.place(of: id) else { return }
    effects.append(.close(id))
    let limit = servers[number].definition.policies.pool.connectTimeout
    openFailed(
      id,
      Failure(.tryTimeout, "not connected in \(limit.shortText)", delivery: .notSent), at: now,
      using: &random)
  }

  mutating func closed(
    _ id: ConnectionID, _ failure: Failure, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let number = roster.place(of: id) else { return }
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

  // MARK: The operator's hand, and odd connections

  mutating func reconnect(
    _ number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    note(.info, "reconnecting by hand", server: servers[number].definition.id, at: now)
    // So that its being connected again is told.
    servers[number].hasAnnouncedOutage = true
    perform(servers[number].pool.reset(at: now), of: number, at: now, using: &random)
    effects.append(.publish(snapshot(at: now)))
  }

  mutating func validated(
    _ id: ConnectionID, _ failure: Failure?, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard validating.remove(id) != nil, let number = roster.place(of: id) else { return }
    timers.remove(.validation(id))
    perform(
      servers[number].pool.validated(id, failure, at: now, using: &random), of: number, at: now,
      using: &random)
    guard let failure, !servers[number].pool.isConnected else { return }
    announceOutage(of: number, "connection lost: \(failure.message)", at: now)
  }

  mutating func validationTimedOut(
    _ id: ConnectionID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    effects.append(.abortValidation(id))
    guard let number = roster.place(of: id) else { return }
    let limit = servers[number].definition.policies.health.timeout.shortText
    validated(
      id, Failure(.tryTimeout, "an idle connection gave no answer in \(limit)", delivery: .unknown),
      at: now, using: &random)
  }

  private mutating func announceLeak(
    _ id: CallID, _ connection: ConnectionID, _ held: Duration, of number: Int, at now: Instant
  ) {
    let call = calls[id]?.call
    let what = call.map { $0.method + ($0.target.map { " \($0)" } ?? "") } ?? "a call"
    let whose = call?.client ?? "nobody"
    note(
      .warning, "\(what) of \(whose) has held a connection for \(held.shortText) (call \(id))",
      server: servers[number].definition.id, at: now)
  }

  private mutating func announceCrashLoop(of number: Int, at now: Instant) {
    let loop = servers[number].pool.crashLoop
    guard (loop != nil) != servers[number].isCrashLooping else { return }
    servers[number].isCrashLooping = loop != nil
    let id = servers[number].definition.id
    guard let loop else { return note(.info, "out of its crash loop", server: id, at: now) }
    note(
      .error, "crash loop: ended \(loop.count) times in a row; last: \(loop.failure.message)",
      server: id, at: now)
  }

  private mutating func announceOutage(of number: Int, _ text: String, at now: Instant) {
    // What answers next may be another.
    servers[number].hasNewTools = false
    if servers[number].search == .newTools { abortSearch(of: number) }
    guard !servers[number].hasAnnouncedOutage, !servers[number].isRetired else { return }
    servers[number].hasAnnouncedOutage = true
    note(.error, text, server: servers[number].definition.id, at: now)
  }

  // MARK: Tools

  mutating func refreshTools(of number: Int, at now: Instant) {
    let server = servers[number]
    guard !server.isListingTools, let connection = server.pool.anyOpen() else { return }
    servers[number].isListingTools = true
    servers[number].listingEpoch = servers[number].cache.epoch
    effects.append(.listTools(server.definition.id, connection))
  }

  mutating func toolsListed(_ list: ToolList, of number: Int, at now: Instant) {
    guard servers[number].isListingTools else { return }
    servers[number].isListingTools = false
    servers[number].toolCount = list.tools.count
    let cache = servers[number].definition.policies.cache
    servers[number].mayKeepTools =
      cache.isEnabled && (list.timeToLive ?? cache.timeToLive) > .zero
    servers[number].tools = Dictionary(
      list.tools.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    servers[number].cache.insert(
      list.result, for: Self.toolList, timeToLive: list.timeToLive,
      begunIn: servers[number].listingEpoch, at: now)
  }

  static let toolList = ReadKey(method: "tools/list", params: .emptyObject)

  mutating func toolsFailed(_ failure: Failure, of number: Int, at now: Instant) {
    guard servers[number].isListingTools else { return }
    servers[number].isListingTools = false
    note(
      .warning, "tools/list failed: \(failure.message)", server: servers[number].definition.id,
      at: now)
  }

  mutating func invalidateCache(_ selection: CacheSelection, at now: Instant) {
    switch selection {
    case .all:
      for number in roster.order { servers[number].cache.removeAll() }
      note(.info, "cache cleared by hand", server: nil, at: now)
    case .server(let server):
      guard let number = roster.numbers[server] else { return }
      servers[number].cache.removeAll()
      note(.info, "cache cleared by hand", server: server, at: now)
    case .entry(let server, let text):
      guard let number = roster.numbers[server],
        let key = servers[number].cache.keys.first(where: { $0.text == text })
      else { return }
      servers[number].cache.remove(key)
      note(.info, "\(text) taken from the cache by hand", server: server, at: now)
    }
    effects.append(.publish(snapshot(at: now)))
  }

  mutating func toolsChanged(of number: Int, at now: Instant) {
    servers[number].cache.remove(Self.toolList)
    note(.info, "its tools changed", server: servers[number].definition.id, at: now)
    refreshTools(of: number, at: now)
    learnNewTools(of: number, at: now)
  }
}

extension Failure {
  /// The whole server is away, not just one exchange. One that forgot a session was most likely
  /// started again, and knows the others no more than this one.
  fileprivate var saysNobodyIsThere: Bool {
    switch kind {
    case .connectionRefused, .nameNotResolved, .processExited, .spawnFailed: true
    case .sessionLost: delivery == .refused
    case .connectionReset, .tls, .tryTimeout, .totalTimeout, .httpStatus, .malformedAnswer,
      .answerTooLarge, .breakerOpen, .poolExhausted, .bulkheadFull,
      .rateLimited, .notConnected, .cancelled,
      .unknownServer, .shuttingDown, .incompatibleProtocol, .unauthorized, .impostor:
      false
    }
  }
}
