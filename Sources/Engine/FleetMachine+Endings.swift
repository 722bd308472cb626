import FleetModel
import Resilience
import Telemetry

// How calls end: by their last reply, before their time, or with another's answer.
extension FleetMachine {
  // MARK: Before their time

  mutating func deadlinePassed(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id] else { return }
    if case .storing = state.phase { return }
    let policy = servers[state.server].definition.policies.retry
    let limit = state.startedAt + policy.totalTimeout
    if !state.followers.isEmpty, !state.hasLeft, now < limit {
      calls[id]?.deadline = limit
      timers.set(.callDeadline(id), at: limit)
      setTryTimer(id)
      let failure = overdue(state, delivery: state.isOnWire ? .unknown : state.delivery, at: now)
      return leave(state, failure, at: now)
    }
    // Where the total is the shorter, a server that never answers must still be seen to fail: what
    // a caller's own deadline cuts says nothing, but half of what the policy gives a try does.
    if case .onWire(let first, _) = state.phase, now >= limit,
      now - first.startedAt >= min(policy.tryTimeout, policy.totalTimeout) / 2
    {
      return tryTimedOut(id, at: now, using: &random)
    }
    let delivery = abandon(state, .totalTimeout, at: now, using: &random)
    let failure = overdue(state, delivery: delivery, at: now)
    calls[id]?.note(failure)
    conclude(id, .failure(failure), at: now, using: &random)
  }

  private func overdue(_ state: CallState, delivery: Delivery, at now: Instant) -> Failure {
    let tries = state.attempts.count + (state.isOnWire ? 1 : 0)
    let last = state.lastFailure.map { "; last: \($0.kind.label)" } ?? ""
    return Failure(
      .totalTimeout,
      "not done in \((now - state.startedAt).shortText), \(Self.count(tries))\(last)",
      delivery: delivery)
  }

  mutating func cancel(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id], !state.hasLeft else { return }
    if case .storing = state.phase { return }
    let words = "the caller gave up"
    guard state.followers.isEmpty else {
      return leave(
        state,
        Failure(.cancelled, words, delivery: state.isOnWire ? .unknown : state.delivery), at: now)
    }
    let failure = Failure(
      .cancelled, words, delivery: abandon(state, .cancelled, at: now, using: &random))
    end(calls[id] ?? state, .failure(failure), at: now, using: &random)
  }

  /// Its caller goes, the call goes on for those that wait for the same answer.
  private mutating func leave(_ state: CallState, _ failure: Failure, at now: Instant) {
    calls[state.call.id]?.hasLeft = true
    report(state, makeOutcome(state, .failure(failure), at: now), .failure(failure), at: now)
  }

  /// Takes a call off whatever it holds, neutrally, and says how sure we are that it did not run. A
  /// sending that is cut off is one of its tries.
  mutating func abandon(
    _ state: CallState, _ cause: Failure.Kind, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> Delivery {
    let (id, number) = (state.call.id, state.server)
    giveBackBudget(id)
    switch state.phase {
    case .pacing(let isAdmitted):
      timers.remove(.pace(id))
      if isAdmitted { servers[number].limits.giveBackTry() }
    case .queued:
      servers[number].bulkhead.cancel(id)
      setBulkheadTimer(of: number)
    case .acquiring(let permit):
      servers[number].pool.cancel(id)
      servers[number].breaker.record(permit, .neutral, after: .zero, at: now)
      setPoolTimer(of: number)
      leaveBulkhead(number)
    case .onWire(let first, let second):
      timers.remove(.tryTimeout(id))
      timers.remove(.hedge(id))
      if second != nil { servers[number].budget.giveBack() }
      for wire in [first, second].compactMap(\.self) {
        effects.append(.abort(wire.attempt))
        let cut = Failure(cause, "cut off", delivery: .unknown)
        book(.failure(cut), id, since: wire.startedAt, at: now)
        servers[number].breaker.record(wire.permit, .neutral, after: .zero, at: now)
        release(wire, of: state, isBroken: false, at: now, using: &random)
      }
      leaveBulkhead(number)
      calls[id]?.phase = .backingOff
      calls[id]?.waitingSince = now
      return .unknown
    case .following(let leader): unfollow(leader, id, at: now, using: &random)
    case .fallingBack(let other, _):
      let doubt = calls[other].map { $0.isOnWire ? .unknown : $0.delivery } ?? .notSent
      calls[id]?.phase = .backingOff
      calls[id]?.note(doubt)
      cancel(other, at: now, using: &random)
      return calls[id]?.delivery ?? state.delivery
    case .backingOff: timers.remove(.backoff(id))
    case .storing: break
    }
    calls[id]?.phase = .backingOff
    return state.delivery
  }

  /// A call that goes on for nobody any more ends.
  private mutating func unfollow(
    _ leader: CallID, _ follower: CallID, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    calls[leader]?.followers.removeAll { $0 == follower }
    guard let state = calls[leader], state.hasLeft, state.followers.isEmpty else { return }
    let failure = Failure(
      .cancelled, "the callers gave up",
      delivery: abandon(state, .cancelled, at: now, using: &random))
    end(calls[leader] ?? state, .failure(failure), at: now, using: &random)
  }

  // MARK: With a last reply

  /// The call has its last reply: another's answer may stand in for it, a dead letter keeps what
  /// must not be lost.
  mutating func conclude(
    _ id: CallID, _ reply: Reply, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id] else { return }
    var reply = reply
    if case .failure(var failure) = reply {
      failure.delivery = state.lastFailure == nil ? failure.delivery : state.delivery
      if let words = state.giveUp?.words { failure.message += "; \(words)" }
      reply = .failure(failure)
    }
    if case .failure(let failure) = reply {
      servers[state.server].operations.gaveUp(
        state.operation, reason: state.giveUp?.label ?? failure.kind.label)
    }
    guard !fallBack(id, from: reply, at: now, using: &random) else { return }
    keepOrEnd(id, reply, at: now, using: &random)
  }

  /// - Parameters:
  ///   - answer: given in the place of the server's own reply.
  mutating func keepOrEnd(
    _ id: CallID, _ reply: Reply, answer: (Reply, Outcome.Source)? = nil, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id] else { return }
    var outcome = makeOutcome(state, answer?.0 ?? reply, at: now)
    if let answer {
      outcome.source = answer.1
      calls[id]?.ownReply = reply
    }
    guard isWorthKeeping(state, reply) else { return finish(id, outcome, at: now, using: &random) }
    calls[id]?.phase = .storing(outcome)
    effects.append(.store(deadLetter(of: state, reply, at: now)))
  }

  mutating func end(
    _ state: CallState, _ reply: Reply, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    finish(state.call.id, makeOutcome(state, reply, at: now), at: now, using: &random)
  }

  private func makeOutcome(_ state: CallState, _ reply: Reply, at now: Instant) -> Outcome {
    Outcome(
      call: state.call.id, reply: reply, attempts: state.attempts,
      latency: now - state.startedAt)
  }

  mutating func finish(
    _ id: CallID, _ outcome: Outcome, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls.remove(id) else { return }
    finished(state, outcome, at: now, using: &random)
  }

  mutating func finished(
    _ state: CallState, _ outcome: Outcome, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    let id = state.call.id
    let number = state.server
    timers.remove(.callDeadline(id))
    if !state.isFollower { servers[number].callsInFlight -= 1 }
    if let key = state.flight, servers[number].flights[key] == id {
      servers[number].flights[key] = nil
    }
    if !state.hasLeft { report(state, outcome, state.ownReply ?? outcome.reply, at: now) }
    for follower in state.followers {
      guard let waiting = calls[follower] else { continue }
      var shared = makeOutcome(waiting, outcome.reply, at: now)
      shared.source = outcome.source
      calls[follower]?.ownReply = state.ownReply
      finish(follower, shared, at: now, using: &random)
    }
    if let principal = principals.removeValue(forKey: id) {
      standInEnded(principal, outcome, at: now, using: &random)
    }
  }

  /// Counts an outcome and hands it to its caller.
  /// - Parameter ownReply: what the call's own server made of it.
  private mutating func report(
    _ state: CallState, _ outcome: Outcome, _ ownReply: Reply, at now: Instant
  ) {
    let number = state.server
    servers[number].count(ownReply)
    servers[number].operations.ended(
      state.operation, isSuccess: ownReply.isSuccess, retries: state.course.retriesMade)
    if ownReply.countsForRates {
      // What never reached the wire has no latency: a fast refusal is not a fast server.
      let latency = outcome.attempts.isEmpty ? nil : outcome.latency
      let isSuccess = ownReply.isSuccess
      servers[number].window.record(latency: latency, isSuccess: isSuccess, at: now)
      window.record(latency: latency, isSuccess: isSuccess, at: now)
    }
    if !state.isOnWire, !state.isFollower {
      servers[number].operations.waited(state.operation, now - state.waitingSince)
    }
    if principals[outcome.call] == nil { effects.append(.finish(outcome)) }
    if state.call.origin == .probe { probeEnded(state, outcome, at: now) }
  }

  static func count(_ tries: Int) -> String { tries == 1 ? "1 try" : "\(tries) tries" }
}

