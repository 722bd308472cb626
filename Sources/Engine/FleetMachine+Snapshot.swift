package import FleetModel
import Resilience
import Telemetry

// The tick: rates over its length, the picture, and the dead letters' tally when it is stale.
extension FleetMachine {
  mutating func tick(at now: Instant) {
    let length = now - lastTick
    lastTick = now
    // A late tick is one tick: the grid goes on from here, never in a burst.
    timers.set(.tick, at: now + tickInterval)
    for number in roster.order { servers[number].closeTick(of: length, at: now) }
    announceLetters(at: now)
    retriesPerSecond.append(
      roster.order.reduce(0) { $0 + (servers[$1].retriesPerSecond.last ?? 0) })
    successRate.append(window.successRate(at: now))
    deadLetters.append(tally.total)
    effects.append(.readClock)
    ticksSinceTally += 1
    if isTallyStale || ticksSinceTally >= Self.tallyEveryTicks { requestTally() }
    effects.append(.publish(snapshot(at: now)))
  }

  /// Other processes may add to the same queue, so it is counted now and then in any case.
  private static let tallyEveryTicks = 10
  /// A store that did not answer is asked sooner: until then the picture calls it ill.
  private static let tallyAgainTicks = 3

  mutating func requestTally() {
    guard !isTallying else { return }
    isTallying = true
    isTallyStale = false
    ticksSinceTally = 0
    effects.append(.tally)
  }

  mutating func tallyFailed() {
    isTallying = false
    ticksSinceTally = Self.tallyEveryTicks - Self.tallyAgainTicks
  }

  mutating func tallied(_ tally: DeadLetterTally) {
    isTallying = false
    self.tally = tally
    for number in roster.order { servers[number].deadLetterCount = 0 }
    for entry in tally.byServer {
      if let number = roster.numbers[entry.server] { servers[number].deadLetterCount = entry.count }
    }
  }

  mutating func show(_ sources: [SourceSnapshot], at now: Instant) {
    self.sources = sources
    if isStarted { effects.append(.publish(snapshot(at: now))) }
  }

  /// The picture of the fleet at an instant.
  package mutating func snapshot(at now: Instant) -> Snapshot {
    var snapshot = Snapshot(at: timestamp(now), engine: engine)
    let (clock, readAt) = (wallClock, wallClockReadAt)
    snapshot.sources = sources
    snapshot.servers = roster.order.map {
      servers[$0].snapshot(at: now) { clock + ($0 - readAt) }
    }
    snapshot.totals.calls = roster.callsOfTheGone
    for number in roster.order + roster.retiring {
      snapshot.totals.calls += servers[number].counts.total
    }
    snapshot.totals.successRate = window.successRate(at: now)
    snapshot.totals.retriesPerSecond = retriesPerSecond.last ?? 0
    snapshot.backoff = backoffs.snapshot
    snapshot.deadLetters.size = tally.total
    snapshot.deadLetters.oldest = tally.oldest
    snapshot.deadLetters.recent = tally.recent
    snapshot.notices = notices.elements
    snapshot.series.retriesPerSecond = retriesPerSecond.elements
    snapshot.series.successRate = successRate.elements
    snapshot.series.deadLetters = deadLetters.elements
    return snapshot
  }
}

extension ServerState {
  /// Its picture, taken where it lies: a copy of so much state would cost more.
  /// - Parameter civil: the civil time of an instant.
  fileprivate mutating func snapshot(
    at now: Instant, civil: (Instant) -> Timestamp
  ) -> ServerSnapshot {
    var picture = ServerSnapshot(
      id: definition.id, transport: info?.transport ?? definition.endpoint.transport)
    picture.source = definition.source
    picture.address = definition.endpoint.address
    picture.serverName = info?.serverName
    picture.serverVersion = info?.serverVersion
    picture.connectFailure = pool.isConnected ? nil : pool.lastFailure?.message
    picture.impostor = impostor.map {
      ImpostorSnapshot(address: $0.endpoint.address, expected: $0.expected, found: $0.found)
    }
    picture.successRate = window.successRate(at: now)
    picture.latency = window.latency(at: now)
    picture.breaker = breaker.snapshot(at: now, civil: civil)
    picture.breaker.rejections = rejections
    picture.era = info?.era ?? .unknown
    picture.protocolVersion = info?.protocolVersion
    picture.isConnected = pool.isConnected
    picture.health = health.snapshot(at: now)
    picture.endpoint = endpointSnapshot
    picture.crashLoop = pool.crashLoop.map {
      CrashLoopSnapshot(
        count: $0.count, lastWords: $0.failure.message,
        nextTry: $0.nextTry.map { civil($0) })
    }
    picture.toolCount = toolCount
    picture.calls = counts
    picture.retries.total = retryTotal
    picture.retries.perSecond = retriesPerSecond.last ?? 0
    let totals = operations.totals
    picture.retries.amplification =
      totals.calls > 0 ? Double(totals.attempts) / Double(totals.calls) : nil
    picture.retries.budgetUsed = budget.retriesInFlight
    picture.retries.budgetLimit = budget.limit(callsInFlight: callsInFlight)
    picture.operations = operations.snapshot
    picture.load = load
    picture.load.running = bulkhead.running
    picture.load.waiting = bulkhead.waiting
    picture.pool = pool.snapshot
    picture.cache = cache.snapshot
    picture.cache.entries = cache.entries(
      at: now, civil: civil, name: { $0.text })
    picture.deadLetterCount = deadLetterCount
    picture.series.retriesPerSecond = retriesPerSecond.elements
    picture.series.callsPerSecond = callsPerSecond.elements
    picture.series.breaker = breakerStates.elements
    picture.series.deadLetters = deadLetters.elements
    return picture
  }

  fileprivate var endpointSnapshot: EndpointSnapshot? {
    guard definition.choices.count > 1 else { return nil }
    return EndpointSnapshot(
      name: definition.choices[selector.current].name, position: selector.current + 1,
      count: definition.choices.count)
  }
}
