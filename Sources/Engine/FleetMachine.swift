package import FleetModel
import Resilience
import Telemetry

/// The whole engine as a value: events and time in, effects out.
///
/// Every rule of the fleet is decided here and nothing is done here, so that minutes of a fleet's
/// life run from a seed in milliseconds.
package struct FleetMachine: Sendable {
  typealias Timer = FleetTimer

  let engine: EngineIdentity
  let tickInterval: Duration
  package let deadLetterPolicy: DeadLetterPolicy
  let secretMask: SecretMask
  /// By their places in `roster`.
  var servers: [ServerState] = []
  var roster = Roster()
  var calls = CallTable()
  /// Which call an attempt on the wire belongs to.
  var attempts: [AttemptID: CallID] = [:]
  var lastAttempt: UInt64 = 0
  /// Calls that may go on as soon as the present event is decided: with a place in the bulkhead, or
  /// to begin their try anew. A list, so that a queue of a thousand never becomes a deep recursion.
  var ready: [ReadyCall] = []
  /// For whom a call stands in.
  var principals: [CallID: CallID] = [:]
  var connecting: Set<ConnectionID> = []
  var validating: Set<ConnectionID> = []
  /// Health checks under way, and the servers whose check waits for one of them to end.
  var checksUnderWay = 0
  var waitingChecks: [Int] = []
  var lastWatch: UInt64 = 0
  /// A probe that has not ended is not started again.
  var runningProbes: Set<Timer> = []
  var probeTimers: [CallID: Timer] = [:]
  var timers = DeadlineQueue<Timer>()
  var effects: [FleetEffect] = []
  var isStarted = false
  var isDraining = false
  var isAwaitingDrain = false
  var isStopping = false

  /// Where the servers come from.
  var sources: [SourceSnapshot] = []
  var wallClock = Timestamp(millisecondsSinceEpoch: 0)
  var wallClockReadAt = Instant.origin
  var lastTick = Instant.origin
  var window = MinuteWindow()
  var backoffs = DelayHistogram()
  var notices = Ring<Notice>(limit: Snapshot.noticeLimit)
  var noticeCount: UInt64 = 0
  var tally = DeadLetterTally()
  var isTallyStale = true
  var isTallying = false
  var ticksSinceTally = 0
  var retriesPerSecond = Ring<Double>(limit: Snapshot.seriesLimit)
  var successRate = Ring<Double?>(limit: Snapshot.seriesLimit)
  var deadLetters = Ring<Int>(limit: Snapshot.seriesLimit)

  /// - Parameters:
  ///   - servers: in the order they are to be shown; names must differ.
  ///   - tickInterval: how often a snapshot is taken.
  ///   - deadLetters: how dead letters are kept.
  package init(
    engine: EngineIdentity, servers: [ServerDefinition], tickInterval: Duration = .seconds(1),
    deadLetters: DeadLetterPolicy = DeadLetterPolicy()
  ) {
    self.engine = engine
    self.tickInterval = tickInterval
    deadLetterPolicy = deadLetters
    secretMask = SecretMask(deadLetters.secrets)
    for server in servers { roster.order.append(add(server)) }
  }

  /// No call takes longer, whatever its server.
  package var longestCall: Duration {
    roster.order.map { servers[$0].definition.policies.retry.totalTimeout }.max() ?? .zero
  }

  /// When `timeReached` is due; nil when nothing waits.
  package var nextDeadline: Instant? { timers.next }

  /// What it holds, for those who watch its memory.
  package var footprint: (calls: Int, attempts: Int, timers: Int, places: Int) {
    (calls.ids.count + principals.count, attempts.count, timers.count, servers.count)
  }

  /// Decides one event.
  ///
  /// Specialized for the generator that all use: other modules see no generic code.
  @specialized(where Chance == SplitMix64)
  package mutating func handle<Chance: RandomNumberGenerator>(
    _ event: FleetEvent, at now: Instant, using random: inout Chance
  ) -> [FleetEffect] {
    guard !isStopping || event.endsSomething else { return [] }
    decide(event, at: now, using: &random)
    while !ready.isEmpty {
      let batch = ready
      ready.removeAll(keepingCapacity: true)
      for call in batch { goOn(call, at: now, using: &random) }
    }
    if !roster.retiring.isEmpty { freePlaces(at: now) }
    if isAwaitingDrain { announceDrained() }
    let decided = effects
    effects.removeAll(keepingCapacity: true)
    return decided
  }

  private mutating func decide(
    _ event: FleetEvent, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    switch event {
    case .start(let wallClock): start(wallClock, at: now, using: &random)
    case .drain(let limit): drain(limit, at: now, using: &random)
    case .stop: stop(at: now, using: &random)
    case .reconfigured(let servers): reconfigure(servers, at: now, using: &random)
    case .sourcesChanged(let sources): show(sources, at: now)
    case .submit(let call): submit(call, at: now, using: &random)
    case .cancel(let id): cancel(id, at: now, using: &random)
    case .opened(let id, let info): opened(id, info, at: now, using: &random)
    case .openFailed(let id, let failure): openFailed(id, failure, at: now, using: &random)
    case .closed(_, let id, let failure): closed(id, failure, at: now, using: &random)
    case .validated(let id, let failure): validated(id, failure, at: now, using: &random)
    case .watched(let server, let failure):
      withServer(server) { $0.watched(failure, of: $1, at: now, using: &random) }
    case .progress(let attempt, let report): progressed(attempt, report, at: now)
    case .exchanged(let attempt, let exchange):
      exchanged(attempt, exchange, at: now, using: &random)
    case .located(let server, let candidates):
      withServer(server) { $0.located(candidates, of: $1, at: now, using: &random) }
    case .toolsListed(let server, let list):
      withServer(server) { $0.toolsListed(list, of: $1, at: now) }
    case .toolsFailed(let server, let failure):
      withServer(server) { $0.toolsFailed(failure, of: $1, at: now) }
    case .toolsChanged(let server):
      withServer(server) { $0.toolsChanged(of: $1, at: now) }
    case .readsChanged(let server, let methods):
      withServer(server) { $0.servers[$1].cache.removeAll { $0.method.hasPrefix(methods) } }
    case .checked(let server, let failure):
      withServer(server) { $0.checked(failure, of: $1, at: now, using: &random) }
    case .noted(let server, let severity, let text):
      note(severity, text, server: server, at: now)
    case .stored(let id, let keeping, let error):
      stored(id, keeping, error, at: now, using: &random)
    case .tallied(let tally): tallied(tally)
    case .storeFailed: tallyFailed()
    case .override(let server, let override):
      withServer(server) { $0.overrideBreaker(of: $1, override, at: now, using: &random) }
    case .resetBreaker(let server):
      withServer(server) { $0.resetBreaker(of: $1, at: now, using: &random) }
    case .reconnect(let server):
      withServer(server) { $0.reconnect($1, at: now, using: &random) }
    case .trust(let server):
      withServer(server) { $0.trust($1, at: now, using: &random) }
    case .invalidateCache(let selection): invalidateCache(selection, at: now)
    case .announced(let severity, let text): note(severity, text, server: nil, at: now)
    case .timeReached: timeReached(now, using: &random)
    case .clockRead(let wallClock):
      self.wallClock = wallClock
      wallClockReadAt = now
    }
  }

  /// Civil time at an instant, by the last reading of the wall clock.
  func timestamp(_ instant: Instant) -> Timestamp { wallClock + (instant - wallClockReadAt) }

  mutating func note(
    _ severity: Notice.Severity, _ text: String, server: ServerID?, at now: Instant
  ) {
    noticeCount += 1
    notices.append(
      Notice(
        number: noticeCount, at: timestamp(now), severity: severity, server: server, text: text))
  }

  /// An event of a server that the configuration no longer names changes nothing.
  private mutating func withServer(
    _ server: ServerID, _ body: (inout FleetMachine, Int) -> Void
  ) {
    if let number = roster.numbers[server] { body(&self, number) }
  }

  // MARK: Life

  private mutating func start(
    _ wallClock: Timestamp, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    self.wallClock = wallClock
    wallClockReadAt = now
    lastTick = now
    isStarted = true
    for number in roster.order { begin(number, at: now, using: &random) }
    timers.set(.tick, at: now + tickInterval)
    requestTally()
    effects.append(.publish(snapshot(at: now)))
  }

  /// Ends what is not on the wire, and what may run twice; waits for the rest.
  private mutating func drain(
    _ limit: Duration, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    (isDraining, isAwaitingDrain) = (true, true)
    timers.set(.drain, at: now + limit)
    // First those that wait, so that none is sent over what the others leave.
    for id in calls.ids where calls[id]?.isOnWire != true {
      shutDown(id, at: now, using: &random)
    }
    for id in calls.ids where !isWorthWaitingFor(id) {
      shutDown(id, at: now, using: &random)
    }
  }

  private func isWorthWaitingFor(_ id: CallID) -> Bool {
    guard let state = calls[id], case .onWire = state.phase else { return false }
    return !state.isSafe && state.call.origin != .probe
  }

  private mutating func announceDrained() {
    guard !calls.ids.contains(where: isWorthWaitingFor) else { return }
    isAwaitingDrain = false
    timers.remove(.drain)
    effects.append(.drained)
  }

  private mutating func shutDown(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id] else { return }
    if case .storing = state.phase { return }
    let failure = Failure(
      .shuttingDown, "the engine is shutting down",
      delivery: abandon(state, .shuttingDown, at: now, using: &random))
    calls[id]?.note(failure)
    conclude(id, .failure(failure), at: now, using: &random)
  }

  private mutating func stop(
    at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    isStopping = true
    isAwaitingDrain = false
    // The pools first: what a call leaves is nobody's then.
    for number in servers.indices {
      for action in servers[number].pool.stop() {
        if case .close(let id) = action { effects.append(.close(id)) }
      }
    }
    for id in calls.ids { shutDown(id, at: now, using: &random) }
    timers = DeadlineQueue()
  }

  private mutating func timeReached(
    _ now: Instant, using random: inout some RandomNumberGenerator
  ) {
    while let timer = timers.popDue(now) {
      switch timer {
      case .callDeadline(let id): deadlinePassed(id, at: now, using: &random)
      case .tryTimeout(let id): tryTimedOut(id, at: now, using: &random)
      case .backoff(let id):
        if calls[id] != nil { beginTry(id, at: now, using: &random) }
      case .pace(let id): paced(id, at: now, using: &random)
      case .hedge(let id): hedge(id, at: now)
      case .connect(let id): connectTimedOut(id, at: now, using: &random)
      case .validation(let id): validationTimedOut(id, at: now, using: &random)
      case .bulkhead(let number): bulkheadTimeReached(of: number, at: now, using: &random)
      case .override(let number): overrideTimeReached(of: number, at: now, using: &random)
      case .watch(let number): beginWatch(of: number, at: now, using: &random)
      case .search(let number): searchTimedOut(of: number)
      case .watchTimeout(let number): watchTimedOut(of: number, at: now, using: &random)
      case .pool(let number):
        servers[number].poolTimerAt = nil
        perform(
          servers[number].pool.timeReached(now, using: &random), of: number, at: now,
          using: &random)
      case .check(let number): beginCheck(of: number, at: now, using: &random)
      case .checkTimeout(let number): checkTimedOut(of: number, at: now, using: &random)
      case .probe(let server, let probe):
        beginProbe(probe, of: server, at: now, using: &random)
      case .sweep(let number):
        servers[number].cache.sweep(at: now)
        timers.set(
          .sweep(number), at: now + servers[number].definition.policies.cache.sweepInterval)
      case .tick: tick(at: now)
      case .drain:
        isAwaitingDrain = false
        effects.append(.drained)
      }
    }
  }
}

/// A call that may go on as soon as the present event is decided.
struct ReadyCall: Sendable {
  var call: CallID
  var server: Int
  /// With a place in the bulkhead; otherwise its try begins anew.
  var hasPlace: Bool
}

extension RandomNumberGenerator {
  /// Uniform in [0, duration).
  mutating func fraction(of duration: Duration) -> Duration {
    .nanoseconds(Int64.random(in: 0..<max(1, duration.nanoseconds), using: &self))
  }
}

extension FleetEvent {
  /// Matters even while the engine stops: it ends a call that waits for it.
  fileprivate var endsSomething: Bool {
    switch self {
    case .submit, .stored: true
    case .start, .drain, .stop, .cancel, .opened, .openFailed, .closed, .validated, .watched,
      .reconfigured, .sourcesChanged, .progress, .located, .trust, .exchanged, .toolsListed,
      .toolsFailed, .toolsChanged, .readsChanged, .checked, .noted,
      .tallied,
      .storeFailed, .override, .resetBreaker, .reconnect, .invalidateCache, .announced,
      .timeReached, .clockRead:
      false
    }
  }
}
