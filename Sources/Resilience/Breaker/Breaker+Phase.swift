import FleetModel

// What a breaker is doing; the cases' comments are its diagram.
extension Breaker {
  /// A call that was let through while half-open; it fails when it has not settled by `deadline`.
  struct Probe: Sendable {
    var number: UInt64
    var deadline: Instant
  }

  /// Without references, so that asking for it on every call costs no counting of them.
  enum Phase: Sendable {
    /// Everything passes. To open by the rules, unless an operator holds it closed.
    case closed
    /// Nothing passes. To half-open when a call comes at `until` or later.
    case open(until: Instant)
    /// A few calls pass, `probes`. To closed or open by what becomes of them.
    case halfOpen(successes: Int)
    /// Nothing passes until the operator's lease ends, then half-open.
    case forcedOpen
    /// Everything passes uncounted until the operator's lease ends, then closed.
    case disabled

    var state: BreakerSnapshot.State {
      switch self {
      case .closed: .closed
      case .open: .open
      case .halfOpen: .halfOpen
      case .forcedOpen: .forcedOpen
      case .disabled: .disabled
      }
    }
  }
}
