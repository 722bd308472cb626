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
    for number in servers.indices { servers[number].closeTick(of: length, at: now) }
    announceLetters(at: now)
    retriesPerSecond.append(
      servers.reduce(0) { $0 + ($1.retriesPerSecond.elements.last ?? 0) })
    successRate.append(window.successRate(at: now))
    deadLetters.append(tally.total)
    effects.append(.readClock)
    ticksSinceTally += 1
    if isTallyStale || ticksSinceTally >= Self.tallyEveryTicks { requestTally() }
    effects.append(.publish(snapshot(at: now)))
  }

  /// Other processes may add to the same queue, so it is counted now and then in any case.
  private static let tallyEveryTicks = 10

  mutating func requestTally() {
    guard !isTallying else { return }
    isTallying = true
    isTallyStale = false
    ticksSinceTally = 0
    effects.append(.tally)
  }

  mutating func tallied(_ tally: DeadLetterTally) {
    isTallying = false
    self.tally = tally
    for number in servers.indices { servers[number].deadLetterCount = 0 }
    for entry in tally.byServer {
      if let number = numbers[entry.server] { servers[number].deadLetterCount = entry.count }
    }
  }

  /// The picture of the fleet at an instant.
  package mutating func snapshot(at now: Instant) -> Snapshot {
    var snapshot = Snapshot(at: timestamp(now), engine: engine)
    snapshot.servers = servers.indices.map { serverSnapshot(of: $0, at: now) }
    snapshot.totals.calls = snapshot.servers.reduce(0) { $0 + $1.calls.total }
    snapshot.totals.successRate = window.successRate(at: now)
    snapshot.totals.retriesPerSecond = retriesPerSecond.elements.last ?? 0
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

  private mutating func serverSnapshot(of number: Int, at now: Instant) -> ServerSnapshot {
    var picture = ServerSnapshot(
      id: servers[number].definition.id,
      transport: servers[number].definition.endpoint.transport)
    picture.successRate = servers[number].window.successRate(at: now)
    picture.latency = servers[number].window.latency(at: now)
    let (clock, readAt) = (wallClock, wallClockReadAt)
    picture.breaker = servers[number].breaker.snapshot(at: now) { clock + ($0 - readAt) }
    let server = servers[number]
    picture.era = server.info?.era ?? .unknown
    picture.protocolVersion = server.info?.protocolVersion
    picture.isConnected = server.pool.isConnected
    picture.health = server.health.snapshot(at: now)
    picture.endpoint = server.endpointSnapshot
    picture.crashLoop = server.pool.crashLoop.map {
      CrashLoopSnapshot(
        count: $0.count, lastWords: $0.failure.message,
        nextTry: $0.nextTry.map { timestamp($0) })
    }
    picture.toolCount = server.toolCount
    picture.calls = server.counts
    picture.retries.total = server.retryTotal
    picture.retries.perSecond = server.retriesPerSecond.elements.last ?? 0
    let totals = server.operations.totals
    picture.retries.amplification =
      totals.calls > 0 ? Double(totals.attempts) / Double(totals.calls) : nil
    picture.retries.budgetUsed = server.budget.retriesInFlight
    picture.retries.budgetLimit = server.budget.limit(callsInFlight: server.callsInFlight)
    picture.operations = server.operations.snapshot
    picture.load = server.load
    picture.load.running = server.bulkhead.running
    picture.load.waiting = server.bulkhead.waiting
    picture.pool = server.pool.snapshot
    picture.cache = server.cache.snapshot
    picture.cache.entries = server.cache.entries(
      at: now, civil: { timestamp($0) }, name: { $0.text })
    picture.deadLetterCount = server.deadLetterCount
    picture.series.retriesPerSecond = server.retriesPerSecond.elements
    picture.series.callsPerSecond = server.callsPerSecond.elements
    picture.series.breaker = server.breakerStates.elements
    picture.series.deadLetters = server.deadLetters.elements
    return picture
  }
}

extension ServerState {
  fileprivate var endpointSnapshot: EndpointSnapshot? {
    guard definition.choices.count > 1 else { return nil }
    return EndpointSnapshot(
      name: definition.choices[selector.current].name, position: selector.current + 1,
      count: definition.choices.count)
  }
}
