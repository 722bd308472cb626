import FleetModel
import Resilience

// The operator's hand on a breaker, and every transition as an event.
extension FleetMachine {
  mutating func overrideBreaker(
    of number: Int, _ override: BreakerOverride, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    servers[number].breaker.override(override, at: now)
    // The sentence below says more than the transition.
    _ = servers[number].breaker.drainTransitions()
    note(.warning, "breaker \(override.words)", server: servers[number].definition.id, at: now)
    setOverrideTimer(of: number)
    if override.kind == .open { endWaits(of: number, at: now) }
    effects.append(.publish(snapshot(at: now)))
  }

  mutating func overrideTimeReached(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let override = servers[number].breaker.timeReached(now) else {
      return setOverrideTimer(of: number)
    }
    _ = servers[number].breaker.drainTransitions()
    note(
      .warning, "breaker under its rules again: \(override.words) is over",
      server: servers[number].definition.id, at: now)
    effects.append(.publish(snapshot(at: now)))
  }

  mutating func resetBreaker(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    servers[number].breaker.reset(at: now)
    _ = servers[number].breaker.drainTransitions()
    note(.info, "breaker reset by hand", server: servers[number].definition.id, at: now)
    setOverrideTimer(of: number)
    effects.append(.publish(snapshot(at: now)))
  }

  private mutating func setOverrideTimer(of number: Int) {
    if let end = servers[number].breaker.overrideEnd {
      timers.set(.override(number), at: end)
    } else {
      timers.remove(.override(number))
    }
  }

  /// - Returns: whether it has opened by its rules.
  @discardableResult
  mutating func announceTransitions(of number: Int, at now: Instant) -> Bool {
    let transitions = servers[number].breaker.drainTransitions()
    guard !servers[number].isRetired else { return false }
    for transition in transitions {
      note(
        transition.to.severity, "breaker \(transition.to.words): \(transition.reason)",
        server: servers[number].definition.id, at: now)
    }
    return transitions.last?.to == .open
  }

  /// Who waits for a server that is given up need not wait; another endpoint may take over.
  mutating func breakerOpened(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    endWaits(of: number, at: now)
    if servers[number].selector.breakerOpened(at: now) {
      moveEndpoint(of: number, because: "its breaker opened", at: now, using: &random)
    }
  }

  /// All that wait for a place or a connection begin their try anew, which tells them.
  private mutating func endWaits(of number: Int, at now: Instant) {
    for id in servers[number].bulkhead.removeWaiters() { restart(id) }
    setBulkheadTimer(of: number)
    guard servers[number].pool.snapshot.waiting > 0 else { return }
    for id in calls.ids {
      guard let state = calls[id], state.server == number, case .acquiring(let permit) = state.phase
      else { continue }
      servers[number].pool.cancel(id)
      servers[number].breaker.record(permit, .neutral, after: .zero, at: now)
      leaveBulkhead(number)
      restart(id)
    }
    setPoolTimer(of: number)
  }

  private mutating func restart(_ id: CallID) {
    guard let number = calls[id]?.server else { return }
    calls[id]?.phase = .backingOff
    ready.append(ReadyCall(call: id, server: number, hasPlace: false))
  }
}

extension BreakerOverride {
  /// `forced open by anna for 15 min: deploy of v2`.
  package var words: String {
    let deed =
      switch kind {
      case .open: "forced open"
      case .closed: "held closed"
      case .disabled: "disabled"
      }
    let time = timeToLive > .zero ? "for \(timeToLive.shortText)" : "until reset"
    return "\(deed) by \(owner) \(time)" + (reason.isEmpty ? "" : ": \(reason)")
  }
}

extension BreakerSnapshot.State {
  fileprivate var severity: Notice.Severity {
    switch self {
    case .closed: .info
    case .halfOpen, .forcedOpen, .disabled: .warning
    case .open: .error
    }
  }

  fileprivate var words: String {
    switch self {
    case .closed: "closed"
    case .open: "open"
    case .halfOpen: "half-open"
    case .forcedOpen: "forced open"
    case .disabled: "disabled"
    }
  }
}

extension Duration {
  /// `250 ms`, `1.5 s`, `2 min`: for messages.
  package var shortText: String {
    let milliseconds = nanoseconds / 1_000_000
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    if milliseconds < 120_000 {
      let tenths = milliseconds % 1000 / 100
      return "\(milliseconds / 1000)\(tenths == 0 ? "" : ".\(tenths)") s"
    }
    return "\(milliseconds / 60_000) min"
  }
}
