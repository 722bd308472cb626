import FleetModel
import Resilience

// Calls that could not be delivered are kept before their callers are told.
extension FleetMachine {
  /// Probes are made anew every few seconds, a replay is still its old letter, and nobody waits for
  /// the answer to an old read.
  func isWorthKeeping(_ state: CallState, _ reply: Reply) -> Bool {
    guard !ServerState.reads.contains(state.call.method) else { return false }
    switch state.call.origin {
    case .probe, .replay: return false
    case .cli, .load, .gateway: break
    }
    // Its principal is kept, under the id that its caller knows.
    guard principals[state.call.id] == nil else { return false }
    switch reply {
    case .success, .toolError: return false
    case .protocolError: return state.ruling == .deadLetter
    case .failure(let failure):
      guard failure.kind != .cancelled else { return false }
      if state.ruling == .deadLetter { return true }
      guard !state.attempts.isEmpty || failure.delivery == .unknown else { return false }
      return failure.delivery == .unknown || failure.kind == .totalTimeout
        || RetryRules.isRetryable(reply)
    }
  }

  func deadLetter(of state: CallState, _ reply: Reply, at now: Instant) -> DeadLetter {
    let (words, delivery) = reply.deadLetterWords
    let call = state.call
    // A server may say them back to us.
    let message = servers[state.server].definition.clean(
      secretMask.clean(call.token.map { words.without($0) } ?? words, of: call.params))
    let (params, redacted) = secretMask.mask(call.params)
    return DeadLetter(
      id: DeadLetterID(call.id), server: call.server, client: call.client, method: call.method,
      target: call.target, endpoint: servers[state.server].definition.endpoint.address,
      params: params, redacted: redacted, needsToken: call.token != nil,
      errorKind: reply.label, errorMessage: message, delivery: delivery,
      isIdempotent: state.isSafe, attempts: state.attempts,
      createdAt: timestamp(state.startedAt), lastAttemptAt: timestamp(state.attemptStartedAt),
      expiresAt: timestamp(now) + deadLetterPolicy.lifetime)
  }

  mutating func stored(
    _ id: CallID, _ keeping: LetterKeeping, _ error: DeadLetterStoreError?, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id], case .storing(var outcome) = state.phase else { return }
    isTallyStale = true
    outcome.deadLetter = keeping
    switch keeping {
    case .lost:
      let reason = error?.message ?? "the store does not work"
      note(
        .error, "dead letter \(id) is NOT kept: \(reason)", server: state.call.server, at: now)
      if case .failure(var failure) = outcome.reply {
        failure.message += "; NOT kept as a dead letter: \(reason)"
        outcome.reply = .failure(failure)
      }
    case .stored, .memory:
      servers[state.server].deadLetterCount += 1
      tally.total += 1
      let tries = Self.count(outcome.attempts.count)
      let label = (state.ownReply ?? outcome.reply).label
      let reason = state.giveUp?.words.map { "; \($0)" } ?? ""
      servers[state.server].newLetters += 1
      servers[state.server].newestLetter = "\(tries), \(label)\(reason)"
    }
    finish(id, outcome, at: now, using: &random)
  }

  /// One event a tick for each server, however many letters: an outage must not push everything
  /// else off the screen.
  mutating func announceLetters(at now: Instant) {
    for number in roster.order + roster.retiring { announceLetters(of: number, at: now) }
  }

  mutating func announceLetters(of number: Int, at now: Instant) {
    let (count, newest) = (servers[number].newLetters, servers[number].newestLetter)
    guard count > 0 else { return }
    servers[number].newLetters = 0
    let text =
      count == 1
      ? "gave up a call (\(newest)), kept as dead letter"
      : "gave up \(count) calls (the last: \(newest)), kept as dead letters"
    note(.error, text, server: servers[number].definition.id, at: now)
  }
}

extension Reply {
  fileprivate var deadLetterWords: (message: String, delivery: Delivery) {
    switch self {
    case .success, .toolError: ("", RetryRules.delivery(of: self))
    case .protocolError(let error): (error.message, RetryRules.delivery(of: self))
    case .failure(let failure): (failure.message, failure.delivery)
    }
  }
}
