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
  private let transport: any Transport
  let store: any DeadLetterStore
  private let replayer = Replayer()
  private nonisolated let published: PublishedSnapshot

  private var machine: FleetMachine
  private var random: SplitMix64
  private var callers: [CallID: Caller] = [:]
  private var work = OwnedTasks()
  /// Replays under way; they give their letters back before the engine is gone.
  private var replayCount = 0
  private var drained: CheckedContinuation<Void, Never>?
  private var stopWaitsForReplays: CheckedContinuation<Void, Never>?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    host.executor.asUnownedSerialExecutor()
  }

  /// - Parameters:
  ///   - seed: of the engine's own chance (jitter, ids).
  ///   - onPublish: called on the engine's thread after each new snapshot.
  package init(
    machine: FleetMachine, host: any EngineHost, transport: any Transport,
    store: any DeadLetterStore, seed: UInt64, onPublish: @escaping @Sendable () -> Void = {}
  ) {
    self.host = host
    self.transport = transport
    self.store = store
    self.machine = machine
    random = SplitMix64(seed: seed)
    var first = self.machine.snapshot(at: host.now)
    first.at = host.wallClock
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
  }

  /// Ends every call with `.shuttingDown`, closes every connection, and returns when all is quiet.
  ///
  /// - Parameter patience: how long calls on the wire that must not run twice are waited for; those
  ///   that then have no answer become dead letters that may have executed.
  package func stop(patience: Duration = .seconds(2)) async {
    await withCheckedContinuation { waiter in
      drained = waiter
      handle(.drain(limit: patience))
    }
    handle(.stop)
    host.setAlarm(at: nil) {}
    work.cancelWaits()
    await withCheckedContinuation { waiter in
      if replayCount > 0 { stopWaitsForReplays = waiter } else { waiter.resume() }
    }
    while let task = work.removeFirst() {
      await task.value
    }
    await transport.shutdown()
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
      if case .matching(let filter) = order.selection, let server = filter.server {
        try check(server)
      }
      return try await replay(order)
    case .stopReplay: return CommandReceipt(text: "no replay runs")
    case .discard(let selection):
      return try await change("discarded") { store throws(DeadLetterStoreError) in
        try await store.discard(selection)
      }
    case .delete(let selection):
      return try await change("deleted") { store throws(DeadLetterStoreError) in
        try await store.delete(selection)
      }
    }
  }

  package func deadLetters(
    of selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(CommandError) -> DeadLetterPage {
    do { return try await store.page(selection, after: cursor, limit: limit) } catch {
      throw .store(error.message)
    }
  }

  package func deadLetterStatistics() async throws(CommandError) -> DeadLetterStatistics {
    do { return try await store.statistics() } catch { throw .store(error.message) }
  }

  private func change(
    _ deed: String, _ body: (any DeadLetterStore) async throws(DeadLetterStoreError) -> Int
  ) async throws(CommandError) -> CommandReceipt {
    let count: Int
    do throws(DeadLetterStoreError) { count = try await body(store) } catch {
      throw .store(error.message)
    }
    let text = "\(count) dead letters \(deed)"
    handle(.announced(.warning, "\(text) by hand"))
    await retally()
    return CommandReceipt(text: text, letters: count)
  }

  /// A fact from outside the engine worth the operator's eye.
  package func announce(_ severity: Notice.Severity, _ text: String) {
    handle(.announced(severity, text))
  }

  /// A new call's id.
  package func makeCallID() -> CallID { CallID(at: host.wallClock, using: &random) }

  private func check(_ server: ServerID) throws(CommandError) {
    let known = latest().servers.map(\.id)
    guard known.contains(server) else {
      throw .unknownServer(server.name, known: known.map(\.name))
    }
  }

  private func giveUp(_ id: CallID) {
    if callers[id] != nil { handle(.cancel(id)) }
  }

  private func replay(_ order: ReplayOrder) async throws(CommandError) -> CommandReceipt {
    replayCount += 1
    defer { replayEnded() }
    let count: ReplayCount
    do {
      count = try await replayer.replay(
        order, store: store, longestCall: machine.longestCall,
        clock: { [host] in host.wallClock },
        call: { await self.call($0) })
    } catch {
      throw .store(error.message)
    }
    let text = count.text
    handle(.announced(count.failed > 0 ? .warning : .info, "replay: \(text)"))
    await retally()
    return CommandReceipt(text: text, replay: count)
  }

  private func replayEnded() {
    replayCount -= 1
    guard replayCount == 0 else { return }
    stopWaitsForReplays?.resume()
    stopWaitsForReplays = nil
  }

  /// A command's effect on the queue is to be seen at once.
  func retally() async {
    await tally()
    published.publish(machine.snapshot(at: host.now))
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

  private func handle(_ event: FleetEvent) {
    let effects = machine.handle(event, at: host.now, using: &random)
    for effect in effects { carryOut(effect) }
    host.setAlarm(at: machine.nextDeadline) { [weak self] in
      self?.assumeIsolated { $0.handle(.timeReached) }
    }
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
    case .store(let letter): keep(letter)
    case .tally: run(.tally) { fleet in await fleet.tally() }
    case .publish(let snapshot): published.publish(snapshot)
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

  private func keep(_ letter: DeadLetter) {
    run(.store(letter.id.call)) { fleet in
      do throws(DeadLetterStoreError) {
        _ = try await fleet.store.add(letter)
        fleet.handle(.stored(letter.id.call, nil))
      } catch {
        fleet.handle(.stored(letter.id.call, error))
      }
    }
  }

  private func tally() async {
    do {
      let tally = try await store.tally(recentLimit: DeadLetterSnapshot.recentLimit)
      handle(.tallied(tally))
    } catch {
      handle(.storeFailed(error))
    }
  }

  /// Every task has this actor as its owner, which awaits it in `stop`.
  private func run(
    _ key: OwnedTasks.Key, _ body: @escaping @Sendable (isolated LiveFleet) async -> Void
  ) {
    let number = work.reserve(key)
    work.add(
      Task(executorPreference: host.executor) {
        await body(self)
        await self.ended(key, number)
      }, number)
  }

  private func ended(_ key: OwnedTasks.Key, _ number: UInt64) { work.end(key, number) }
}
