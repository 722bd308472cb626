import Engine
import FleetModel

/// Watches a simulation from outside of the machine and writes down every broken invariant.
///
/// What it knows comes from the events the machine was given, the effects it asked for, and what
/// the world did by them; never from the machine itself, whose pictures are judged like all else.
struct Ledger: Sendable {
  var servers: [ServerRecord]
  /// Of the servers in the fleet; one that comes back is another.
  var numbers: [ServerID: Int]
  /// In the order shown.
  var shown: [Int]
  /// The most places that servers can have needed at once.
  var placePeak: Int
  /// Calls to servers that are not in the fleet.
  var strays: Set<CallID> = []
  /// What the server reports in the present event, if that is about an attempt under way.
  var report: (call: Int, report: CallProgress)?
  var calls: [CallRecord] = []
  var callNumbers: [CallID: Int] = [:]
  /// By their numbers; the first has none.
  var attempts: [AttemptRecord?] = [nil]
  var connections: [ConnectionID: ConnectionRecord] = [:]
  /// Which call a unit of work belongs to, by the number in its arguments.
  var works: [Int: Int] = [:]
  /// Attempts on the wire.
  var liveAttempts = 0
  var isDraining = false
  var isStopped = false
  /// The last reading of the wall clock, and when it was.
  var wallClock = Simulation.epoch
  var wallClockReadAt = Instant.origin

  var digest = Digest()
  var tallies = SimulationReport.Tallies()
  var sights: Set<String> = []
  private(set) var violations: [Violation] = []
  /// Calls of the engine's own that ended: probes.
  var foreignFinishes = 0
  var lastNotice: UInt64 = 0

  /// More than so many violations of one run say nothing new.
  static let violationLimit = 50

  init(servers definitions: [ServerDefinition]) {
    servers = definitions.map { definition in
      ServerRecord(definition, standsIn: Self.standsIn(definition.id, for: definitions))
    }
    shown = Array(definitions.indices)
    placePeak = definitions.count
    numbers = Dictionary(
      uniqueKeysWithValues: definitions.enumerated().map { ($1.id, $0) })
  }

  /// Before the machine is given an event.
  mutating func note(_ event: FleetEvent, at now: Instant) {
    mix(event, at: now)
    tallies.events += 1
    report = nil
    switch event {
    case .submit(let call): submitted(call, at: now)
    case .cancel(let id): cancelled(id)
    case .opened(let id, let info): opened(id, info)
    case .reconfigured(let definitions): reconfigured(definitions, at: now)
    case .progress(let attempt, let report): progressed(attempt, report, at: now)
    case .located(let server, _): located(server, at: now)
    case .trust(let server): trusted(server, at: now)
    case .openFailed(let id, _): openFailed(id)
    case .closed(_, let id, _): closed(id)
    case .exchanged(let attempt, let exchange): exchanged(attempt, exchange, at: now)
    case .toolsListed(let server, let list): listed(list, of: server)
    case .toolsFailed(let server, _):
      if let number = numbers[server] { servers[number].isListing = false }
    case .checked(let server, _):
      if let number = numbers[server] { servers[number].isChecking = false }
    case .watched(let server, _):
      if let number = numbers[server] { servers[number].isWatching = false }
    case .override(let server, let override):
      operate(server) { $0.breaker.overridden(override, at: now) }
    case .resetBreaker(let server): operate(server) { $0.breaker.reset(at: now) }
    case .reconnect(let server): operate(server) { _ in }
    case .clockRead(let time): (wallClock, wallClockReadAt) = (time, now)
    case .start(let time): (wallClock, wallClockReadAt) = (time, now)
    case .drain: isDraining = true
    case .stop: isStopped = true
    case .sourcesChanged, .validated, .toolsChanged,
      .readsChanged, .noted, .stored, .tallied, .storeFailed,
      .invalidateCache,
      .announced, .timeReached:
      break
    }
  }

  private mutating func operate(_ server: ServerID, _ body: (inout ServerRecord) -> Void) {
    guard let number = numbers[server] else { return }
    body(&servers[number])
    servers[number].order.disturb(before: calls.count)
  }

  /// After the machine has asked for an effect, before the world carries it out.
  mutating func judge(_ effect: FleetEffect, at now: Instant) {
    mix(effect)
    if isStopped { judgeAfterStop(effect, at: now) }
    switch effect {
    case .open(let server, let id, _): opening(id, server, at: now)
    case .close(let id): closing(id)
    case .send(let call, let attempt, let connection):
      sent(call, attempt, on: connection, at: now)
    case .abort(let attempt): aborted(attempt, at: now)
    case .listTools(let server, let id): listing(server, over: id, at: now)
    case .check(let server, _, _): checking(server.id, at: now)
    case .abortCheck(let server):
      if let number = numbers[server] { servers[number].isChecking = false }
    case .watch(_, let server, _): watching(server, at: now)
    case .abortWatch(let server):
      if let number = numbers[server] { servers[number].isWatching = false }
    case .finish(let outcome): finished(outcome, at: now)
    case .store(let letter): stored(letter, at: now)
    case .publish(let snapshot): judge(snapshot, at: now)
    case .validate(let id): validating(id, at: now)
    case .abortTools(let server):
      if let number = numbers[server] { servers[number].isListing = false }
    case .locate(let definition): searching(definition.id, at: now)
    case .abortLocate(let server):
      if let number = numbers[server] { servers[number].isSearching = false }
    case .progress(let id, let report): told(id, report, at: now)
    case .abortValidation, .tally, .readClock, .drained: break
    }
  }

  mutating func violate(_ words: String, at now: Instant) {
    guard violations.count < Self.violationLimit else { return }
    violations.append(Violation(at: now, words: words))
  }

  /// In the order of submission.
  func unfinishedCalls() -> [CallID] {
    calls.filter { !$0.isFinished && $0.principal == nil }.map(\.call.id)
  }

  func name(_ number: Int) -> String { servers[number].definition.id.name }

  // MARK: After the end

  private mutating func judgeAfterStop(_ effect: FleetEffect, at now: Instant) {
    switch effect {
    case .close, .abort, .finish, .store, .abortTools, .abortLocate: break
    case .locate, .progress, .open, .send, .listTools, .check, .watch, .validate, .abortValidation,
      .abortCheck,
      .abortWatch, .tally, .publish, .readClock, .drained:
      violate("after the stop: \(effect.word)", at: now)
    }
  }
}
