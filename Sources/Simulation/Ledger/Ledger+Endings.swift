import Engine
import FleetModel

// How calls end, what is kept of them, and what must be so when all is over.
extension Ledger {
  mutating func stored(_ letter: DeadLetter, at now: Instant) {
    tallies.deadLetters += 1
    guard let index = callNumbers[letter.id.call] else {
      return violate("a dead letter of \(letter.id), which nobody sent, is kept", at: now)
    }
    let record = calls[index]
    if record.storedAt != nil { violate("\(letter.id) is kept twice", at: now) }
    if record.isFinished { violate("\(letter.id) is kept after its outcome", at: now) }
    if record.principal != nil { violate("\(letter.id) stands in, and is kept", at: now) }
    if now > record.deadline { violate("\(letter.id) is given up after its deadline", at: now) }
    if let token = record.call.token?.value, letter.errorMessage.contains(token) {
      violate("the letter of \(letter.id) holds its caller's token", at: now)
    }
    calls[index].storedAt = now
    calls[index].storedDelivery = letter.delivery
  }

  mutating func finished(_ outcome: Outcome, at now: Instant) {
    guard let index = callNumbers[outcome.call] else { return foreignFinished(outcome, at: now) }
    let record = calls[index]
    let id = outcome.call
    if record.isFinished { violate("\(id) ends twice", at: now) }
    if record.principal != nil { violate("\(id) stands in, and its outcome is given out", at: now) }
    guard !record.isFinished else { return }
    tallies.finished += 1
    calls[index].isFinished = true
    servers[record.server].unfinished -= 1
    if record.spansChange, record.principal == nil {
      servers[record.server].spanning -= 1
      servers[record.server].settle(at: now)
    }
    judgeToken(of: record, outcome, at: now)
    if record.storedAt == nil {
      if now > record.deadline { violate("\(id) ends after its deadline", at: now) }
    }
    calls[index].isKept = outcome.isDeadLettered
    judgeKeeping(of: record, outcome, at: now)
    if !(!outcome.isDeadLettered || record.storedAt != nil) {
      violate("\(id) says it is kept, and is not", at: now)
    }
    if case .failure(let failure) = outcome.reply {
      judgeFailure(failure, of: record, outcome, at: now)
    }
    judgeDoubt(of: record, outcome, at: now)
    count(outcome, of: record.server)
  }

  /// No caller waits for a store that hangs, and none is left to believe that a letter is kept.
  private mutating func judgeKeeping(
    of record: CallRecord, _ outcome: Outcome, at now: Instant
  ) {
    guard let storedAt = record.storedAt else { return }
    if now > storedAt + LetterSpill.patience {
      violate("\(outcome.call) waits too long for its letter", at: now)
    }
    if case .failure(let failure) = outcome.reply, !outcome.isDeadLettered,
      !failure.message.contains("NOT kept")
    {
      violate("the letter of \(outcome.call) is lost silently", at: now)
    }
  }

  /// Nobody is told that the store has what it has not.
  mutating func judge(
    _ keeping: LetterKeeping, of id: DeadLetterID, isInStore: Bool, at now: Instant
  ) {
    if keeping == .stored, !isInStore {
      violate("the letter of \(id) is said to be in the store, and is not", at: now)
    }
  }

  /// When all is over: what was said to be kept is in the store, or waits for it.
  mutating func judgeLetters(
    stored: Set<DeadLetterID>, spilled: Set<DeadLetterID>, at now: Instant
  ) {
    for record in calls where record.isKept {
      let id = DeadLetterID(record.call.id)
      if !stored.contains(id), !spilled.contains(id) {
        violate("the letter of \(record.call.id) is gone", at: now)
      }
    }
  }

  /// A caller's own token opens answers for that caller alone.
  private mutating func judgeToken(of record: CallRecord, _ outcome: Outcome, at now: Instant) {
    guard case .success(let result) = outcome.reply, outcome.source != .fallback else { return }
    if result != SimulatedWorld.answer(to: record.call) {
      violate("\(outcome.call) has an answer to another caller's token", at: now)
    }
    guard record.call.token != nil else { return }
    if outcome.source != .server || record.sends == 0 {
      violate("\(outcome.call) has its caller's token and another's answer", at: now)
    }
  }

