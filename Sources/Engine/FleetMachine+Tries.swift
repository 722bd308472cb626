import FleetModel
import Resilience
import Telemetry

// One try after another: breaker, rate, bulkhead, pool, wire, and whether there is a next.
extension FleetMachine {
  mutating func beginTry(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let number = calls[id]?.begin(at: now) else { return }
    if calls[id]?.isOverdue(at: now) == true { return deadlinePassed(id, at: now, using: &random) }
    if !servers[number].breaker.letsAllPass,
      let rejection = servers[number].breaker.rejection(at: now)
    {
      return reject(id, rejection, at: now, using: &random)
    }
    if servers[number].isImpersonated, let failure = servers[number].impostor?.failure {
      return refuseHere(id, failure, at: now, using: &random)
    }
    guard !servers[number].limits.isUnlimited else {
      return enterBulkhead(id, at: now, using: &random)
    }
    let deadline = calls[id]?.deadline ?? now
    switch servers[number].limits.admitTry(at: now, before: deadline) {
    case .failure(let refusal): refuse(id, refusal, at: now, using: &random)
    case .success(let wait):
      if wait > .zero {
        pace(id, wait, isAdmitted: true, at: now)
      } else {
        enterBulkhead(id, at: now, using: &random)
      }
    }
  }

  /// A call whose place has come, or whose wait was ended; it may have ended itself meanwhile.
  mutating func goOn(
    _ ready: ReadyCall, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    switch (ready.hasPlace, calls[ready.call]?.phase) {
    case (true, .queued): admit(ready.call, at: now, using: &random)
    case (false, .backingOff): beginTry(ready.call, at: now, using: &random)
    case (true, _): leaveBulkhead(ready.server)
    case (false, _): break
    }
  }

  /// With its place in the bulkhead the call goes to breaker and pool.
  mutating func admit(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let number = calls[id]?.server else { return }
    let admission = servers[number].breaker.admit(at: now)
    announceTransitions(of: number, at: now)
    switch admission {
    case .failure(let rejection):
      leaveBulkhead(number)
      reject(id, rejection, at: now, using: &random)
    case .success(let permit):
      calls[id]?.phase = .acquiring(permit)
      perform(servers[number].pool.acquire(id, at: now), of: number, at: now, using: &random)
    }
  }

  private mutating func reject(
    _ id: CallID, _ rejection: Breaker.Rejection, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    if let number = calls[id]?.server { servers[number].rejections += 1 }
    refuseHere(
      id,
      Failure(
        .breakerOpen, rejection.reason, delivery: .notSent, retryAfter: rejection.retryAfter),
      at: now, using: &random)
  }

