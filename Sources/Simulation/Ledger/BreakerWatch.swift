import FleetModel

/// What must be true of one breaker, by what was seen on the wire, and never more than that.
///
/// It is not the breaker written twice: where what was seen leaves several histories possible, it
/// knows nothing and demands nothing.
struct BreakerWatch: Sendable {
  /// What the breaker must be doing.
  private enum Knowledge: Sendable {
    case nothing
    /// Nothing may be sent before.
    case open(until: Instant, why: String)
    /// So many attempts may be in flight at once, until enough of them succeed. Certain until a
    /// probe that was never seen, because it got no connection, can have opened it and the open
    /// time passed.
    case trial(until: Instant, probes: [AttemptID], successes: Int)
  }

  private struct Override: Sendable {
    var kind: BreakerOverride.Kind
    var since: Instant
    /// Nil is until reset.
    var until: Instant?
  }

  private var policy: BreakerPolicy
  /// An opening moves it to another endpoint and closes it at once.
  private var hasChoices: Bool
  /// The most that were ever let through at once, by earlier policies.
  private var permitPeak = 1
  private var knowledge = Knowledge.nothing
  private var override: Override?
  private var lastSend: Instant?
  /// Failures in a row of tries begun after this count for `streak`: those begun before may have
  /// been let through by an earlier state, and then say nothing.
  private var eraStart = Instant(nanoseconds: -1)
  private var streak = 0

  init(_ policy: BreakerPolicy, hasChoices: Bool) {
    self.policy = policy
    self.hasChoices = hasChoices
  }

  private var shortestOpen: Duration { policy.openDuration }
  private var permits: Int { max(permitPeak, policy.halfOpenPermits) }

  /// Whether an operator's hand is on it.
  func isOverridden(at now: Instant) -> Bool {
    guard let override else { return false }
    return override.until.map { now < $0 } ?? true
  }

  /// Everything passes by an operator's order, and did so at the instant.
  func isHeldOpenForAll(since instant: Instant, at now: Instant) -> Bool {
    guard let override, isOverridden(at: now), override.since <= instant else { return false }
    return override.kind != .open
  }

  /// Until when the last override holds; nil without one, and until reset.
  var overrideEnd: Instant? { override?.until }

  // MARK: What was seen

  mutating func overridden(_ order: BreakerOverride, at now: Instant) {
    let until = order.timeToLive > .zero ? now + order.timeToLive : nil
    override = Override(kind: order.kind, since: now, until: until)
    startEra(at: now)
    switch order.kind {
    case .open:
      knowledge = .open(until: until ?? Instant(nanoseconds: .max), why: "forced open")
    case .closed, .disabled: knowledge = .nothing
    }
  }

  mutating func reset(at now: Instant) {
    override = nil
    knowledge = .nothing
    startEra(at: now)
  }

  /// Other rules from now on; what an order demands stays.
  mutating func changed(to policy: BreakerPolicy, hasChoices: Bool, at now: Instant) {
    permitPeak = permits
    self.policy = policy
    self.hasChoices = self.hasChoices || hasChoices
    startEra(at: now)
    if isOverridden(at: now), override?.kind == .open { return }
    knowledge = .nothing
  }

  /// Its server's calls go to another endpoint from now on.
  mutating func moved(at now: Instant) {
    startEra(at: now)
    if isOverridden(at: now), override?.kind == .open { return }
    knowledge = .nothing
  }

  /// - Returns: what is wrong with that.
  mutating func sent(_ attempt: AttemptID, at now: Instant) -> String? {
    defer { lastSend = now }
    if let lastSend, now - lastSend >= shortestOpen { startEra(at: now) }
    switch knowledge {
    case .nothing: return nil
    case .open(let until, let why):
      guard now >= until else { return "a call was sent while the breaker is \(why)" }
      knowledge =
        now < until + shortestOpen
        ? .trial(until: until + shortestOpen, probes: [attempt], successes: 0) : .nothing
      return nil
    case .trial(let until, var probes, let successes):
      guard now < until else {
        knowledge = .nothing
        return nil
      }
      probes.append(attempt)
      knowledge = .trial(until: until, probes: probes, successes: successes)
      return probes.count > permits
        ? "\(probes.count) calls are out while the breaker is half-open, not \(permits)" : nil
    }
  }

  /// An attempt's end that says nothing about the server.
  mutating func endedNeutrally(_ attempt: AttemptID) {
    guard case .trial(let until, var probes, let successes) = knowledge else { return }
    probes.removeAll { $0 == attempt }
    knowledge = .trial(until: until, probes: probes, successes: successes)
  }

