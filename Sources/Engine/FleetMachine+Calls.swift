import FleetModel
import Resilience
import Telemetry

// The way of one call: cache, breaker, pool, wire, retry, dead letter, outcome.
extension FleetMachine {
  mutating func submit(
    _ call: Call, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let number = numbers[call.server] else {
      let names = servers.map(\.definition.id.name).joined(separator: ", ")
      return refuse(
        call,
        Failure(
          .unknownServer, "no server is called '\(call.server)'; there are: \(names)",
          delivery: .notSent))
    }
    guard !isStopping else {
      return refuse(
        call, Failure(.shuttingDown, "the engine is shutting down", delivery: .notSent))
    }
    guard calls[call.id] == nil else {
      return refuse(
        call, Failure(.cancelled, "call \(call.id) is already running", delivery: .notSent))
    }
    if call.method == "tools/list", call.params == .emptyObject,
      let list = servers[number].cache.value(for: call.method, at: now)
    {
      servers[number].counts.success += 1
      effects.append(
        .finish(Outcome(call: call.id, reply: .success(list.result), source: .cache)))
      return
    }
    let server = servers[number]
    calls[call.id] = CallState(
      call, server: number, at: now, policy: server.definition.policies.retry,
      isSafe: server.isSafe(call))
    servers[number].callsInFlight += 1
    timers.set(.callDeadline(call.id), at: calls[call.id]?.deadline ?? now)
    beginTry(call.id, at: now, using: &random)
  }

  /// Outcomes of calls that never were any server's.
  private mutating func refuse(_ call: Call, _ failure: Failure) {
    effects.append(.finish(Outcome(call: call.id, reply: .failure(failure))))
  }

  // MARK: One try

  mutating func beginTry(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard var state = calls[id] else { return }
    let number = state.server
    state.attemptStartedAt = now
    switch servers[number].breaker.admit(at: now) {
    case .failure(let rejection):
      announceTransitions(of: number, at: now)
      // A call that was already tried keeps its own failure: that is what its dead letter is about.
      let last = state.lastFailure
      let failure = Failure(
        last?.kind ?? .breakerOpen,
        (last.map { "\($0.message); no further try: " } ?? "") + rejection.reason,
        delivery: state.delivery, retryAfter: rejection.retryAfter)
      calls[id] = state
      conclude(id, .failure(failure), at: now)
    case .success(let permit):
      announceTransitions(of: number, at: now)
      state.phase = .acquiring(permit)
      calls[id] = state
      perform(servers[number].pool.acquire(id, at: now), of: number, at: now, using: &random)
    }
  }

  /// The pool hands a connection to a call.
  mutating func granted(
    _ id: CallID, _ connection: ConnectionID, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard var state = calls[id], case .acquiring(let permit) = state.phase else {
      preconditionFailure("a connection is granted to a waiting call only")
    }
    lastAttempt += 1
    let attempt = AttemptID(number: lastAttempt)
    state.phase = .onWire(attempt, connection, permit)
    calls[id] = state
    attempts[attempt] = id
    timers.set(
      .tryTimeout(id),
      at: min(now + servers[state.server].definition.policies.retry.tryTimeout, state.deadline))
    effects.append(.send(state.call, attempt, connection))
  }

