import FleetModel
import Resilience

// What stands in for an answer that could not be had: the cache past its time, the operator's own
// words, or another server.
extension FleetMachine {
  /// Whether the call is on another way to an answer now.
  mutating func fallBack(
    _ id: CallID, from reply: Reply, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> Bool {
    guard let state = calls[id], mayStandIn(for: state, reply) else { return false }
    let number = state.server
    if case .failure(let failure) = reply, failure.kind == .breakerOpen,
      giveStale(id, instead: reply, at: now, using: &random)
    {
      return true
    }
    guard
      let fallback = servers[number].definition.policies.fallbacks.first(where: {
        $0.target.matches(state.call.target)
      })
    else { return false }
    switch fallback.source {
    case .staleCache: return giveStale(id, instead: reply, at: now, using: &random)
    case .answer(let result):
      keepOrEnd(id, reply, answer: (.success(result), .fallback), at: now, using: &random)
      return true
    case .tool(let server, let tool):
      // Another server must not do what this one may have done.
      guard state.isSafe || state.delivery == .notSent || state.delivery == .refused else {
        return false
      }
      // A caller's token is for its server, and another must not answer for it under the
      // operator's own name.
      guard state.call.token == nil else { return false }
      return ask(server, tool, for: id, instead: reply, at: now, using: &random)
    }
  }

  /// Failures that another's answer can mend; an answer of the server's own only by a rule.
  private func mayStandIn(for state: CallState, _ reply: Reply) -> Bool {
    guard principals[state.call.id] == nil, state.call.origin != .probe, !isStopping, !isDraining
    else {
      return false
    }
    switch reply {
    case .success, .toolError: return false
    case .protocolError: return state.ruling == .fallBack
    case .failure(let failure):
      guard state.ruling == nil || state.ruling == .fallBack else { return false }
      return failure.kind != .cancelled && failure.kind != .shuttingDown
    }
  }

  private mutating func giveStale(
    _ id: CallID, instead reply: Reply, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> Bool {
    guard let state = calls[id], let key = state.flight,
      let result = servers[state.server].cache.staleValue(for: key, at: now)
    else { return false }
    keepOrEnd(id, reply, answer: (.success(result), .staleCache), at: now, using: &random)
    return true
  }

  private mutating func ask(
    _ server: ServerID, _ tool: String?, for id: CallID, instead reply: Reply, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> Bool {
    guard let state = calls[id], roster.numbers[server] != nil, server != state.call.server,
      state.deadline > now
    else { return false }
    let asked: Call? = if let tool { state.call.asking(for: tool) } else { state.call }
    guard var call = asked else { return false }
    call.id = CallID(at: timestamp(now), using: &random)
    call.server = server
    call.deadline = state.deadline
    calls[id]?.phase = .fallingBack(call.id, instead: reply)
    principals[call.id] = id
    submit(call, at: now, using: &random)
    return true
  }

  mutating func standInEnded(
    _ id: CallID, _ outcome: Outcome, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let state = calls[id], case .fallingBack(_, let reply) = state.phase else { return }
    calls[id]?.phase = .backingOff
    calls[id]?.waitingSince = now
    switch outcome.reply {
    case .success, .toolError:
      calls[id]?.ownReply = reply
      var answer = outcome
      answer.call = id
      answer.attempts = state.attempts + outcome.attempts
      answer.latency = now - state.startedAt
      answer.source = .fallback
      finish(id, answer, at: now, using: &random)
    case .protocolError, .failure:
      // What the other may have done, this call may have done.
      calls[id]?.note(RetryRules.delivery(of: outcome.reply))
      keepOrEnd(
        id, reply.asUnsure(as: calls[id]?.delivery ?? .unknown), at: now, using: &random)
    }
  }
}

extension Reply {
  /// The same failure, with what is now known of its delivery.
  fileprivate func asUnsure(as delivery: Delivery) -> Reply {
    guard case .failure(var failure) = self else { return self }
    failure.delivery = delivery
    return .failure(failure)
  }
}