  private mutating func strayFinished(_ outcome: Outcome, at now: Instant) {
    tallies.calls += 1
    tallies.finished += 1
    if case .failure(let failure) = outcome.reply, failure.delivery == .notSent { return }
    violate("\(outcome.call), whose server is not in the fleet, has an answer", at: now)
  }

  private mutating func foreignFinished(_ outcome: Outcome, at now: Instant) {
    if strays.remove(outcome.call) != nil { return strayFinished(outcome, at: now) }
    foreignFinishes += 1
    guard case .failure = outcome.reply else {
      return violate("\(outcome.call), which nobody sent, has an answer", at: now)
    }
    let probes = servers.reduce(0) { sum, server in
      server.definition.probes.reduce(sum) { $0 + Int((now - .origin) / $1.interval) + 1 }
    }
    if foreignFinishes > probes, !servers.contains(where: { $0.changedAt > .origin }) {
      violate("\(outcome.call) ends, which nobody submitted", at: now)
    }
  }

  private mutating func judgeFailure(
    _ failure: Failure, of record: CallRecord, _ outcome: Outcome, at now: Instant
  ) {
    let isHeld = servers[record.server].breaker.isHeldOpenForAll(
      since: record.submittedAt, at: now)
    if !(failure.kind != .breakerOpen || !isHeld) {
      violate("\(outcome.call) is turned away by a breaker that lets all pass", at: now)
    }
    if !(failure.delivery != .notSent || record.sends == 0 || !record.mayHaveRun) {
      violate("\(outcome.call) may have run and ends as not sent", at: now)
    }
  }

  /// A tool's call that may have run, by itself or by another that stood in, and has no answer,
  /// leaves a letter that says so.
  private mutating func judgeDoubt(of record: CallRecord, _ outcome: Outcome, at now: Instant) {
    let standIn = record.standIn.map { calls[$0] }
    guard record.isInDoubt || standIn?.isInDoubt ?? false else { return }
    switch record.call.origin {
    case .probe, .replay: return
    case .cli, .load, .gateway: break
    }
    switch outcome.reply {
    case .success, .toolError:
      // Another's answer is as good where running twice does no harm.
      if record.isSafe { return }
    case .failure(let failure):
      if failure.kind == .cancelled { return }
    case .protocolError: break
    }
    if record.storedDelivery != .unknown && record.storedDelivery != .executed {
      violate("\(outcome.call) may have run, and no letter says so", at: now)
    }
  }

  private mutating func count(_ outcome: Outcome, of number: Int) {
    switch outcome.source {
    case .fallback, .staleCache: servers[number].covered += 1
    case .server, .cache:
      switch outcome.reply {
      case .success: servers[number].outcomes.success += 1
      case .toolError: servers[number].outcomes.toolError += 1
      case .protocolError: servers[number].outcomes.protocolError += 1
      case .failure: servers[number].outcomes.transportFailure += 1
      }
    }
  }

  // MARK: The end

  /// After the stop, when all that was kept is written.
  mutating func judgeEnd(_ snapshot: Snapshot, at now: Instant) {
    let lost = calls.filter { !$0.isFinished && $0.principal == nil }
    if let first = lost.first {
      violate("\(lost.count) calls never end, the first is \(first.call.id)", at: now)
    }
    for (number, server) in servers.enumerated() {
      for broken in server.callers.broken(server.definition.policies.load) {
        violate("\(name(number)): \(broken.words)", at: broken.at)
      }
    }
    for (number, picture) in zip(shown, snapshot.servers) {
      if servers[number].callsOnWire != 0 {
        violate("\(name(number)): \(servers[number].callsOnWire) calls are still out", at: now)
      }
      if !connections.isEmpty {
        violate("\(connections.count) connections are still open", at: now)
      }
      judgeEmpty(picture, at: now)
    }
  }

  /// Nothing is held for calls that are over.
  mutating func judgeEmpty(_ picture: ServerSnapshot, at now: Instant) {
    let held = [
      ("in the bulkhead", picture.load.running), ("waiting for a place", picture.load.waiting),
      ("on connections", picture.pool.active), ("waiting for one", picture.pool.waiting),
      ("in the retry budget", picture.retries.budgetUsed),
    ]
    for (place, count) in held where count != 0 {
      violate("\(picture.id): \(count) are left \(place)", at: now)
    }
  }
}