  /// The pool has no connection for a call.
  mutating func refused(
    _ id: CallID, _ failure: Failure, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id], case .acquiring(let permit) = state.phase else {
      preconditionFailure("only a waiting call is refused a connection")
    }
    settleTry(id, permit, .failure(failure), at: now, using: &random)
  }

  mutating func exchanged(
    _ attempt: AttemptID, _ exchange: Exchange, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let id = attempts[attempt], let state = calls[id],
      case .onWire(attempt, let connection, let permit) = state.phase
    else { return }
    release(attempt, connection, isBroken: exchange.closesConnection, at: now, using: &random)
    if case .failure(let failure) = exchange.reply {
      noticeAbsence(failure, of: state.server, at: now, using: &random)
    }
    settleTry(id, permit, exchange.reply, at: now, using: &random)
  }

  mutating func tryTimedOut(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id], case .onWire(let attempt, let connection, let permit) = state.phase
    else { return }
    let limit = servers[state.server].definition.policies.retry.tryTimeout
    effects.append(.abort(attempt))
    release(attempt, connection, isBroken: false, at: now, using: &random)
    let failure = Failure(
      .tryTimeout, "no answer in \(limit.shortText)", delivery: .unknown)
    settleTry(id, permit, .failure(failure), at: now, using: &random)
  }

  private mutating func release(
    _ attempt: AttemptID, _ connection: ConnectionID, isBroken: Bool, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let id = attempts.removeValue(forKey: attempt) else { return }
    timers.remove(.tryTimeout(id))
    let number = ServerState.number(of: connection)
    perform(
      servers[number].pool.release(connection, by: id, isBroken: isBroken, at: now), of: number,
      at: now, using: &random)
  }

  /// Books one try and decides whether there is another.
  private mutating func settleTry(
    _ id: CallID, _ permit: Breaker.Permit, _ reply: Reply, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard var state = calls[id] else { return }
    let number = state.server
    servers[number].breaker.record(permit, Breaker.verdict(on: reply), at: now)
    announceTransitions(of: number, at: now)
    state.attempts.append(
      Attempt(
        startedAt: timestamp(state.attemptStartedAt), duration: now - state.attemptStartedAt,
        result: reply.label, backoff: state.nextBackoff))
    giveBackBudget(&state)
    state.phase = .backingOff
    if case .failure(let failure) = reply { state.note(failure) }
    let decision = RetryRules.decide(
      reply, policy: servers[number].definition.policies.retry, isSafe: state.isSafe,
      retriesMade: state.retriesMade, remaining: state.deadline - now, backoff: &state.backoff,
      budget: &servers[number].budget, callsInFlight: servers[number].callsInFlight,
      using: &random)
    switch decision {
    case .giveUp(let reason):
      state.giveUp = reason
      calls[id] = state
      conclude(id, reply, at: now)
    case .retry(let delay):
      state.holdsBudget = true
      state.retriesMade += 1
      state.nextBackoff = delay
      calls[id] = state
      servers[number].retryTotal += 1
      backoffs.record(delay)
      timers.set(.backoff(id), at: now + delay)
    }
  }

  private mutating func giveBackBudget(_ state: inout CallState) {
    guard state.holdsBudget else { return }
    state.holdsBudget = false
    servers[state.server].budget.giveBack()
  }

  // MARK: Ends before their time

  mutating func deadlinePassed(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id] else { return }
    if case .storing = state.phase { return }
    let last = state.lastFailure.map { "; last: \($0.kind.label)" } ?? ""
    let delivery = abandon(state, at: now, using: &random)
    let tries = state.attempts.count + (isOnWire(state) ? 1 : 0)
    let failure = Failure(
      .totalTimeout,
      "not done in \((now - state.startedAt).shortText), \(Self.count(tries))\(last)",
      delivery: delivery)
    calls[id]?.note(failure)
    conclude(id, .failure(failure), at: now)
  }

  mutating func cancel(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id] else { return }
    if case .storing = state.phase { return }
    let failure = Failure(
      .cancelled, "the caller gave up", delivery: abandon(state, at: now, using: &random))
    end(state, .failure(failure), at: now)
  }

  private static func count(_ tries: Int) -> String { tries == 1 ? "1 try" : "\(tries) tries" }

  private func isOnWire(_ state: CallState) -> Bool {
    if case .onWire = state.phase { true } else { false }
  }

  /// Takes a call off whatever it holds, neutrally, and says how sure we are that it did not run.
  mutating func abandon(
    _ state: CallState, at now: Instant, using random: inout some RandomNumberGenerator
  ) -> Delivery {
    let number = state.server
    switch state.phase {
    case .acquiring(let permit):
      servers[number].pool.cancel(state.call.id)
      servers[number].breaker.record(permit, .neutral, at: now)
      setPoolTimer(of: number)
    case .onWire(let attempt, let connection, let permit):
      effects.append(.abort(attempt))
      attempts.removeValue(forKey: attempt)
      servers[number].breaker.record(permit, .neutral, at: now)
      perform(
        servers[number].pool.release(connection, by: state.call.id, isBroken: false, at: now),
        of: number, at: now, using: &random)
      return .unknown
    case .backingOff, .storing: break
    }
    return state.delivery
  }

  // MARK: The end

  /// The call has its last reply: keep it as a dead letter if it must not be lost, else finish.
  mutating func conclude(_ id: CallID, _ reply: Reply, at now: Instant) {
    guard let state = calls[id] else { return }
    guard case .failure(var failure) = reply else { return end(state, reply, at: now) }
    failure.delivery = state.lastFailure == nil ? failure.delivery : state.delivery
    if let words = state.giveUp?.words { failure.message += "; \(words)" }
    guard isWorthKeeping(state, failure) else { return end(state, .failure(failure), at: now) }
    let outcome = makeOutcome(state, .failure(failure), at: now)
    calls[id]?.phase = .storing(outcome)
    effects.append(.store(deadLetter(of: state, failure, at: now)))
  }

  /// Probes are made anew every few seconds, a replay is still its old letter, and nobody waits for
  /// the answer to an old read.
  private func isWorthKeeping(_ state: CallState, _ failure: Failure) -> Bool {
    guard !ServerState.reads.contains(state.call.method) else { return false }
    switch state.call.origin {
    case .probe, .replay: return false
    case .cli, .load, .gateway: break
    }
    guard !state.attempts.isEmpty || failure.delivery == .unknown else { return false }
    return failure.delivery == .unknown || failure.kind == .totalTimeout
      || RetryRules.isRetryable(.failure(failure))
  }

  private func deadLetter(of state: CallState, _ failure: Failure, at now: Instant) -> DeadLetter {
    DeadLetter(
      id: state.call.id, server: state.call.server, client: state.call.client,
      method: state.call.method, target: state.call.target, params: state.call.params,
      errorKind: failure.kind.label, errorMessage: failure.message, delivery: failure.delivery,
      isIdempotent: state.isSafe, attempts: state.attempts,
      createdAt: timestamp(state.startedAt), lastAttemptAt: timestamp(state.attemptStartedAt),
      expiresAt: timestamp(now) + deadLetterLifetime)
  }

  mutating func stored(_ id: CallID, _ error: DeadLetterStoreError?, at now: Instant) {
    guard let state = calls[id], case .storing(var outcome) = state.phase else { return }
    isTallyStale = true
    if let error {
      note(
        .error, "dead letter \(id) is NOT kept: \(error.message)", server: state.call.server,
        at: now)
      if case .failure(var failure) = outcome.reply {
        failure.message += "; NOT kept as a dead letter: \(error.message)"
        outcome.reply = .failure(failure)
      }
    } else {
      outcome.isDeadLettered = true
      servers[state.server].deadLetterCount += 1
      tally.total += 1
      let tries = Self.count(outcome.attempts.count)
      let reason = state.giveUp?.words.map { "; \($0)" } ?? ""
      servers[state.server].newLetters += 1
      servers[state.server].newestLetter = "\(tries), \(outcome.reply.label)\(reason)"
    }
    finish(state, outcome, at: now)
  }

  /// One event a tick for each server, however many letters: an outage must not push everything
  /// else off the screen.
  mutating func announceLetters(at now: Instant) {
    for number in servers.indices where servers[number].newLetters > 0 {
      let (count, newest) = (servers[number].newLetters, servers[number].newestLetter)
      servers[number].newLetters = 0
      let text =
        count == 1
        ? "gave up a call (\(newest)), kept as dead letter"
        : "gave up \(count) calls (the last: \(newest)), kept as dead letters"
      note(.error, text, server: servers[number].definition.id, at: now)
    }
  }

  mutating func end(_ state: CallState, _ reply: Reply, at now: Instant) {
    finish(state, makeOutcome(state, reply, at: now), at: now)
  }

  private func makeOutcome(_ state: CallState, _ reply: Reply, at now: Instant) -> Outcome {
    Outcome(
      call: state.call.id, reply: reply, attempts: state.attempts,
      latency: now - state.startedAt)
  }

  private mutating func finish(_ state: CallState, _ outcome: Outcome, at now: Instant) {
    let id = state.call.id
    calls[id] = nil
    timers.remove(.callDeadline(id))
    timers.remove(.tryTimeout(id))
    timers.remove(.backoff(id))
    if state.holdsBudget { servers[state.server].budget.giveBack() }
    servers[state.server].callsInFlight -= 1
    servers[state.server].count(outcome.reply)
    if outcome.reply.countsForRates {
      // What never reached the wire has no latency: a fast refusal is not a fast server.
      let latency = outcome.attempts.isEmpty ? nil : outcome.latency
      let isSuccess = outcome.reply.isSuccess
      servers[state.server].window.record(latency: latency, isSuccess: isSuccess, at: now)
      window.record(latency: latency, isSuccess: isSuccess, at: now)
    }
    effects.append(.finish(outcome))
    probeEnded(id, at: now)
  }
}

extension Reply {
  var isSuccess: Bool {
    switch self {
    case .success: true
    case .toolError, .protocolError, .failure: false
    }
  }

  /// A caller's change of mind says nothing about the server.
  var countsForRates: Bool {
    guard case .failure(let failure) = self else { return true }
    return failure.kind != .cancelled && failure.kind != .shuttingDown
  }
}

extension GiveUp {
  /// Why there was no further try, where the failure itself does not say it.
  fileprivate var words: String? {
    switch self {
    case .notRetryable, .attemptsExhausted: nil
    case .ambiguousDelivery: "not sent again: it may have run"
    case .budgetExhausted: "no further try: the retry budget is used up"
    case .totalTimeout: "no time is left for another try"
    case .retryAfterExceedsLimit: "the server asks to wait longer than allowed"
    }
  }
}