extension CallState {
  var isOnWire: Bool { if case .onWire = phase { true } else { false } }

  /// Nobody waits for it any more, whether or not the alarm has rung.
  func isOverdue(at now: Instant) -> Bool {
    deadline <= now && (followers.isEmpty || hasLeft)
  }
}

extension Reply {
  /// The server's own, which ends a call.
  var isAnswer: Bool {
    switch self {
    case .success, .toolError: true
    case .protocolError, .failure: false
    }
  }

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
  var words: String? {
    switch self {
    case .notRetryable, .attemptsExhausted: nil
    case .ambiguousDelivery: "not sent again: it may have run"
    case .budgetExhausted: "no further try: the retry budget is used up"
    case .totalTimeout: "no time is left for another try"
    case .retryAfterExceedsLimit: "the server asks to wait longer than allowed"
    case .ruled: "no further try, by a rule of the configuration"
    }
  }

  /// For the statistics.
  fileprivate var label: String {
    switch self {
    case .notRetryable: "not retryable"
    case .ambiguousDelivery: "may have run"
    case .attemptsExhausted: "attempts exhausted"
    case .budgetExhausted: "budget exhausted"
    case .totalTimeout: "out of time"
    case .retryAfterExceedsLimit: "Retry-After too long"
    case .ruled: "by rule"
    }
  }
}
