package import FleetModel

/// Stops calls to a server that keeps failing, and lets a few through later to see if it is back.
///
/// ```
/// closed ── failures in a row, or too many failed or slow ──► open ── its time over ──► half-open
///    ▲                                                         ▲                          │  │
///    │                                                         └── a probe failed, was slow  │
///    │                                                             or never settled ──────┘  │
///    └───────────────────────────── enough probes succeeded ─────────────────────────────────┘
/// ```
///
/// An operator may take it out of the rules' hands for a time: forced open, held closed, disabled.
/// Every change of state begins a new generation; results of older generations change nothing.
package struct Breaker: Sendable {
  /// Transitions kept, and kept for `drainTransitions`; the oldest go first.
  package static let transitionLimit = BreakerHistory.limit
  /// A probe has at least so long, however short the open time is: a deadline that no answer can
  /// meet would keep the breaker from ever closing.
  package static let probeLeaseMinimum = Duration.seconds(1)
  /// Failures that a reason lists by label.
  static let labelLimit = 10

  private(set) var policy: BreakerPolicy
  private var probeLease: Duration
  /// `isSlow` is asked for on every call.
  private var hasSlowRule: Bool
  private(set) var phase = Phase.closed
  /// Closed or disabled: nothing is turned away. Stored, because reading it does not copy the
  /// breaker, which calling `rejection` from another module does (30 ns).
  package private(set) var letsAllPass = true
  /// Out while half-open, oldest first; none in every other state.
  private(set) var probes: [Probe] = []
  private var generation: UInt64 = 0
  private var lastNumber: UInt64 = 0
  private(set) var window: OutcomeWindow
  private var openTimes: OpenTimes
  /// Of the newest consecutive failures, oldest first; at most `labelLimit`.
  private var labels: [String] = []
  /// What a call is told while it is not let through; made once, at the transition.
  private var refusalText = ""
  var history = BreakerHistory()
  /// The operator's hand on it; nil under the rules.
  var lease: OverrideLease?

  package private(set) var consecutiveFailures = 0
  var lastSuccess: Instant?
  var lastFailure: Instant?
  /// Results that came too late to say anything: of an older generation, or of a probe past its
  /// deadline.
  package internal(set) var staleResults = 0
  /// Why it is in its state; nil while it never left closed, and after a reset.
  package internal(set) var reason: String?

  /// - Parameters:
  ///   - seed: of the open time's jitter.
  ///   - probeLease: how long a half-open breaker waits for a probe; nil is as long as it was open
  ///     first. Shorter than a healthy answer takes, it would never close.
  package init(_ policy: BreakerPolicy, seed: UInt64 = 0, probeLease: Duration? = nil) {
    self.policy = policy
    self.probeLease = max(Breaker.probeLeaseMinimum, probeLease ?? policy.openDuration)
    hasSlowRule = policy.slowCallDuration > .zero
    window = OutcomeWindow(length: policy.window)
    openTimes = OpenTimes(policy, seed: seed)
  }

  /// Other rules from now on: its state, its override and what it counted stay, but for a window of
  /// another length, which begins empty. It opens by the new rules with the next failure at the
  /// earliest, and closes with the next success.
  package mutating func adopt(_ policy: BreakerPolicy, probeLease: Duration) {
    if policy.window != self.policy.window { window = OutcomeWindow(length: policy.window) }
    self.policy = policy
    self.probeLease = max(Breaker.probeLeaseMinimum, probeLease)
    hasSlowRule = policy.slowCallDuration > .zero
    openTimes.adopt(policy)
  }

  /// When an open breaker lets the first call through; nil in every other state.
  package var openUntil: Instant? {
    if case .open(let until) = phase { until } else { nil }
  }

  /// The state at an instant: an open breaker past its time is half-open, a probe past its deadline
  /// has opened it again, whether or not a call came to see it. A lease ends by `timeReached` only.
  package func state(at now: Instant) -> BreakerSnapshot.State {
    switch phase {
    case .closed, .forcedOpen, .disabled: return phase.state
    case .open(let until): return until <= now ? .halfOpen : .open
    case .halfOpen:
      guard let deadline = probes.first?.deadline, deadline <= now else { return .halfOpen }
      return deadline + openTimes.next(generation: generation) <= now ? .halfOpen : .open
    }
  }

  // MARK: Calls

  /// Lets a call through or says why not; an open breaker past its time turns half-open here.
  package mutating func admit(at now: Instant) -> Result<Permit, Rejection> {
    switch phase {
    case .closed, .disabled: return .success(permit(isProbe: false))
    case .open, .halfOpen, .forcedOpen: break
    }
    expireProbes(at: now)
    if case .open(let until) = phase, until <= now {
      let length = openTimes.length.words
      move(to: .halfOpen(successes: 0), at: now, because: "\(length) open time over")
    }
    if let rejection = rejection(at: now) { return .failure(rejection) }
    let permit = permit(isProbe: true)
    probes.append(Probe(number: permit.number, deadline: now + probeLease))
    return .success(permit)
  }

  /// Whether a call would be turned away just now; takes no permit and changes nothing. Ask
  /// `letsAllPass` first where it matters.
  package func rejection(at now: Instant) -> Rejection? {
    switch phase {
    case .closed, .disabled: return nil
    case .open(let until):
      return until <= now ? nil : Rejection(retryAfter: until - now, reason: refusalText)
    case .forcedOpen:
      return Rejection(
        retryAfter: overrideEnd.map { max(.zero, $0 - now) }, reason: refusalText)
    case .halfOpen:
      if let deadline = probes.first?.deadline, deadline <= now {
        var later = self
        later.expireProbes(at: now)
        return later.rejection(at: now)
      }
      return probes.count < probeLimit ? nil : Rejection(retryAfter: nil, reason: refusalText)
    }
  }

  /// What became of an admitted call; once for each permit. Results of older generations, and of
  /// probes past their deadline, are counted as stale and change nothing else.
  /// - Parameter duration: from the call's admission, or from its sending, to its end.
  package mutating func record(
    _ permit: Permit, _ verdict: Verdict, after duration: Duration, at now: Instant
  ) {
    expireProbes(at: now)
    guard permit.generation == generation else {
      staleResults += 1
      return
    }
    let isSlow = hasSlowRule && duration > policy.slowCallDuration
    switch phase {
    case .closed: count(verdict, isSlow: isSlow, at: now)
    case .disabled: return
    // No permit of theirs exists: opening begins a generation that admits nothing.
    case .open, .forcedOpen: staleResults += 1
    case .halfOpen(let successes):
      guard let index = probes.firstIndex(where: { $0.number == permit.number }) else {
        staleResults += 1
        return
      }
      probes.remove(at: index)
      judge(verdict, took: isSlow ? duration : nil, after: successes, at: now)
    }
  }

  private mutating func permit(isProbe: Bool) -> Permit {
    lastNumber += 1
    return Permit(generation: generation, isProbe: isProbe, number: lastNumber)
  }

  /// A call's end while closed: the rules decide, unless an operator holds it closed.
  private mutating func count(_ verdict: Verdict, isSlow: Bool, at now: Instant) {
    switch verdict {
    case .neutral: return
    case .success: noteSuccess(isSlow: isSlow, at: now)
    case .failure(let label):
      noteFailure(label, isSlow: isSlow, at: now)
      if lease == nil, let reason = failureReason(at: now) { return open(at: now, because: reason) }
    }
    if hasSlowRule, lease == nil, let reason = slowReason(at: now) {
      open(at: now, because: reason)
    }
  }

  /// A probe's end.
  /// - Parameters:
  ///   - duration: nil when it was not slow.
  ///   - successes: of earlier probes.
  private mutating func judge(
    _ verdict: Verdict, took duration: Duration?, after successes: Int, at now: Instant
  ) {
    switch verdict {
    case .neutral: return
    case .failure(let label):
      noteFailure(label, isSlow: duration != nil, at: now)
      open(at: now, because: "probe failed: \(label)")
    case .success:
      noteSuccess(isSlow: duration != nil, at: now)
      if let duration {
        let limit = policy.slowCallDuration.words
        return open(at: now, because: "probe took \(duration.words), longer than \(limit)")
      }
      let count = successes + 1
      phase = .halfOpen(successes: count)
      guard count >= policy.successThreshold else { return }
      move(
        to: .closed, at: now, because: "\(count) \(count == 1 ? "probe" : "probes") succeeded")
    }
  }

  private mutating func noteSuccess(isSlow: Bool, at now: Instant) {
    window.record(isFailure: false, isSlow: isSlow, at: now)
    lastSuccess = now
    guard consecutiveFailures > 0 else { return }
    consecutiveFailures = 0
    labels = []
  }

  private mutating func noteFailure(_ label: String, isSlow: Bool, at now: Instant) {
    window.record(isFailure: true, isSlow: isSlow, at: now)
    lastFailure = now
    consecutiveFailures += 1
    if labels.count == Breaker.labelLimit { labels.removeFirst() }
    labels.append(label)
  }

  // MARK: The rules

  private func failureReason(at now: Instant) -> String? {
    if consecutiveFailures >= policy.failureLimit {
      let dots = consecutiveFailures > labels.count ? "…, " : ""
      let noun = consecutiveFailures == 1 ? "failure" : "consecutive failures"
      return "\(consecutiveFailures) \(noun): \(dots)\(labels.joined(separator: ", "))"
    }
    let counts = window.counts(at: now)
    guard isReached(policy.failureRate, by: counts.failures, of: counts.total) else { return nil }
    return "\(counts.failures) of \(counts.total) calls failed in \(policy.window.words)"
  }

  private func slowReason(at now: Instant) -> String? {
    let counts = window.counts(at: now)
    guard counts.slow > 0, isReached(policy.slowCallRate, by: counts.slow, of: counts.total)
    else { return nil }
    return "\(counts.slow) of \(counts.total) calls took longer than "
      + "\(policy.slowCallDuration.words) in \(policy.window.words)"
  }

  private func isReached(_ rate: Double, by count: Int, of total: Int) -> Bool {
    total >= max(1, policy.sampleMinimum) && Double(count) >= rate * Double(total)
  }

  private var probeLimit: Int { max(1, policy.halfOpenPermits) }

  // MARK: Changes of state

  private mutating func open(at now: Instant, because reason: String) {
    let length = openTimes.open(generation: generation)
    move(to: .open(until: now + length), at: now, because: reason)
  }

  /// As if it had opened at the very deadline of the probe, however late somebody looks.
  mutating func expireProbes(at now: Instant) {
    guard case .halfOpen = phase, let probe = probes.first, probe.deadline <= now
    else { return }
    noteFailure("no answer", isSlow: false, at: probe.deadline)
    open(at: probe.deadline, because: "probe failed: no answer in \(probeLease.words)")
  }

  /// - Parameter standing: why it is in its new state, where that reads otherwise than the change.
  mutating func move(
    to next: Phase, at now: Instant, because reason: String, standing: String? = nil
  ) {
    let from = phase.state
    phase = next
    probes = []
    generation += 1
    self.reason = standing ?? reason
    letsAllPass = false
    switch next {
    case .closed, .disabled:
      letsAllPass = true
      startCounting()
    case .open: refusalText = "breaker open: \(reason)"
    case .halfOpen: refusalText = "breaker half-open: \(probeLimit) of \(probeLimit) probes are out"
    case .forcedOpen:
      refusalText = "breaker \(standing ?? reason)"
      openTimes.startOver()
    }
    guard from != next.state else { return }
    history.append(Transition(from: from, to: next.state, at: now, reason: reason))
  }

  /// From zero, and results of calls that are under way do not count.
  mutating func startCounting() {
    generation += 1
    consecutiveFailures = 0
    labels = []
    window.removeAll()
    openTimes.startOver()
  }
}
