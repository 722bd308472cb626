import Engine
import FleetModel

/// The network, the servers and the dead letter store of a simulation, as its plan has them.
struct SimulatedWorld: Sendable {
  /// One connection, from the world's side.
  struct Link: Sendable {
    var server: Int
    var endpoint: Int
    /// Who answers, where that is asked.
    var identity: ServerIdentity?
    var isOpen = false
    var isSessionLost = false
    /// Attempts whose answer is on its way.
    var attempts: [AttemptID] = []
  }

  /// One server, from the world's side.
  struct Site: Sendable {
    var definition: ServerDefinition
    var faults: [Fault]
    var isMaybeIdempotent = false
    var lastRequestAt = Instant.origin
    /// While a trap is shut.
    var hangsUntil = Instant.origin
    /// Its connections, opened or opening, in the order of their numbers.
    var links: [ConnectionID] = []
    var check = 0
    var watch = 0
    var search = 0
    var list = 0
    /// Where the server answers, if it has a range of ports, and who else does in the range.
    var port = FaultPlan.ports.lowerBound
    var strangers: [Int] = []
    /// Counts the changes of its tools.
    var toolsVersion = 0
  }

  var sites: [Site]
  let numbers: [ServerID: Int]
  var links: [ConnectionID: Link] = [:]
  /// On which connection each attempt is, by its number.
  private var places: [ConnectionID?] = [nil]
  var clockOffset = Duration.zero
  var storeFailsUntil = Instant.origin
  /// Until when it does not answer.
  var storeHangsUntil = Instant.origin
  /// What the store has.
  var letters: Set<DeadLetterID> = []
  var random: SplitMix64
  /// What the last effects brought about.
  var steps: [(at: Instant, step: Step)] = []

  init(plan: FaultPlan) {
    sites = plan.servers.enumerated().map { number, definition in
      Site(definition: definition, faults: plan.faults.filter { $0.server == number })
    }
    numbers = Dictionary(
      uniqueKeysWithValues: plan.servers.enumerated().map { ($1.id, $0) })
    random = SplitMix64(seed: plan.seed ^ 0x0DD_B411)
  }

  // MARK: What the engine does

  /// Carries an effect out.
  /// - Returns: whether a server has run a call by it.
  mutating func carryOut(_ effect: FleetEffect, at now: Instant) -> Bool {
    switch effect {
    case .open(let server, let id, _): open(server, id, at: now)
    case .close(let id): close(id, at: now)
    case .send(let call, let attempt, let connection):
      return send(call, attempt, connection, at: now)
    case .validate(let id): validate(id, at: now)
    case .check(let server, _, _): check(server, at: now)
    case .abortCheck(let server):
      if let number = numbers[server] { sites[number].check += 1 }
    case .watch(let server, let id, _): watch(server, id, at: now)
    case .abortWatch(let server):
      if let number = numbers[server] { sites[number].watch += 1 }
    case .listTools(let server, _): listTools(server, at: now)
    case .abortTools(let server):
      if let number = numbers[server] { sites[number].list += 1 }
    case .locate(let server): locate(server, at: now)
    case .abortLocate(let server):
      if let number = numbers[server] { sites[number].search += 1 }
    case .tally:
      let event =
        storeError(at: now).map { FleetEvent.storeFailed($0) } ?? .tallied(DeadLetterTally())
      later(storeDelay(at: now), .report(event), at: now)
    case .readClock:
      later(.zero, .report(.clockRead(civil(now))), at: now)
    // The desk has the letters.
    case .abort, .abortValidation, .progress, .finish, .publish, .drained, .store: break
    }
    return false
  }

  /// The store is given a letter.
  mutating func add(_ letter: DeadLetter, at now: Instant) {
    later(storeDelay(at: now), .added(letter.id, storeError(at: now)), at: now)
  }

  mutating func sweep(at now: Instant) { later(storeDelay(at: now), .swept, at: now) }

  private func storeError(at now: Instant) -> DeadLetterStoreError? {
    now < storeFailsUntil ? DeadLetterStoreError("the disk is full") : nil
  }

