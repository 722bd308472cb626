package import FleetModel

/// The machine's driver: feeds it events, carries out its effects, hands outcomes to their callers.
///
/// Runs on the executor of its host, and never awaits between reading and writing the machine.
package actor LiveFleet: Fleet {
  /// Who waits for a call.
  private struct Caller {
    var outcome: CheckedContinuation<Outcome, Never>
    var onProgress: @Sendable (CallProgress) -> Void
  }

  let host: any EngineHost
  let transport: any Transport
  let store: any DeadLetterStore
  let spillFile: (any SpillFile)?
  var restored = RestoredLetters()
  nonisolated let published: PublishedSnapshot

  var machine: FleetMachine
  var desk: LetterDesk
  /// The desk's next deadline, kept, because it is asked for at every event.
  var deskDeadline: Instant?
  private var random: SplitMix64
  private var callers: [CallID: Caller] = [:]
  /// Who waits for a replay, by its number.
  var replayCallers: [Int: CheckedContinuation<ReplayRun, Never>] = [:]
  var work = OwnedTasks()
  var drained: CheckedContinuation<Void, Never>?
  var stage = Stage.running
  /// The stop, while it waits for the store, and until when.
  var resting: CheckedContinuation<Void, Never>?
  var restDeadline: Instant?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    host.executor.asUnownedSerialExecutor()
  }

  /// - Parameters:
  ///   - seed: of the engine's own chance (jitter, ids).
  ///   - spillFile: where dead letters are left that the store has not taken when the engine stops;
  ///     without it they are lost then.
  ///   - onPublish: called on the engine's thread after each new snapshot.
  package init(
    machine: FleetMachine, host: any EngineHost, transport: any Transport,
    store: any DeadLetterStore, spillFile: (any SpillFile)? = nil, seed: UInt64,
    onPublish: @escaping @Sendable () -> Void = {}
  ) {
    self.host = host
    self.transport = transport
    self.store = store
    self.spillFile = spillFile
    self.machine = machine
    random = SplitMix64(seed: seed)
    let name = String(random.next() >> 32, radix: 16)
    desk = LetterDesk(machine.deadLetterPolicy, engineName: name)
    var first = self.machine.snapshot(at: host.now)
    first.at = host.wallClock
    first.deadLetters.store = store.place
    published = PublishedSnapshot(first, onPublish)
  }

  /// Connects to every server; returns at once.
  package func start() {
    transport.onEvent { [weak self] event in
      guard let self else { return }
      // At once in the queue of the engine's thread: before the end of the exchange it is about.
      Task.immediate { await self.heard(event) }
    }
    handle(.start(wallClock: host.wallClock))
    restoreSpill()
    handle(LetterDesk.Event.start)
  }

  /// Runs these servers from now on. One whose definition is the same keeps its connections,
  /// counters and history; one that is gone ends as in `stop`; the order is the order shown.
  package func reconfigure(_ servers: [ServerDefinition]) { handle(.reconfigured(servers)) }

  /// What the picture says of where the servers come from.
  package func show(_ sources: [SourceSnapshot]) { handle(.sourcesChanged(sources)) }

  // MARK: Fleet

  package func call(
    _ call: Call, onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async -> Outcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { caller in
        guard callers[call.id] == nil else {
          let failure = Failure(
            .cancelled, "call \(call.id) is already running", delivery: .notSent)
          return caller.resume(returning: Outcome(call: call.id, reply: .failure(failure)))
        }
        callers[call.id] = Caller(outcome: caller, onProgress: onProgress)
        handle(.submit(call))
        if Task.isCancelled { handle(.cancel(call.id)) }
      }
    } onCancel: {
      Task(executorPreference: host.executor) { await self.giveUp(call.id) }
    }
  }

  package nonisolated func latest() -> Snapshot { published.latest }

  package func perform(_ command: Command) async throws(CommandError) -> CommandReceipt {
    switch command {
    case .override(let server, let override):
      try check(server)
      handle(.override(server, override))
      return CommandReceipt(text: "breaker of \(server) \(override.words)")
    case .trust(let server):
      try check(server)
      guard let found = machine.impostor(of: server) else {
        return CommandReceipt(text: "nothing to trust: nobody answers in the place of \(server)")
      }
      handle(.trust(server))
      return CommandReceipt(text: "\(found) is \(server) from now on")
    case .reconnect(let server):
      try check(server)
      handle(.reconnect(server))
      return CommandReceipt(text: "\(server) connects anew")
    case .invalidateCache(let selection):
      switch selection {
      case .all: break
      case .server(let server), .entry(let server, _): try check(server)
      }
      handle(.invalidateCache(selection))
      return CommandReceipt(text: "cache cleared")
    case .resetBreaker(let server):
      try check(server)
      handle(.resetBreaker(server))
      return CommandReceipt(text: "breaker of \(server) reset")
    case .replay(let order):
      return try await replay(order)
    case .stopReplay(let number): return stopReplay(number)
    case .discard(let selection): return try await discard(selection)
    case .delete(let selection): return try await delete(selection)
    }
  }

  package func deadLetters(
    of selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(CommandError) -> DeadLetterPage {
    do { return try await store.page(selection, after: cursor, limit: limit) } catch {
      throw .store(error.message)
    }
  }

  package func deadLetterCount(
    of selection: DeadLetterSelection
  ) async throws(CommandError) -> Int? {
    do { return try await store.count(selection) } catch { throw .store(error.message) }
  }

  package func deadLetterStatistics() async throws(CommandError) -> DeadLetterStatistics {
    do { return try await store.statistics() } catch { throw .store(error.message) }
  }

  /// A fact from outside the engine worth the operator's eye.
  package func announce(_ severity: Notice.Severity, _ text: String) {
    handle(.announced(severity, text))
  }

  /// A new call's id.
  package func makeCallID() -> CallID { CallID(at: host.wallClock, using: &random) }

  func check(_ server: ServerID) throws(CommandError) {
    let known = latest().servers.map(\.id)
    guard known.contains(server) else {
      throw .unknownServer(server.name, known: known.map(\.name))
    }
  }

  private func giveUp(_ id: CallID) {
    if callers[id] != nil { handle(.cancel(id)) }
  }

  /// A command's effect on the queue is to be seen at once.
  func retally() async {
    guard stage == .running else { return }
    await tally()
    publish(machine.snapshot(at: host.now))
  }

  private func publish(_ snapshot: Snapshot) {
    var snapshot = snapshot
    snapshot.deadLetters.store = store.place
    desk.fill(&snapshot.deadLetters, at: host.wallClock)
    published.publish(snapshot)
  }

  // MARK: Events and effects

  private func heard(_ event: TransportEvent) {
    switch event {
    case .closed(let server, let id, let failure): handle(.closed(server, id, failure))
    case .toolsChanged(let server): handle(.toolsChanged(server))
    case .readsChanged(let server, let methods): handle(.readsChanged(server, methods))
    case .progress(let attempt, let report): handle(.progress(attempt, report))
    case .note(let server, let severity, let text): handle(.noted(server, severity, text))
    }
  }

  func handle(_ event: FleetEvent) {
    let effects = machine.handle(event, at: host.now, using: &random)
    for effect in effects { carryOut(effect) }
    setAlarm()
  }

  /// For the earliest of the two cores and of the stop.
  func setAlarm() {
    guard stage != .stopped else { return }
    let deadlines = [machine.nextDeadline, deskDeadline, restDeadline]
    host.setAlarm(at: deadlines.compactMap(\.self).min()) { [weak self] in
      self?.assumeIsolated { $0.timeReached() }
    }
  }

  private func timeReached() {
    if let due = deskDeadline, due <= host.now { handle(LetterDesk.Event.timeReached) }
    handle(FleetEvent.timeReached)
    resumeAtRest()
  }

  private func carryOut(_ effect: FleetEffect) {
    switch effect {
    case .open(let server, let id, let knownEra): open(server, id, knownEra)
    case .close(let id):
      work.cancel(.open(id))
      run(.close(id)) { fleet in await fleet.transport.close(id) }
    case .validate(let connection): validate(connection)
    case .abortValidation(let connection): work.cancel(.validate(connection))
    case .watch(let definition, let server, let connection):
      watch(definition, server, connection)
    case .abortWatch(let server): work.cancel(.watch(server))
    case .send(let call, let attempt, let connection):
      run(.attempt(attempt)) { fleet in
        let exchange = await fleet.transport.exchange(call, attempt: attempt, on: connection)
        fleet.handle(.exchanged(attempt, exchange))
      }
    case .abort(let attempt): work.cancel(.attempt(attempt))
    case .listTools(let server, let connection): listTools(of: server, connection)
    case .abortTools(let server): work.cancel(.tools(server))
    case .locate(let server): locate(server)
    case .abortLocate(let server): work.cancel(.locate(server))
    case .check(let server, let knownEra, let connection): check(server, knownEra, connection)
    case .abortCheck(let server): work.cancel(.check(server))
    case .finish(let outcome):
      callers.removeValue(forKey: outcome.call)?.outcome.resume(returning: outcome)
    case .progress(let call, let report): callers[call]?.onProgress(report)
    case .store(let letter): handle(LetterDesk.Event.keep(letter))
    case .tally: run(.tally) { fleet in await fleet.tally() }
    case .publish(let snapshot): publish(snapshot)
    case .readClock: handle(.clockRead(host.wallClock))
    case .drained:
      drained?.resume()
      drained = nil
    }
  }

  private func open(_ server: ServerDefinition, _ id: ConnectionID, _ knownEra: ConnectionInfo?) {
    run(.open(id)) { fleet in
      do throws(Failure) {
        let info = try await fleet.transport.open(id, to: server, knownEra: knownEra)
        fleet.handle(.opened(id, info))
      } catch {
        fleet.handle(.openFailed(id, error))
      }
    }
  }

  private func validate(_ connection: ConnectionID) {
    run(.validate(connection)) { fleet in
      do throws(Failure) {
        try await fleet.transport.validate(connection)
        fleet.handle(.validated(connection, nil))
      } catch {
        fleet.handle(.validated(connection, error))
      }
    }
  }

  private func watch(
    _ definition: ServerDefinition, _ server: ServerID, _ connection: ConnectionID
  ) {
    run(.watch(server)) { fleet in
      do throws(Failure) {
        let info = try await fleet.transport.open(connection, to: definition, knownEra: nil)
        await fleet.transport.close(connection)
        fleet.report(.watched(server, definition.refusal(of: info)))
      } catch {
        fleet.report(.watched(server, error))
      }
    }
  }

  private func listTools(of server: ServerID, _ connection: ConnectionID) {
    run(.tools(server)) { fleet in
      do throws(Failure) {
        let list = try await fleet.transport.listTools(on: connection)
        fleet.report(.toolsListed(server, list))
      } catch {
        fleet.report(.toolsFailed(server, error))
      }
    }
  }

  private func check(
    _ server: ServerDefinition, _ knownEra: ConnectionInfo?, _ connection: ConnectionID?
  ) {
    run(.check(server.id)) { fleet in
      do throws(Failure) {
        try await fleet.transport.check(server, knownEra: knownEra, connection: connection)
        fleet.report(.checked(server.id, nil))
      } catch {
        fleet.report(.checked(server.id, error))
      }
    }
  }

  private func locate(_ server: ServerDefinition) {
    run(.locate(server.id)) { fleet in
      let candidates = await fleet.transport.locate(server)
      fleet.report(.located(server.id, candidates))
    }
  }

  /// Of work known by its server's name: once it was given up, its result must not be taken for
  /// that of a later one under the same name.
  private func report(_ event: FleetEvent) {
    if !Task.isCancelled { handle(event) }
  }

  /// Every task has this actor as its owner, which awaits it in `stop`.
  func run(
    _ key: OwnedTasks.Key, _ body: @escaping @Sendable (isolated LiveFleet) async -> Void
  ) {
    let number = work.reserve(key)
    work.add(
      Task(executorPreference: host.executor) {
        await body(self)
        await self.ended(key, number)
      }, number)
  }

  private func ended(_ key: OwnedTasks.Key, _ number: UInt64) {
    work.end(key, number)
    resumeAtRest()
  }
}
