import FleetModel

/// What the ledger counts of one server.
struct ServerRecord: Sendable {
  let definition: ServerDefinition
  /// Its calls may be others' too, whose beginning is not seen.
  let standsIn: Bool
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
  var sends = 0
  var callsSent = 0
  var hedges = 0

  var outcomes = CallCounts()
  /// Outcomes whose own reply another answer covers.
  var covered = 0
  var isChecking = false
  var isWatching = false
  var isListing = false
  /// When the rules must have healed it; nil while it storms.
  var recovery: Instant?

  init(_ definition: ServerDefinition, standsIn: Bool) {
    self.definition = definition
    self.standsIn = standsIn
    endpoint = definition.endpoint
    let policies = definition.policies
    breaker = BreakerWatch(policies.breaker, hasChoices: definition.choices.count > 1)
    rate = policies.load.rate > 0 ? RateWatch(policies) : nil
    order = OrderWatch(policies)
  }

  var openLimit: Int { max(1, definition.policies.pool.openLimit) }
  var streamLimit: Int { max(1, definition.policies.pool.streamsPerConnection) }

  var bulkheadLimit: Int {
    let load = definition.policies.load
    return load.concurrency > 0 ? load.concurrency : openLimit * streamLimit
  }

  /// The highest that the retry budget has been, at most.
  var budgetLimitPeak: Int {
    guard !standsIn else { return .max }
    let retry = definition.policies.retry
    let calls = unfinishedPeak + definition.probes.count
    return max(retry.budgetMinimum, Int(Double(calls) * retry.budgetRatio))
  }
}