  /// - Parameters:
  ///   - begunAt: when its try began to wait for a place and a connection, at the earliest.
  ///   - duration: on the wire.
  mutating func ended(
    _ attempt: AttemptID, _ reply: Reply, begunAt: Instant, after duration: Duration,
    at now: Instant
  ) {
    guard let isFailure = Self.isFailure(reply, policy) else { return endedNeutrally(attempt) }
    if isFailure {
      failed(attempt, begunAt: begunAt, at: now)
    } else {
      succeeded(attempt, after: duration, at: now)
    }
  }

  private mutating func succeeded(
    _ attempt: AttemptID, after duration: Duration, at now: Instant
  ) {
    startEra(at: now)
    guard case .trial(let until, var probes, let successes) = knowledge,
      let index = probes.firstIndex(of: attempt)
    else { return }
    probes.remove(at: index)
    let isSlow = policy.slowCallDuration > .zero && duration > policy.slowCallDuration
    guard now < until, !isSlow, successes + 1 < policy.successThreshold else {
      knowledge = .nothing
      return
    }
    knowledge = .trial(until: until, probes: probes, successes: successes + 1)
  }

  private mutating func failed(_ attempt: AttemptID, begunAt: Instant, at now: Instant) {
    guard !hasChoices, !isOverridden(at: now) else {
      knowledge = hasChoices && !isForcedOpen(at: now) ? .nothing : knowledge
      return
    }
    if case .trial(let until, let probes, _) = knowledge, probes.contains(attempt) {
      knowledge = now < until ? .open(until: until, why: "open, for its probe failed") : .nothing
      return startEra(at: now)
    }
    guard begunAt > max(eraStart, override?.until ?? eraStart) else { return }
    streak += 1
    guard streak >= policy.failureLimit, let lastSend else { return }
    startEra(at: now)
    if case .open = knowledge { return }
    // It admitted a call then, so it opened later.
    let until = lastSend + shortestOpen
    if now < until {
      knowledge = .open(until: until, why: "open after \(policy.failureLimit) failures in a row")
    }
  }

  private func isForcedOpen(at now: Instant) -> Bool {
    isOverridden(at: now) && override?.kind == .open
  }

  private mutating func startEra(at now: Instant) {
    eraStart = now
    streak = 0
  }

  // MARK: What it says of itself

  /// - Parameter until: of an open one, at the latest when it really is.
  /// - Returns: what is wrong with the picture.
  mutating func pictured(
    _ picture: BreakerSnapshot, until: Instant?, at now: Instant
  ) -> String? {
    if picture.probesInFlight > permits {
      return "\(picture.probesInFlight) probes are out of \(permits)"
    }
    if let words = wrongOverride(picture, at: now) { return words }
    guard !isOverridden(at: now) else { return nil }
    switch (knowledge, picture.state) {
    case (.open(let until, let why), .closed) where now < until,
      (.open(let until, let why), .halfOpen) where now < until:
      return "the breaker says \(picture.state.rawValue) while it must be \(why)"
    case (.trial(let until, _, _), .closed) where now < until && !hasChoices:
      return "the breaker closed before \(policy.successThreshold) probes succeeded"
    default: break
    }
    if let until, picture.state == .open, !hasChoices || now < until {
      knowledge = .open(until: until, why: "open")
      startEra(at: now)
    }
    return nil
  }

  private func wrongOverride(_ picture: BreakerSnapshot, at now: Instant) -> String? {
    guard isOverridden(at: now), let override else {
      return picture.state == .forcedOpen || picture.state == .disabled
        ? "the breaker is \(picture.state.rawValue) by nobody's order" : nil
    }
    let wanted: BreakerSnapshot.State =
      switch override.kind {
      case .open: .forcedOpen
      case .closed: .closed
      case .disabled: .disabled
      }
    return picture.state == wanted
      ? nil : "the breaker is \(picture.state.rawValue), not \(wanted.rawValue) as ordered"
  }

  /// Nil is neither success nor failure.
  static func isFailure(_ reply: Reply, _ policy: BreakerPolicy) -> Bool? {
    switch reply {
    case .success, .toolError: return false
    case .protocolError(let error):
      if error.httpStatus == 429 { return policy.tooManyRequestsFails ? true : nil }
      if let status = error.httpStatus, status >= 500 { return true }
      return error.code == -32603 && policy.internalErrorFails
    case .failure(let failure):
      switch failure.kind {
      case .httpStatus(429): return policy.tooManyRequestsFails ? true : nil
      case .httpStatus(let status): return status >= 500
      case .unauthorized: return false
      case .sessionLost, .totalTimeout, .breakerOpen, .poolExhausted, .bulkheadFull, .rateLimited,
        .cancelled, .unknownServer, .shuttingDown, .impostor:
        return nil
      case .nameNotResolved, .connectionRefused, .connectionReset, .notConnected, .tls,
        .tryTimeout, .malformedAnswer, .answerTooLarge, .spawnFailed, .processExited,
        .incompatibleProtocol:
        return true
      }
    }
  }
}
