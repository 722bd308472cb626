package import FleetModel

/// Stops calls to a server that keeps failing, and lets a few through later to see if it is back.
///
/// ```
/// closed ── failures in a row, or failure rate ──► open ── open time over, next call ──► half-open
///    ▲                                              ▲                                      │  │
///    │                                              └── a probe failed or never settled ───┘  │
///    └───────────────────────────── enough probes succeeded ─────────────────────────────────┘
/// ```
///
/// An operator's hand may force it open (it stays) or closed (the rules go on), or reset it. Every
/// change of state begins a new generation; results of older generations change nothing.
package struct Breaker: Sendable {
  /// The right to make one call; `record` uses it up.
  package struct Permit: Hashable, Sendable {
    package let generation: UInt64
    /// Let through to see whether the server is back.
    package let isProbe: Bool
    package let number: UInt64
  }

  /// What a call's end says about the server.
  package enum Verdict: Hashable, Sendable {
    case success
    /// With a label such as `503`, for the reason of a transition.
    case failure(String)
    /// Says nothing about the server: a caller's cancellation, our own refusal.
    case neutral
  }

  /// Why a call is not let through.
  package struct Rejection: Error, Hashable, Sendable {
    /// Until the breaker lets the first call through; nil when nobody can say.
    package var retryAfter: Duration?
    package var reason: String

    package init(retryAfter: Duration?, reason: String) {
      self.retryAfter = retryAfter
      self.reason = reason
    }
  }

  package struct Transition: Hashable, Sendable {
    package var from: BreakerSnapshot.State
    package var to: BreakerSnapshot.State
    package var at: Instant
    /// In words and numbers, such as `5 consecutive failures: 503, 503, timeout, 503, refused`.
    package var reason: String

    package init(
      from: BreakerSnapshot.State, to: BreakerSnapshot.State, at: Instant, reason: String
    ) {
      (self.from, self.to) = (from, to)
      self.at = at
      self.reason = reason
    }
  }

  /// A call that was let through while half-open; it fails when it has not settled by `deadline`.
  private struct Probe: Sendable {
    var number: UInt64
    var deadline: Instant
  }

  private enum Phase: Sendable {
    /// Everything passes. To open by the rules.
    case closed
    /// Nothing passes. To half-open when a call comes at `until` or later.
    case open(until: Instant)
    /// A few calls pass. To closed or open by what becomes of them; probes oldest first.
    case halfOpen(probes: [Probe], successes: Int)
    /// Nothing passes until an operator closes or resets it.
    case forcedOpen

    var state: BreakerSnapshot.State {
      switch self {
      case .closed: .closed
      case .open: .open
      case .halfOpen: .halfOpen
      case .forcedOpen: .forcedOpen
      }
    }
  }

  /// Transitions kept for `drainTransitions`; the oldest go first.
  package static let transitionLimit = 64
  /// Failures that a reason lists by label.
  static let labelLimit = 10

  private let policy: BreakerPolicy
  private var phase = Phase.closed
  private var generation: UInt64 = 0
  private var lastNumber: UInt64 = 0
  private var window: FailureWindow
  /// Of the newest consecutive failures, oldest first; at most `labelLimit`.
  private var labels: [String] = []
  private var transitions: [Transition] = []

  package private(set) var consecutiveFailures = 0
  /// Why it is in its state; nil while it never left closed, and after a reset.
  package private(set) var reason: String?

  package init(_ policy: BreakerPolicy) {
    self.policy = policy
    window = FailureWindow(length: policy.window)
  }

  /// When an open breaker lets the first call through; nil in every other state.
  package var openUntil: Instant? {
    if case .open(let until) = phase { until } else { nil }
  }

  /// The state at an instant: an open breaker past its time is half-open, a probe past its deadline
  /// has opened it again, whether or not a call came to see it.
  package func state(at now: Instant) -> BreakerSnapshot.State {
    switch phase {
    case .closed: return .closed
    case .forcedOpen: return .forcedOpen
    case .open(let until): return until <= now ? .halfOpen : .open
    case .halfOpen(let probes, _):
      guard let deadline = probes.first?.deadline, deadline <= now else { return .halfOpen }
      return deadline + policy.openDuration <= now ? .halfOpen : .open
    }
  }

  /// Share of failures in the window, 0…1; nil without samples. A probe past its deadline is among
  /// them, so that state, reason and rate read at one instant agree.
  package mutating func failureRate(at now: Instant) -> Double? {
    expireProbes(at: now)
    let counts = window.counts(at: now)
    return counts.total > 0 ? Double(counts.failures) / Double(counts.total) : nil
  }

  /// Lets a call through or says why not; an open breaker past its time turns half-open here.
  package mutating func admit(at now: Instant) -> Result<Permit, Rejection> {
    expireProbes(at: now)
    if case .open(let until) = phase, until <= now {
      let length = Breaker.text(policy.openDuration)
      move(to: .halfOpen(probes: [], successes: 0), at: now, because: "\(length) open time over")
    }
    switch phase {
    case .closed: return .success(permit(isProbe: false))
    case .open(let until):
      let wait = until - now
      return .failure(
        Rejection(
          retryAfter: wait,
          reason: "breaker open for \(Breaker.text(wait)) more: \(reason ?? "")"))
    case .forcedOpen:
      return .failure(Rejection(retryAfter: nil, reason: "breaker held open: \(reason ?? "")"))
    case .halfOpen(var probes, let successes):
      let limit = max(1, policy.halfOpenPermits)
      guard probes.count < limit else {
        return .failure(
          Rejection(
            retryAfter: nil, reason: "breaker half-open: \(limit) of \(limit) probes are out"))
      }
      let permit = permit(isProbe: true)
      probes.append(Probe(number: permit.number, deadline: now + policy.openDuration))
      phase = .halfOpen(probes: probes, successes: successes)
      return .success(permit)
    }
  }

  /// What became of an admitted call; once for each permit. Results of older generations, and of
  /// probes past their deadline, change nothing.
  package mutating func record(_ permit: Permit, _ verdict: Verdict, at now: Instant) {
    expireProbes(at: now)
    guard permit.generation == generation else { return }
    switch phase {
    case .open, .forcedOpen: return
    case .closed: break
    case .halfOpen(var probes, let successes):
      guard let index = probes.firstIndex(where: { $0.number == permit.number }) else { return }
      probes.remove(at: index)
      phase = .halfOpen(probes: probes, successes: successes)
    }
    switch verdict {
    case .neutral: return
    case .success: succeed(at: now)
    case .failure(let label): fail(label, at: now)
    }
  }

  /// Opens it until an operator closes or resets it.
  package mutating func forceOpen(reason: String, at now: Instant) {
    move(to: .forcedOpen, at: now, because: reason)
  }

  /// Closes it with its counts at zero; the rules go on from there.
  package mutating func forceClose(reason: String, at now: Instant) {
    move(to: .closed, at: now, because: reason)
  }

  /// As closing, and forgets the transitions not yet drained and the reason.
  package mutating func reset(reason: String, at now: Instant) {
    transitions = []
    move(to: .closed, at: now, because: reason)
    self.reason = nil
  }

  /// The transitions since the last drain, in order; at most `transitionLimit`.
  package mutating func drainTransitions() -> [Transition] {
    defer { transitions = [] }
    return transitions
  }

  private mutating func permit(isProbe: Bool) -> Permit {
    lastNumber += 1
    return Permit(generation: generation, isProbe: isProbe, number: lastNumber)
  }

  private mutating func succeed(at now: Instant) {
    window.record(isFailure: false, at: now)
    consecutiveFailures = 0
    labels = []
    guard case .halfOpen(let probes, let successes) = phase else { return }
    let count = successes + 1
    if count >= policy.successThreshold {
      move(
        to: .closed, at: now,
        because: count == 1 ? "1 probe succeeded" : "\(count) probes succeeded")
    } else {
      phase = .halfOpen(probes: probes, successes: count)
    }
  }

  private mutating func fail(_ label: String, at now: Instant) {
    window.record(isFailure: true, at: now)
    consecutiveFailures += 1
    labels = labels.suffix(Breaker.labelLimit - 1) + [label]
    if case .halfOpen = phase {
      open(at: now, because: "probe failed: \(label)")
    } else if let reason = tripReason(at: now) {
      open(at: now, because: reason)
    }
  }

  private func tripReason(at now: Instant) -> String? {
    if consecutiveFailures >= policy.failureLimit {
      let dots = consecutiveFailures > labels.count ? "…, " : ""
      let noun = consecutiveFailures == 1 ? "failure" : "consecutive failures"
      return "\(consecutiveFailures) \(noun): \(dots)\(labels.joined(separator: ", "))"
    }
    let (total, failures) = window.counts(at: now)
    guard total >= max(1, policy.sampleMinimum),
      Double(failures) >= policy.failureRate * Double(total)
    else { return nil }
    return "\(failures) of \(total) calls failed in \(Breaker.text(policy.window))"
  }

  private mutating func open(at now: Instant, because reason: String) {
    move(to: .open(until: now + policy.openDuration), at: now, because: reason)
  }

  /// As if it had opened at the very deadline of the probe, however late somebody looks.
  private mutating func expireProbes(at now: Instant) {
    guard case .halfOpen(let probes, _) = phase, let probe = probes.first, probe.deadline <= now
    else { return }
    window.record(isFailure: true, at: probe.deadline)
    consecutiveFailures += 1
    labels = labels.suffix(Breaker.labelLimit - 1) + ["no answer"]
    let length = Breaker.text(policy.openDuration)
    open(at: probe.deadline, because: "probe failed: no answer in \(length)")
  }

  private mutating func move(to next: Phase, at now: Instant, because reason: String) {
    let from = phase.state
    phase = next
    generation += 1
    self.reason = reason
    if case .closed = next {
      consecutiveFailures = 0
      labels = []
      window.removeAll()
    }
    guard from != next.state else { return }
    if transitions.count == Breaker.transitionLimit { transitions.removeFirst() }
    transitions.append(Transition(from: from, to: next.state, at: now, reason: reason))
  }

  /// `30 s`, `1.5 s`.
  private static func text(_ duration: Duration) -> String {
    let tenths = (duration.seconds * 10).rounded(.up) / 10
    return tenths == tenths.rounded() && tenths < 1e15 ? "\(Int64(tenths)) s" : "\(tenths) s"
  }
}
