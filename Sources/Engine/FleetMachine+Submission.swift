import FleetModel
import Resilience
import Telemetry

// Before the first try: what needs none, and what is held back.
extension FleetMachine {
  mutating func submit(
    _ call: Call, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let number = roster.numbers[call.server] else {
      let names = roster.order.map { servers[$0].definition.id.name }.joined(separator: ", ")
      return refuse(
        call, .unknownServer, "no server is called '\(call.server)'; there are: \(names)", at: now,
        using: &random)
    }
    guard !isStopping, !isDraining else {
      return refuse(
        call, .shuttingDown, "the engine is shutting down", at: now, using: &random)
    }
    guard calls[call.id] == nil else {
      return refuse(
        call, .cancelled, "call \(call.id) is already running", at: now, using: &random)
    }
    let key = Self.readKey(of: call)
    if let key, let result = servers[number].cache.value(for: key, at: now) {
      servers[number].counts.success += 1
      return answer(
        Outcome(call: call.id, reply: .success(result), source: .cache), at: now, using: &random)
    }
    // One page of a caller's is not the list: the engine reads it anew, and learns the hints too.
    if key == Self.toolList, servers[number].mayKeepTools { refreshTools(of: number, at: now) }
    begin(call, of: number, key, at: now, using: &random)
  }

  /// A read whose answer others may share; a probe wants an answer of its own, and what a caller's
  /// own token opens is for that caller alone.
  private static func readKey(of call: Call) -> ReadKey? {
    guard call.method != "tools/call", call.origin != .probe, call.token == nil,
      ServerState.shareableReads.contains(call.method)
    else { return nil }
    return ReadKey(method: call.method, params: call.params)
  }

  private mutating func begin(
    _ call: Call, of number: Int, _ key: ReadKey?, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    let operation = servers[number].operations.number(of: call)
    if key == nil, refuseAtOnce(call, of: number, operation: operation, at: now) { return }
    let isSafe = ServerState.isSafe(call, among: servers[number].tools)
    var state = CallState(
      call, server: number, operation: operation, at: now,
      policy: servers[number].definition.policies.retry, isSafe: isSafe)
    timers.set(.callDeadline(call.id), at: state.deadline)
    if let key, servers[number].definition.policies.load.isCoalescing {
      // One that began before an invalidation brings an answer that is old.
      if let leader = servers[number].flights[key],
        calls[leader]?.cacheEpoch == servers[number].cache.epoch
      {
        state.phase = .following(leader)
        state.isFollower = true
        calls.insert(state)
        calls[leader]?.followers.append(call.id)
        servers[number].load.coalesced += 1
        return
      }
      servers[number].flights[key] = call.id
    }
    state.flight = key
    state.cacheEpoch = servers[number].cache.epoch
    calls.insert(state)
    servers[number].callsInFlight += 1
    guard !servers[number].limits.isUnlimited, servers[number].breaker.rejection(at: now) == nil
    else { return beginTry(call.id, at: now, using: &random) }
    switch servers[number].limits.admitCall(
      client: call.client, at: now, before: state.deadline)
    {
    case .failure(let refusal): refuse(call.id, refusal, at: now, using: &random)
    case .success(let wait):
      if wait > .zero {
        pace(call.id, wait, isAdmitted: false, at: now)
      } else {
        beginTry(call.id, at: now, using: &random)
      }
    }
  }

  /// Most calls of an open breaker: nothing stands in for the answer, nobody is asked for one.
  private mutating func refuseAtOnce(
    _ call: Call, of number: Int, operation: Int, at now: Instant
  ) -> Bool {
    guard let rejection = servers[number].breaker.rejection(at: now),
      servers[number].definition.policies.fallbacks.isEmpty, call.origin != .probe,
      principals.isEmpty
    else { return false }
    let failure = Failure(
      .breakerOpen, rejection.reason, delivery: .notSent, retryAfter: rejection.retryAfter)
    servers[number].operations.gaveUp(operation, reason: failure.kind.label)
    servers[number].rejections += 1
    servers[number].counts.transportFailure += 1
    servers[number].window.record(latency: nil, isSuccess: false, at: now)
    window.record(latency: nil, isSuccess: false, at: now)
    effects.append(.finish(Outcome(call: call.id, reply: .failure(failure))))
    return true
  }

  /// Outcomes of calls that never were any server's.
  private mutating func refuse(
    _ call: Call, _ kind: Failure.Kind, _ text: String, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    answer(
      Outcome(call: call.id, reply: .failure(Failure(kind, text, delivery: .notSent))), at: now,
      using: &random)
  }

  /// An outcome that needed no try.
  private mutating func answer(
    _ outcome: Outcome, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    if let principal = principals.removeValue(forKey: outcome.call) {
      standInEnded(principal, outcome, at: now, using: &random)
    } else {
      effects.append(.finish(outcome))
    }
  }

  // MARK: Rates

  mutating func refuse(
    _ id: CallID, _ refusal: RateLimits.Refusal, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id] else { return }
    servers[state.server].load.refused += 1
    refuseHere(
      id,
      Failure(
        .rateLimited, refusal.reason, delivery: .notSent, retryAfter: refusal.retryAfter),
      at: now, using: &random)
  }

  mutating func pace(_ id: CallID, _ wait: Duration, isAdmitted: Bool, at now: Instant) {
    guard let number = calls[id]?.server else { return }
    servers[number].load.delayed += 1
    calls[id]?.phase = .pacing(isAdmitted: isAdmitted)
    timers.set(.pace(id), at: now + wait)
  }

  mutating func paced(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard case .pacing(let isAdmitted)? = calls[id]?.phase else { return }
    if isAdmitted {
      enterBulkhead(id, at: now, using: &random)
    } else {
      beginTry(id, at: now, using: &random)
    }
  }

  // MARK: The bulkhead

  mutating func enterBulkhead(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id] else { return }
    let number = state.server
    switch servers[number].bulkhead.enter(id, state.call.origin.priority, at: now) {
    case .entered: admit(id, at: now, using: &random)
    case .queued:
      calls[id]?.phase = .queued
      setBulkheadTimer(of: number)
    case .full:
      servers[number].load.refused += 1
      refuseHere(
        id,
        Failure(
          .bulkheadFull,
          "\(servers[number].bulkhead.running) calls run and"
            + " \(servers[number].bulkhead.waiting) wait already",
          delivery: .notSent), at: now, using: &random)
    }
  }

  mutating func leaveBulkhead(_ number: Int) {
    guard let next = servers[number].bulkhead.leave() else { return }
    ready.append(ReadyCall(call: next, server: number, hasPlace: true))
    setBulkheadTimer(of: number)
  }

  mutating func setBulkheadTimer(of number: Int) {
    if let deadline = servers[number].bulkhead.nextDeadline {
      timers.set(.bulkhead(number), at: deadline)
    } else {
      timers.remove(.bulkhead(number))
    }
  }

  mutating func bulkheadTimeReached(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    let limit = servers[number].definition.policies.load.queueTimeout.shortText
    while let id = servers[number].bulkhead.popOverdue(now) {
      servers[number].load.refused += 1
      refuseHere(
        id,
        Failure(
          .bulkheadFull,
          "no place became free within \(limit): \(servers[number].bulkhead.running) calls run",
          delivery: .notSent), at: now, using: &random)
    }
    setBulkheadTimer(of: number)
  }
}
