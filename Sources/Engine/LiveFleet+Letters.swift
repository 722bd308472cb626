import FleetModel
import Wire

// The driver of the desk of dead letters.
extension LiveFleet {
  func handle(_ event: LetterDesk.Event) {
    let effects = desk.handle(event, at: host.now, civil: host.wallClock, in: machine)
    deskDeadline = desk.nextDeadline
    for effect in effects { carryOut(effect) }
    setAlarm()
    resumeAtRest()
  }

  private func carryOut(_ effect: LetterDesk.Effect) {
    switch effect {
    case .spill(.add(let letter)): add(letter)
    case .spill(.settle(let id, let keeping, let error)): handle(.stored(id.call, keeping, error))
    case .spill(.forgetFile): forgetSpill()
    case .spill(.announce(let severity, let text)), .announce(let severity, let text):
      handle(.announced(severity, text))
    case .replay(let number, let owner, let step): carryOut(step, of: number, owner)
    case .ended(let run):
      if let caller = replayCallers.removeValue(forKey: run.number) {
        caller.resume(returning: run)
      } else if run.count.settled > 0 {
        self.run(.tally) { fleet in await fleet.retally() }
      }
    case .sweep: sweep()
    case .tally: run(.tally) { fleet in await fleet.retally() }
    }
  }

  private func add(_ letter: DeadLetter) {
    run(.letters) { fleet in
      let result: Result<DeadLetterAddition, DeadLetterStoreError>
      do throws(DeadLetterStoreError) {
        result = .success(try await fleet.store.add(letter))
      } catch {
        result = .failure(error)
      }
      fleet.handle(LetterDesk.Event.added(letter.id, result))
    }
  }

  private func sweep() {
    run(.letters) { fleet in
      var count: Int?
      do throws(DeadLetterStoreError) {
        count = try await fleet.store.sweep()
      } catch {
        // A store in trouble says so where it matters: at the next letter and the next picture.
        count = nil
      }
      fleet.handle(LetterDesk.Event.swept(count))
    }
  }

  func tally() async {
    do throws(DeadLetterStoreError) {
      let tally = try await store.tally(recentLimit: DeadLetterSnapshot.recentLimit)
      handle(FleetEvent.tallied(tally))
      handle(LetterDesk.Event.read(.success(tally.durability)))
    } catch {
      handle(FleetEvent.storeFailed(error))
      handle(LetterDesk.Event.read(.failure(error)))
    }
  }

  // MARK: - Replays

  private func carryOut(_ step: ReplayRun.Effect, of number: Int, _ owner: String) {
    switch step {
    case .page(let selection, let cursor):
      ask(.page, number) { store throws(DeadLetterStoreError) in
        .paged(try await store.page(selection, after: cursor, limit: ReplayRun.pageLimit))
      }
    case .revise(let id, let params):
      ask(.revise, number) { store throws(DeadLetterStoreError) in
        .revised(try await store.revise(id, params: params))
      }
    case .claim(let ids, let isForced, let until):
      ask(.claim, number) { store throws(DeadLetterStoreError) in
        .claimed(try await store.claim(ids, by: owner, isForced: isForced, until: until))
      }
    case .complete(let letter):
      ask(.write(letter.id), number) { store throws(DeadLetterStoreError) in
        try await store.complete(letter, by: owner)
        return .written(letter.id)
      }
    case .giveBack(let letter):
      ask(.write(letter.id), number) { store throws(DeadLetterStoreError) in
        try await store.giveBack(letter, by: owner)
        return .written(letter.id)
      }
    case .send(let id, let call):
      run(.letters) { fleet in
        let outcome = await fleet.call(call)
        fleet.handle(LetterDesk.Event.replay(number, .answered(id, outcome)))
      }
    case .finished: break
    }
  }

  private func ask(
    _ work: ReplayRun.Work, _ number: Int,
    _ body:
      @escaping @Sendable (any DeadLetterStore) async throws(DeadLetterStoreError)
      -> ReplayRun.Event
  ) {
    run(.letters) { fleet in
      let event: ReplayRun.Event
      do throws(DeadLetterStoreError) { event = try await body(fleet.store) } catch {
        event = .failed(work, error)
      }
      fleet.handle(LetterDesk.Event.replay(number, event))
    }
  }

  /// Returns when every letter is dealt with, or the replay was stopped: by a command, with its
  /// caller's task, or with the engine.
  func replay(_ order: ReplayOrder) async throws(CommandError) -> CommandReceipt {
    if case .matching(let filter) = order.selection, let server = filter.server {
      try check(server)
    }
    if let fault = order.fault { throw .invalid(fault) }
    let number = desk.replay(order, at: host.wallClock)
    let run = await withTaskCancellationHandler {
      await withCheckedContinuation { caller in
        replayCallers[number] = caller
        handle(LetterDesk.Event.replay(number, .begin))
        if Task.isCancelled { handle(LetterDesk.Event.stopReplay(number)) }
      }
    } onCancel: {
      Task(executorPreference: host.executor) { await self.giveUp(replay: number) }
    }
    await retally()
    if case .ids(let ids) = order.selection, let first = ids.first, run.total == 0,
      run.trouble == nil
    {
      throw .noSuchDeadLetter(first)
    }
    if let trouble = run.trouble, run.count.settled == 0 { throw .store(trouble) }
    return CommandReceipt(text: run.report, replay: run.count)
  }

  private func giveUp(replay number: Int) { handle(LetterDesk.Event.stopReplay(number)) }

  func stopReplay(_ number: Int?) -> CommandReceipt {
    let chosen = desk.running.filter { number == nil || $0 == number }
    guard !chosen.isEmpty else {
      return CommandReceipt(text: number.map { "no replay \($0) runs" } ?? "no replay runs")
    }
    handle(LetterDesk.Event.stopReplay(number))
    let names = chosen.map(String.init).joined(separator: ", ")
    return CommandReceipt(text: "replay \(names) stops; what is on the wire is waited for")
  }

  // MARK: - Decisions

  func discard(
    _ selection: DeadLetterSelection
  ) async throws(CommandError) -> CommandReceipt {
    let count: Int
    do { count = try await store.discard(selection) } catch { throw .store(error.message) }
    handle(LetterDesk.Event.decided(discarded: count, deleted: 0))
    return await decided("\(Self.letters(count)) discarded", count)
  }

  func delete(_ selection: DeadLetterSelection) async throws(CommandError) -> CommandReceipt {
    let count: Int
    do { count = try await store.delete(selection) } catch { throw .store(error.message) }
    handle(LetterDesk.Event.decided(discarded: 0, deleted: count))
    return await decided("\(Self.letters(count)) deleted", count)
  }

  private func decided(_ text: String, _ count: Int) async -> CommandReceipt {
    handle(FleetEvent.announced(.warning, "\(text) by hand"))
    await retally()
    return CommandReceipt(text: text, letters: count)
  }
}

extension ReplayOrder {
  /// Why it cannot be carried out as it is; nil when it can.
  var fault: String? {
    guard let arguments else { return nil }
    guard case .ids(let ids) = selection, ids.count == 1 else {
      return "arguments are edited of one letter alone: name its id"
    }
    do throws(JSONError) {
      return try JSONView(arguments).kind == .object ? nil : "the arguments must be an object"
    } catch {
      return "the arguments are no JSON: \(error)"
    }
  }
}
