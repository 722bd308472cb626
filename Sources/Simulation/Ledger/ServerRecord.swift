import FleetModel

/// What the ledger counts of one server.
struct ServerRecord: Sendable {
  private(set) var definition: ServerDefinition
  /// Not in the fleet any more.
  var isGone = false
  /// Policies before changes that calls still under way may have seen, whose limits hold for those.
  private var eased: [Policies] = []
  /// Calls under way that have seen a change.
  var spanning = 0
  /// Until then others that have seen it may be under way: probes and what stands in are not seen
  /// to come.
  private(set) var unseenUntil = Instant(nanoseconds: .min)
  private(set) var changedAt = Instant.origin
  /// Names of those that may answer; empty before anybody did.
  var acquainted: Set<String>
  /// Who was last said to answer in its place.
  var impostor: String?
  /// Its calls may be others' too, whose beginning is not seen.
  var standsIn: Bool
  var endpoint: Endpoint
  var breaker: BreakerWatch
  var rate: RateWatch?
  var order: OrderWatch
  var callers = CallerWatch()
  /// Tools by name that may be sent twice, as last listed.
  var safeTools: Set<String> = []
  /// Tools that ever were in `safeTools`.
  var everSafeTools: Set<String> = []

  var connecting = 0
  /// When the newest was begun.
  var lastOpening = Instant.origin
  var open = 0
  /// Attempts on connections that are there.
  var streams = 0
  /// Calls on the wire, however often each.
  var callsOnWire = 0
  var budgetInUse = 0
  var unfinished = 0
  var unfinishedPeak = 0
  /// Of earlier definitions.
  private var probePeak = 0
  var sends = 0
  var callsSent = 0
  var hedges = 0

  var outcomes = CallCounts()
  /// Outcomes whose own reply another answer covers.
  var covered = 0
  var isChecking = false
  var isWatching = false
  var isListing = false
  var isSearching = false
  /// When the rules must have healed it; nil while it storms.
  var recovery: Instant?

  init(_ definition: ServerDefinition, standsIn: Bool) {
    self.definition = definition
    self.standsIn = standsIn
    endpoint = definition.endpoint
    acquainted = Self.names(definition)
    let policies = definition.policies
    breaker = BreakerWatch(policies.breaker, hasChoices: definition.choices.count > 1)
    rate = policies.load.rate > 0 ? RateWatch(policies) : nil
    order = OrderWatch(policies)
  }

  var openLimit: Int { max(1, definition.policies.pool.openLimit) }
  var streamLimit: Int { most { max(1, $0.pool.streamsPerConnection) } }
  var waiterLimit: Int { most { $0.pool.waiterLimit } }
  var queueLimit: Int { most { $0.load.queueLimit } }

  var bulkheadLimit: Int {
    most { policies in
      guard policies.load.concurrency <= 0 else { return policies.load.concurrency }
      return max(1, policies.pool.openLimit) * max(1, policies.pool.streamsPerConnection)
    }
  }

  /// Calls that came before a change may have what was allowed then.
  private func most(_ limit: (Policies) -> Int) -> Int {
    max(limit(definition.policies), eased.map(limit).max() ?? 0)
  }

  /// Servers that its calls under way may have been given to, where a call of this target failed.
  func asked(for target: String?) -> [ServerID] {
    (eased + [definition.policies]).compactMap { policies in
      let fallback = policies.fallbacks.first { $0.target.matches(target) }
      if case .tool(let server, _)? = fallback?.source { return server }
      return nil
    }
  }

  /// The highest that the retry budget has been, at most.
  var budgetLimitPeak: Int {
    guard !standsIn else { return .max }
    let calls = unfinishedPeak + max(definition.probes.count, probePeak)
    return most { max($0.retry.budgetMinimum, Int(Double(calls) * $0.retry.budgetRatio)) }
  }

  /// Another definition, while so many calls are under way.
  /// - Returns: what is judged of its callers' rates up to here.
  mutating func change(
    to new: ServerDefinition, under calls: Int, at now: Instant
  ) -> [(at: Instant, words: String)] {
    let broken = callers.broken(definition.policies.load)
    if standsIn || !definition.probes.isEmpty {
      let limits = (eased + [definition.policies, new.policies]).map(\.retry.totalTimeout)
      unseenUntil = now + (limits.max() ?? .zero)
    }
    let isSpanned = calls > 0 || now <= unseenUntil
    if isSpanned { eased.append(definition.policies) }
    spanning = calls
    changedAt = now
    probePeak = max(probePeak, definition.probes.count)
    breaker.changed(
      to: new.policies.breaker, hasChoices: new.choices.count > 1, at: now)
    order = OrderWatch(new.policies)
    callers = CallerWatch()
    rate = !isSpanned && new.policies.load.rate > 0 ? RateWatch(new.policies) : nil
    let old = definition
    definition = new
    guard
      old.endpoint != new.endpoint || old.identity != new.identity
        || old.choices.map(\.endpoint) != new.choices.map(\.endpoint)
    else { return broken }
    endpoint = new.endpoint
    breaker.moved(at: now)
    safeTools = []
    acquainted = Self.names(new)
    return broken
  }

  /// Once no call under way can have seen a change, the new limits alone hold.
  mutating func settle(at now: Instant) {
    guard !eased.isEmpty, spanning == 0, now > unseenUntil else { return }
    eased = []
    rate = definition.policies.load.rate > 0 ? RateWatch(definition.policies) : nil
  }

  private static func names(_ definition: ServerDefinition) -> Set<String> {
    Set([definition.identity?.name].compactMap(\.self))
  }
}
