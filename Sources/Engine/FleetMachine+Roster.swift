import FleetModel
import Resilience

// Servers come, change and go while calls are under way.
extension FleetMachine {
  /// Runs these servers from now on, in this order.
  mutating func reconfigure(
    _ definitions: [ServerDefinition], at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard !isDraining else { return }
    let wanted = Set(definitions.map(\.id))
    precondition(wanted.count == definitions.count, "names of servers must differ")
    // None may stand in for another that is going as well.
    let removed = roster.order.filter { !wanted.contains(servers[$0].definition.id) }
    for number in removed { roster.retire(servers[number].definition.id) }
    for number in removed { remove(number, at: now, using: &random) }
    var order: [Int] = []
    for definition in definitions {
      if let number = roster.numbers[definition.id] {
        change(number, to: definition, at: now, using: &random)
        order.append(number)
      } else {
        order.append(add(definition))
        guard isStarted, let number = order.last else { continue }
        note(
          .info, "added: \(definition.endpoint.address)\(definition.origin)",
          server: definition.id, at: now)
        begin(number, at: now, using: &random)
      }
    }
    roster.order = order
    if isStarted { effects.append(.publish(snapshot(at: now))) }
  }

  /// A place for one more, which does nothing yet.
  mutating func add(_ definition: ServerDefinition) -> Int {
    let (place, tenancy) = roster.add(definition.id)
    let state = ServerState(definition, tenancy: tenancy)
    if place == servers.count { servers.append(state) } else { servers[place] = state }
    return place
  }

  /// Its life begins.
  mutating func begin(
    _ number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    perform(servers[number].pool.start(at: now), of: number, at: now, using: &random)
    timers.set(
      .sweep(number), at: now + servers[number].definition.policies.cache.sweepInterval)
  }

  // MARK: Changes

  private mutating func change(
    _ number: Int, to new: ServerDefinition, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    let old = servers[number].configured
    guard new != old else { return }
    let isElsewhere = !old.leadsTo(sameAs: new)
    // What a connection was opened with holds for its whole life.
    let isRenewed = isElsewhere || old.policies.session != new.policies.session
    if isElsewhere { abortWork(of: number, at: now, using: &random) }
    for id in servers[number].adopt(new) {
      ready.append(ReadyCall(call: id, server: number, hasPlace: true))
    }
    setBulkheadTimer(of: number)
    let kept = isRenewed ? "it connects anew" : "its connections stay"
    note(
      .info, "changed: \(new.differences(from: old)); \(kept)\(new.origin)", server: new.id, at: now
    )
    guard isStarted else { return }
    if isRenewed { servers[number].hasAnnouncedOutage = true }
    if isElsewhere { forgetCourse(of: number, reason: "its endpoint changed", at: now) }
    let pool = new.policies.pool
    let opensOnDemand = servers[number].definition.endpoint.isHTTP
    perform(
      isRenewed
        ? servers[number].pool.reset(adopting: pool, opensOnDemand: opensOnDemand, at: now)
        : servers[number].pool.adopt(pool, opensOnDemand: opensOnDemand, at: now),
      of: number, at: now, using: &random)
    resetSchedules(of: number, from: old, at: now, using: &random)
  }

  /// The server is somewhere nothing has been seen of, and calls on the wire keep their connections
  /// to their end.
  mutating func beginAnew(
    _ number: Int, reason: String, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    forgetCourse(of: number, reason: reason, at: now)
    perform(servers[number].pool.reset(at: now), of: number, at: now, using: &random)
  }

  /// Breaker and delays begin from the first.
  private mutating func forgetCourse(of number: Int, reason: String, at now: Instant) {
    servers[number].breaker.startAnew(reason: reason, at: now)
    announceTransitions(of: number, at: now)
    // What waits was put off by the old address.
    for id in calls.ids where calls[id]?.server == number { calls[id]?.course.restartDelays() }
  }

