import FleetModel

// What a breaker is doing; the cases' comments are its diagram.
extension Breaker {
  /// The calls a half-open breaker let through.
  struct Trial: Sendable {
    /// It fails when it has not settled by `deadline`.
    struct Probe: Sendable {
      var number: UInt64
      var deadline: Instant
    }

    /// Oldest first.
    var probes: [Probe] = []
    var successes = 0

    mutating func end(_ number: UInt64) -> Bool {
      guard let index = probes.firstIndex(where: { $0.number == number }) else { return false }
      probes.remove(at: index)
      return true
    }
  }

  enum Phase: Sendable {
    /// Everything passes. To open by the rules, unless an operator holds it closed.
    case closed
    /// Nothing passes. To half-open when a call comes at `until` or later.
    case open(until: Instant)
    /// A few calls pass. To closed or open by what becomes of them.
    case halfOpen(Trial)
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
