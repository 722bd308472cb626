import FleetModel
import Resilience

// What servers report of calls under way: their tries may last longer, their callers are told.
extension FleetMachine {
  /// A report on a sending that has ended says nothing any more.
  mutating func progressed(_ attempt: AttemptID, _ report: CallProgress, at now: Instant) {
    guard let id = attempts[attempt], let state = calls[id],
      case .onWire(var first, var second) = state.phase
    else { return }
    let policy = servers[state.server].definition.policies.retry
    if first.attempt == attempt {
      first.extend(by: policy, at: now)
    } else {
      second?.extend(by: policy, at: now)
    }
    calls[id]?.phase = .onWire(first, second: second)
    setTryTimer(id)
    tell(report, id)
  }

  /// Its caller and those that follow it hear of what is more than they know; a second try, or a
  /// second sending, may begin from zero.
  private mutating func tell(_ report: CallProgress, _ id: CallID) {
    guard let state = calls[id], report.progress > state.progress else { return }
    calls[id]?.progress = report.progress
    if !state.hasLeft { tellCaller(report, of: id) }
    for follower in state.followers { tellCaller(report, of: follower) }
  }

  /// What another does in a call's place, is done for its caller.
  private mutating func tellCaller(_ report: CallProgress, of id: CallID) {
    if let principal = principals[id] { return tell(report, principal) }
    guard let call = calls[id]?.call, call.origin != .probe else { return }
    effects.append(.progress(id, report))
  }

  /// For the first of the sendings under way whose time ends, or the call's own end.
  mutating func setTryTimer(_ id: CallID) {
    guard let state = calls[id], case .onWire(let first, let second) = state.phase else { return }
    let next = min(first.deadline, second?.deadline ?? first.deadline)
    timers.set(.tryTimeout(id), at: min(next, state.deadline))
  }

  /// One of two sendings is over its time, and the other is not, because its server reports on it.
  /// - Returns: whether that is so; the other goes on alone then.
  mutating func endOverdueSending(
    _ id: CallID, at now: Instant, using random: inout some RandomNumberGenerator
  ) -> Bool {
    guard let state = calls[id], now < state.deadline,
      case .onWire(let first, let second?) = state.phase,
      (first.deadline <= now) != (second.deadline <= now)
    else { return false }
    let (overdue, other) = first.deadline <= now ? (first, second) : (second, first)
    let length = (now - overdue.startedAt).shortText
    let failure = Failure(.tryTimeout, "no answer in \(length)", delivery: .unknown)
    effects.append(.abort(overdue.attempt))
    servers[state.server].breaker.record(overdue.permit, .neutral, after: .zero, at: now)
    release(overdue, of: state, isBroken: false, at: now, using: &random)
    servers[state.server].budget.giveBack()
    calls[id]?.note(failure)
    book(.failure(failure), id, since: overdue.startedAt, at: now)
    calls[id]?.phase = .onWire(other, second: nil)
    setTryTimer(id)
    return true
  }
}

extension CallState.WireTry {
  /// A report gives it the time of a try anew, up to a limit from its beginning.
  fileprivate mutating func extend(by policy: RetryPolicy, at now: Instant) {
    deadline = max(
      deadline, min(now + policy.tryTimeout, startedAt + policy.progressTimeout))
  }
}
