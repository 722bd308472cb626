import FleetModel
import Resilience
import TestInputs
import Testing

/// A breaker on a random course of calls, clock and operator, and a naive one beside it that lists
/// events.
struct BreakerCourse {
  private struct Out {
    var permit: Breaker.Permit
    var admittedAt: Instant
    /// Which beginning of a generation it was admitted after.
    var era: Int
  }

  private struct Event {
    var at: Instant
    var isFailure: Bool
    var isSlow: Bool
  }

  private static let lease = Duration.seconds(30)

  private var random: SplitMix64
  private let policy: BreakerPolicy
  private(set) var breaker: Breaker
  private(set) var now = Instant.origin
  private var out: [Out] = []
  private var era = 0
  /// Of the era's own calls, since it was last closed.
  private var events: [Event] = []
  private var inARow = 0
  private var openings = 0
  private var stale = 0
  private var kind: BreakerOverride.Kind?
  private var leaseEnd: Instant?

  /// - Parameter seed: also chooses the policy.
  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    var policy = BreakerPolicy()
    if seed % 2 == 1 { policy.slowCallDuration = .seconds(2) }
    if seed % 3 == 1 { policy.openFactor = 2 }
    self.policy = policy
    breaker = Breaker(policy, seed: seed)
  }

  mutating func step() {
    switch random.below(100) {
    case 0..<45: admit()
    case 45..<84: record()
    case 84..<96: pass(.milliseconds(random.below(random.chance(10) ? 45_000 : 2000)))
    case 96: reset()
    case 97: startAnew()
    default: override()
    }
    #expect(probesOut.count <= policy.halfOpenPermits)
    #expect(breaker.staleResults == stale)
    #expect(breaker.overrideEnd == leaseEnd)
    #expect(breaker.letsAllPass == [.closed, .disabled].contains(breaker.state(at: now)))
  }

  /// Calls come every tenth of a second and each that is let through is answered half a second
  /// later; whatever was out before never returns.
  /// - Returns: how long it took to close.
  mutating func recover() -> Duration {
    out = []
    if kind != nil, leaseEnd == nil { reset() }
    let start = now
    var answers: [(at: Instant, permit: Breaker.Permit)] = []
    while breaker.state(at: now) != .closed, now < start + .seconds(3600) {
      while let answer = answers.first, answer.at <= now {
        breaker.record(answer.permit, .success, after: .milliseconds(500), at: now)
        answers.removeFirst()
      }
      if case .success(let permit) = breaker.admit(at: now) {
        answers.append((now + .milliseconds(500), permit))
      }
      pass(.milliseconds(100))
    }
    return now - start
  }

  /// Lease of the override, lease of lost probes, open time, two probes and the steps between.
  var recoveryBound: Duration {
    let overrideLeft = leaseEnd.map { $0 - now } ?? .zero
    let openTime = policy.openFactor > 1 ? policy.openDurationCap : policy.openDuration
    return overrideLeft + Self.lease + openTime + .seconds(2)
  }

  // MARK: Calls

  private var probesOut: [Out] {
    out.filter { $0.permit.isProbe && $0.era == era && now < $0.admittedAt + Self.lease }
  }

  private var hasLostProbe: Bool {
    out.contains { $0.permit.isProbe && $0.era == era && now >= $0.admittedAt + Self.lease }
  }

  private mutating func admit() {
    let state = breaker.state(at: now)
    let until = breaker.openUntil
    let room = policy.halfOpenPermits - probesOut.count
    let before = breaker.rejection(at: now)
    let result = breaker.admit(at: now)
    follow()
    switch result {
    case .success(let permit):
      #expect(before == nil)
      #expect(state == .closed || state == .halfOpen || state == .disabled)
      #expect(permit.isProbe == (state == .halfOpen))
      if let until { #expect(now >= until) }
      out.append(Out(permit: permit, admittedAt: now, era: era))
    case .failure(let rejection):
      #expect(before == rejection)
      #expect(state != .closed && state != .disabled)
      if state == .halfOpen { #expect(room <= 0) }
      if state == .open, let until = breaker.openUntil {
        #expect(rejection.retryAfter == until - now)
      }
      if state == .forcedOpen { #expect(rejection.retryAfter == leaseEnd.map { $0 - now }) }
    }
  }

  private mutating func record() {
    guard !out.isEmpty else { return }
    let isStaleEra = hasLostProbe
    let call = out.remove(at: random.below(out.count))
    let isFailure = random.chance(45)
    let verdict: Breaker.Verdict =
      random.chance(15) ? .neutral : isFailure ? .failure("503") : .success
    let duration = Duration.milliseconds(random.below(random.chance(50) ? 6000 : 2000))
    let isSlow = policy.slowCallDuration > .zero && duration > policy.slowCallDuration
    let before = breaker.snapshot(at: now) { civil($0) }
    follow()
    let isStale = isStaleEra || call.era != era
    if isStale { stale += 1 }
    let counts = !isStale && verdict != .neutral && before.state != .disabled
    if counts { note(isFailure: isFailure, isSlow: isSlow) }
    breaker.record(call.permit, verdict, after: duration, at: now)
    let mustTrip = mustTrip(isFailure)
    follow()
    let after = breaker.snapshot(at: now) { civil($0) }
    guard counts else {
      #expect(after.state == before.state && after.transitionCount == before.transitionCount)
      #expect(after.consecutiveFailures == before.consecutiveFailures)
      #expect(after.failureRate == before.failureRate)
      return
    }
    switch before.state {
    case .closed: #expect((after.state == .open) == (mustTrip && kind == nil))
    case .halfOpen:
      if isFailure || isSlow {
        #expect(after.state == .open)
      } else {
        #expect(after.state == .halfOpen || after.state == .closed)
      }
    case .open, .forcedOpen, .disabled: Issue.record("a result counted while \(before.state)")
    }
  }

  private mutating func note(isFailure: Bool, isSlow: Bool) {
    events.append(Event(at: now, isFailure: isFailure, isSlow: isSlow))
    inARow = isFailure ? inARow + 1 : 0
  }

  private func mustTrip(_ isFailure: Bool) -> Bool {
    let slice = { (instant: Instant) in instant.nanoseconds / 6_000_000_000 }
    let live = events.filter { slice($0.at) > slice(now) - 10 }
    let half = Double(live.count) / 2
    let isEnough = live.count >= 10
    let slow = live.count { $0.isSlow }
    return isFailure && (inARow >= 5 || (isEnough && Double(live.count { $0.isFailure }) >= half))
      || (isEnough && slow > 0 && Double(slow) >= half)
  }

  // MARK: Time and operator

  private mutating func pass(_ duration: Duration) {
    now = now + duration
    guard let end = leaseEnd, end <= now else { return }
    let before = breaker.snapshot(at: now) { civil($0) }
    #expect(breaker.timeReached(now)?.kind == kind)
    let after = breaker.snapshot(at: now) { civil($0) }
    #expect(after.override == nil)
    switch kind {
    case .open: #expect(after.state == .halfOpen)
    case .disabled: #expect(after.state == .closed && after.failureRate == nil)
    case .closed:
      #expect(after.state == .closed && after.failureRate == before.failureRate)
      #expect(after.consecutiveFailures == before.consecutiveFailures)
    case nil: Issue.record("a lease without an override")
    }
    (kind, leaseEnd) = (nil, nil)
    follow(isHand: true)
  }

  private mutating func override() {
    let kind = BreakerOverride.Kind.allCases[random.below(3)]
    let length = Duration.seconds([0, 1, 20, 60][random.below(4)])
    breaker.override(
      BreakerOverride(kind, reason: "drill", owner: "anna", timeToLive: length), at: now)
    self.kind = kind
    leaseEnd = length == .zero ? nil : now + length
    begin()
  }

  private mutating func reset() {
    breaker.reset(at: now)
    (kind, leaseEnd, stale) = (nil, nil, 0)
    begin()
    #expect(breaker.snapshot(at: now) { civil($0) } == BreakerSnapshot())
  }

  private mutating func startAnew() {
    breaker.startAnew(reason: "calls go to the second endpoint", at: now)
    if kind == nil || kind == .closed { begin() }
  }

  /// The hand began a generation.
  private mutating func begin() {
    follow(isHand: true)
    era += 1
    openings = 0
    if [.closed, .disabled].contains(breaker.state(at: now)) { clear() }
  }

  private mutating func clear() {
    events = []
    inARow = 0
    openings = 0
  }

  private mutating func follow(isHand: Bool = false) {
    for transition in breaker.drainTransitions() {
      era += 1
      let pair = (transition.from, transition.to)
      let isLegal =
        pair == (.closed, .open) || pair == (.open, .halfOpen) || pair == (.halfOpen, .closed)
        || pair == (.halfOpen, .open)
      #expect(isLegal || isHand)
      #expect(transition.at <= now)
      switch transition.to {
      case .closed, .disabled: clear()
      case .open:
        openings += 1
        guard !isHand, let until = breaker.openUntil else { continue }
        let doublings = policy.openFactor > 1 ? min(openings - 1, 10) : 0
        let length = min(policy.openDurationCap, policy.openDuration * (1 << doublings))
        #expect(until == transition.at + length)
      case .halfOpen, .forcedOpen: continue
      }
    }
  }
}