  private func storeDelay(at now: Instant) -> Duration {
    max(storeHangsUntil - now, .zero) + .milliseconds(2)
  }

  func civil(_ now: Instant) -> Timestamp {
    Simulation.epoch + (now - .origin) + clockOffset
  }

  mutating func later(_ delay: Duration, _ step: Step, at now: Instant) {
    steps.append((now + delay, step))
  }

  /// Evenly, in whole microseconds.
  mutating func between(_ low: Duration, _ high: Duration) -> Duration {
    let bottom = low.nanoseconds / 1000
    let width = UInt64(max(0, high.nanoseconds / 1000 - bottom)) + 1
    return .microseconds(bottom + Int64(random.next() % width))
  }

  mutating func chance(oneIn number: UInt64) -> Bool { random.next() % number == 0 }

  /// The newest fault that an endpoint feels.
  func fault(of server: Int, endpoint: Int, at now: Instant) -> Fault? {
    sites[server].faults.last { $0.isFelt(at: now, by: server, endpoint: endpoint) }
  }

  func isAway(_ server: Int, endpoint: Int, at now: Instant) -> Bool {
    sites[server].faults.contains {
      $0.isFelt(at: now, by: server, endpoint: endpoint) && $0.isAway(at: now)
    }
  }

  /// The servers' definitions from now on; what they do does not change.
  mutating func reconfigure(_ fleet: [ServerDefinition]) {
    for definition in fleet {
      if let number = numbers[definition.id] { sites[number].definition = definition }
    }
  }

  // MARK: What happens by itself

  /// Every connection to an endpoint breaks, in use or not.
  mutating func cut(_ server: Int, endpoint: Int?, at now: Instant) {
    for id in sites[server].links {
      guard let link = links[id], link.isOpen, endpoint == nil || endpoint == link.endpoint
      else { continue }
      let failure = Failure(.connectionReset, "connection reset by peer", delivery: .unknown)
      for attempt in link.attempts {
        later(
          .zero, .answer(attempt, Exchange(reply: .failure(failure), closesConnection: true)),
          at: now)
      }
      later(.microseconds(1), .died(id, failure), at: now)
    }
  }

  /// What was under way on it is lost with it.
  private mutating func close(_ id: ConnectionID, at now: Instant) {
    for attempt in links[id]?.attempts ?? [] { lose(attempt, at: now) }
    forget(id)
  }

  /// - Returns: whether the connection was still there.
  mutating func died(_ id: ConnectionID, at now: Instant) -> Bool {
    for attempt in links[id]?.attempts ?? [] { lose(attempt, at: now) }
    return forget(id)
  }

  private mutating func lose(_ attempt: AttemptID, at now: Instant) {
    let failure = Failure(.connectionReset, "connection reset by peer", delivery: .unknown)
    later(
      .microseconds(50),
      .answer(attempt, Exchange(reply: .failure(failure), closesConnection: true)), at: now)
  }

  mutating func loseSessions(of server: Int) {
    for id in sites[server].links { links[id]?.isSessionLost = true }
  }

  /// A connection opens; false when it was closed before.
  mutating func opened(_ id: ConnectionID) -> Bool {
    guard links[id] != nil else { return false }
    links[id]?.isOpen = true
    return true
  }

  /// A connection is gone; false when it was before.
  @discardableResult
  mutating func forget(_ id: ConnectionID) -> Bool {
    guard let link = links.removeValue(forKey: id) else { return false }
    sites[link.server].links.removeAll { $0 == id }
    return true
  }

  /// An answer has arrived.
  mutating func answered(_ attempt: AttemptID) {
    let number = Int(attempt.number)
    guard number < places.count, let id = places[number] else { return }
    places[number] = nil
    links[id]?.attempts.removeAll { $0 == attempt }
  }

  mutating func place(_ attempt: AttemptID, on id: ConnectionID) {
    while places.count <= Int(attempt.number) { places.append(nil) }
    places[Int(attempt.number)] = id
    links[id]?.attempts.append(attempt)
  }
}