  /// Our own refusal before the wire. A call that was tried before keeps its own failure: that is
  /// what its dead letter is about.
  mutating func refuseHere(
    _ id: CallID, _ refusal: Failure, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id] else { return }
    giveBackBudget(id)
    calls[id]?.phase = .backingOff
    var failure = refusal
    failure.delivery = state.delivery
    if let last = state.lastFailure {
      failure.kind = last.kind
      failure.message = "\(last.message); no further try: \(refusal.message)"
    }
    conclude(id, .failure(failure), at: now, using: &random)
  }

  /// The pool hands a connection to a call; the breaker may have opened since the pool decided.
  mutating func granted(
    _ id: CallID, _ connection: ConnectionID, of number: Int, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id], case .acquiring(let permit) = state.phase,
      !state.isOverdue(at: now)
    else {
      perform(
        servers[number].pool.release(connection, by: id, isBroken: false, at: now), of: number,
        at: now, using: &random)
      // The alarm is late, or has rung already and this changes nothing.
      if calls[id]?.isOverdue(at: now) == true { deadlinePassed(id, at: now, using: &random) }
      return
    }
    let limit = servers[state.server].definition.policies.retry.tryTimeout
    let wire = send(state, over: connection, permit, until: now + limit, at: now)
    calls[id]?.phase = .onWire(wire, second: nil)
    if !state.wasSent {
      calls[id]?.wasSent = true
      servers[state.server].operations.called(state.operation)
    }
    servers[state.server].operations.waited(state.operation, now - state.waitingSince)
    timers.set(.tryTimeout(id), at: min(wire.deadline, state.deadline))
    let load = servers[state.server].definition.policies.load
    guard load.isHedging, state.isSafe else { return }
    let usual = servers[state.server].window.latency(at: now).p95 ?? .zero
    timers.set(.hedge(id), at: now + max(load.hedgeDelay, usual))
  }

  private mutating func send(
    _ state: CallState, over connection: ConnectionID, _ permit: Breaker.Permit,
    until deadline: Instant, at now: Instant
  ) -> CallState.WireTry {
    lastAttempt += 1
    let attempt = AttemptID(number: lastAttempt)
    attempts[attempt] = state.call.id
    servers[state.server].operations.attempted(state.operation)
    effects.append(.send(state.call, attempt, connection))
    return CallState.WireTry(
      attempt: attempt, connection: connection, permit: permit, startedAt: now,
      deadline: deadline)
  }

  /// The pool has no connection for a call.
  mutating func refused(
    _ id: CallID, _ failure: Failure, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id], case .acquiring(let permit) = state.phase else { return }
    // Should this failure open the breaker, then those that wait are ended, and not this one again.
    calls[id]?.phase = .backingOff
    record(permit, .failure(failure), after: .zero, of: state, at: now, using: &random)
    settleTry(id, .failure(failure), since: state.attemptStartedAt, at: now, using: &random)
  }

  // MARK: A second sending

  /// No answer in the time that nineteen of twenty calls take: a safe call is sent once more, if
  /// that takes nothing from anybody.
  mutating func hedge(_ id: CallID, at now: Instant) {
    guard let state = calls[id], case .onWire(let first, second: nil) = state.phase else { return }
    let number = state.server
    guard servers[number].breaker.state(at: now) == .closed,
      servers[number].limits.isUnlimited
        || servers[number].limits.admitTry(at: now, before: now).isAtOnce,
      servers[number].budget.take(callsInFlight: servers[number].callsInFlight)
    else { return }
    guard let connection = servers[number].pool.takeFree(id, at: now) else {
      return servers[number].budget.giveBack()
    }
    setPoolTimer(of: number)
    guard case .success(let permit) = servers[number].breaker.admit(at: now) else {
      preconditionFailure("a closed breaker admits")
    }
    servers[number].load.hedges += 1
    // Two silent ones end together: the second is a part of the same try.
    let limit = servers[number].definition.policies.retry.tryTimeout
    let isExtended = first.deadline > first.startedAt + limit
    let second = send(
      state, over: connection, permit, until: isExtended ? now + limit : first.deadline, at: now)
    calls[id]?.phase = .onWire(first, second: second)
    setTryTimer(id)
  }

  // MARK: What came back

  mutating func exchanged(
    _ attempt: AttemptID, _ exchange: Exchange, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let id = attempts[attempt], let state = calls[id],
      case .onWire(let first, let second) = state.phase
    else { return }
    var exchange = exchange
    exchange.reply = servers[state.server].definition.clean(exchange.reply)
    let isFirst = first.attempt == attempt
    let wire = isFirst ? first : second ?? first
    let other = isFirst ? second : first
    // The verdict first: what opens the breaker must not let a waiter's call out.
    record(
      wire.permit, exchange.reply, after: now - wire.startedAt, of: state, at: now,
      using: &random)
    release(wire, of: state, isBroken: exchange.closesConnection, at: now, using: &random)
    if case .failure(let failure) = exchange.reply {
      noticeAbsence(failure, of: state.server, at: now, using: &random)
    }
    keep(exchange, of: state, at: now)
    guard let other else {
      return settleTry(id, exchange.reply, since: wire.startedAt, at: now, using: &random)
    }
    servers[state.server].budget.giveBack()
    if exchange.reply.isFailure || RetryRules.isRetryable(exchange.reply) {
      // The other sending may still bring the answer, and may have run.
      calls[id]?.take(exchange.reply)
      book(exchange.reply, id, since: wire.startedAt, at: now)
      calls[id]?.phase = .onWire(other, second: nil)
      return setTryTimer(id)
    }
    effects.append(.abort(other.attempt))
    release(other, of: state, isBroken: false, at: now, using: &random)
    servers[state.server].breaker.record(other.permit, .neutral, after: .zero, at: now)
    if !isFirst { servers[state.server].load.hedgeWins += 1 }
    settleTry(id, exchange.reply, since: wire.startedAt, at: now, using: &random)
  }

  /// A read's answer that its server allows to keep.
  private mutating func keep(_ exchange: Exchange, of state: CallState, at now: Instant) {
    guard let timeToLive = exchange.timeToLive, let key = state.flight, key.method != "tools/list",
      case .success(let result) = exchange.reply
    else { return }
    servers[state.server].cache.insert(
      result, for: key, timeToLive: timeToLive, begunIn: state.cacheEpoch, at: now)
  }

  mutating func tryTimedOut(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard !endOverdueSending(id, at: now, using: &random) else { return }
    guard let state = calls[id], case .onWire(let first, let second) = state.phase else { return }
    let length = (now - first.startedAt).shortText
    let failure = Failure(.tryTimeout, "no answer in \(length)", delivery: .unknown)
    if let second {
      servers[state.server].budget.giveBack()
      servers[state.server].breaker.record(second.permit, .neutral, after: .zero, at: now)
    }
    record(
      first.permit, .failure(failure), after: now - first.startedAt, of: state, at: now,
      using: &random)
    for wire in [first, second].compactMap(\.self) {
      effects.append(.abort(wire.attempt))
      release(wire, of: state, isBroken: false, at: now, using: &random)
    }
    settleTry(id, .failure(failure), since: first.startedAt, at: now, using: &random)
  }

  mutating func release(
    _ wire: CallState.WireTry, of state: CallState, isBroken: Bool, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    attempts[wire.attempt] = nil
    perform(
      servers[state.server].pool.release(
        wire.connection, by: state.call.id, isBroken: isBroken, at: now),
      of: state.server, at: now, using: &random)
  }

  /// Tells breaker and health what a try says about the server.
  private mutating func record(
    _ permit: Breaker.Permit, _ reply: Reply, after duration: Duration, of state: CallState,
    at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    let number = state.server
    let verdict = Breaker.verdict(
      on: reply, policy: servers[number].definition.policies.breaker)
    servers[number].breaker.record(permit, verdict, after: duration, at: now)
    if state.call.origin != .probe { servers[number].health.traffic(verdict, at: now) }
    if announceTransitions(of: number, at: now) {
      breakerOpened(of: number, at: now, using: &random)
    }
  }

  mutating func book(_ reply: Reply, _ id: CallID, since start: Instant, at now: Instant) {
    let attempt = Attempt(
      startedAt: timestamp(start), duration: now - start, result: reply.label,
      backoff: calls[id]?.nextBackoff ?? .zero)
    calls[id]?.attempts.append(attempt)
  }

  /// The short way of most tries: nothing is decided about an answer.
  private mutating func answered(
    _ id: CallID, _ reply: Reply, since start: Instant, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard var state = calls.remove(id) else { return }
    if state.holdsBudget { servers[state.server].budget.giveBack() }
    state.attempts.append(
      Attempt(
        startedAt: timestamp(start), duration: now - start, result: reply.label,
        backoff: state.nextBackoff))
    let outcome = Outcome(
      call: id, reply: reply, attempts: state.attempts, latency: now - state.startedAt)
    finished(state, outcome, at: now, using: &random)
  }

  /// Books one try and decides whether there is another.
  private mutating func settleTry(
    _ id: CallID, _ reply: Reply, since start: Instant, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let number = calls[id]?.server else { return }
    timers.remove(.tryTimeout(id))
    if servers[number].definition.policies.load.isHedging { timers.remove(.hedge(id)) }
    leaveBulkhead(number)
    if reply.isAnswer { return answered(id, reply, since: start, at: now, using: &random) }
    book(reply, id, since: start, at: now)
    giveBackBudget(id)
    guard var state = calls[id] else { return }
    if state.isOnWire { state.waitingSince = now }
    state.phase = .backingOff
    state.take(reply)
    guard !isDraining, !servers[number].isRetired else {
      calls[id] = state
      return conclude(id, reply, at: now, using: &random)
    }
    let decision = RetryRules.decide(
      reply, target: state.call.target, policy: servers[number].definition.policies.retry,
      isSafe: state.isSafe, course: &state.course, remaining: state.deadline - now,
      budget: &servers[number].budget, callsInFlight: servers[number].callsInFlight,
      using: &random)
    switch decision {
    case .giveUp(let reason):
      state.giveUp = reason
      if reason == .ruled { state.ruling = .giveUp }
    case .deadLetter: (state.giveUp, state.ruling) = (.ruled, .deadLetter)
    case .fallBack: (state.giveUp, state.ruling) = (.ruled, .fallBack)
    case .resend:
      servers[number].retryTotal += 1
      servers[number].operations.retried(state.operation, after: .zero, isHinted: false)
      calls[id] = state
      return beginTry(id, at: now, using: &random)
    case .retry(let delay, let isHinted):
      state.holdsBudget = true
      state.nextBackoff = delay
      calls[id] = state
      servers[number].retryTotal += 1
      servers[number].operations.retried(state.operation, after: delay, isHinted: isHinted)
      backoffs.record(delay)
      return timers.set(.backoff(id), at: now + delay)
    }
    calls[id] = state
    conclude(id, reply, at: now, using: &random)
  }

  mutating func giveBackBudget(_ id: CallID) {
    guard calls[id]?.holdsBudget == true, let number = calls[id]?.server else { return }
    calls[id]?.holdsBudget = false
    servers[number].budget.giveBack()
  }
}

extension CallState {
  /// Its next try begins to wait for its place on the wire, at the server it returns.
  fileprivate mutating func begin(at now: Instant) -> Int {
    attemptStartedAt = now
    phase = .backingOff
    return server
  }

  /// What a reply leaves behind.
  fileprivate mutating func take(_ reply: Reply) {
    switch reply {
    case .failure(let failure): note(failure)
    case .protocolError: note(RetryRules.delivery(of: reply))
    case .success, .toolError: break
    }
  }
}

extension Reply {
  fileprivate var isFailure: Bool { if case .failure = self { true } else { false } }
}

extension Result<Duration, RateLimits.Refusal> {
  fileprivate var isAtOnce: Bool { if case .success(.zero) = self { true } else { false } }
}