  private mutating func resetSchedules(
    of number: Int, from old: ServerDefinition, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    let new = servers[number].definition
    if new.policies.cache.sweepInterval != old.policies.cache.sweepInterval {
      timers.set(.sweep(number), at: now + new.policies.cache.sweepInterval)
    }
    guard servers[number].hasVerdict else { return }
    if new.policies.health.interval != old.policies.health.interval {
      timers.set(.check(number), at: now + servers[number].health.nextInterval(using: &random))
    }
    guard new.probes != old.probes else { return }
    for index in old.probes.indices { timers.remove(.probe(server: number, probe: index)) }
    beginProbes(of: number, at: now, using: &random)
  }

  /// Checks, watches, searches and lists under way end without a result.
  private mutating func abortWork(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    let id = servers[number].definition.id
    if servers[number].isWatching { effects.append(.abortWatch(id)) }
    servers[number].isWatching = false
    timers.remove(.watch(number))
    timers.remove(.watchTimeout(number))
    if servers[number].isListingTools { effects.append(.abortTools(id)) }
    servers[number].isListingTools = false
    abortSearch(of: number)
    waitingChecks.removeAll { $0 == number }
    guard servers[number].checkStartedAt != nil else { return }
    servers[number].checkStartedAt = nil
    timers.remove(.checkTimeout(number))
    effects.append(.abortCheck(id))
    checkEnded(at: now, using: &random)
  }

  // MARK: Leaving

  /// What waits ends now, what is on the wire at its own limits.
  private mutating func remove(
    _ number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    let definition = servers[number].definition
    servers[number].isRetired = true
    for timer in [Timer.check(number), .override(number), .sweep(number)] { timers.remove(timer) }
    for index in definition.probes.indices {
      timers.remove(.probe(server: number, probe: index))
    }
    abortWork(of: number, at: now, using: &random)
    // First those that wait, then the pool, so that what a probe leaves is nobody's.
    for id in calls.ids where calls[id]?.server == number {
      endWait(id, at: now, using: &random)
    }
    perform(servers[number].pool.retire(at: now), of: number, at: now, using: &random)
    for id in calls.ids where calls[id]?.isProbeOnWire(of: number) == true {
      cancel(id, at: now, using: &random)
    }
    let count = calls.ids.count { calls[$0]?.server == number && calls[$0]?.isOnWire == true }
    let rest = count > 0 ? "; calls on the wire: \(count), which end first" : ""
    note(.info, "removed\(rest)", server: definition.id, at: now)
  }

  /// A call of a removed server ends, unless it is on the wire, or has what it needs elsewhere.
  private mutating func endWait(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id] else { return }
    switch state.phase {
    case .storing, .fallingBack: return
    // With the one that it follows.
    case .following: return
    case .onWire: return
    case .pacing, .queued, .acquiring, .backingOff:
      _ = abandon(state, .unknownServer, at: now, using: &random)
      refuseHere(
        id,
        Failure(
          .unknownServer, "'\(state.call.server)' is no longer in the fleet", delivery: .notSent),
        at: now, using: &random)
    }
  }

  /// The places of removed servers whose last call has ended are free.
  mutating func freePlaces(at now: Instant) {
    for number in roster.retiring where servers[number].callsInFlight == 0 {
      for action in servers[number].pool.stop() {
        if case .close(let id) = action { effects.append(.close(id)) }
      }
      timers.remove(.pool(number))
      timers.remove(.bulkhead(number))
      announceLetters(of: number, at: now)
      roster.free(
        number, tenancy: servers[number].tenancy, calls: servers[number].counts.total)
      servers[number] = .vacant
    }
  }
}

extension CallState {
  fileprivate func isProbeOnWire(of number: Int) -> Bool {
    server == number && call.origin == .probe && isOnWire
  }
}

extension ServerDefinition {
  /// ` (~/.mcp.json)`, where it is known.
  fileprivate var origin: String { source.isEmpty ? "" : " (\(source))" }
}
