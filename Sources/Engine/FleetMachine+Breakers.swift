import FleetModel
import Resilience

// The operator's hand on a breaker, and every transition as an event.
extension FleetMachine {
  mutating func overrideBreaker(
    of number: Int, _ override: BreakerOverride, at now: Instant
  ) {
    servers[number].breaker.override(override, at: now)
    announceTransitions(of: number, at: now)
    effects.append(.publish(snapshot(at: now)))
  }

  mutating func resetBreaker(of number: Int, at now: Instant) {
    servers[number].breaker.reset(at: now)
    announceTransitions(of: number, at: now)
    effects.append(.publish(snapshot(at: now)))
  }

  mutating func announceTransitions(of number: Int, at now: Instant) {
    for transition in servers[number].breaker.drainTransitions() {
      note(
        transition.to.severity, "breaker \(transition.to.words): \(transition.reason)",
        server: servers[number].definition.id, at: now)
    }
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
