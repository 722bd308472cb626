import FleetModel

/// What the ledger knows of one call, by its own observation.
struct CallRecord: Sendable {
  let call: Call
  let server: Int
  let submittedAt: Instant
  let deadline: Instant
  /// By the tools that were listed when it was submitted.
  let isSafe: Bool
  /// Of the call for which it stands in.
  var principal: Int?
  /// That stands in for it.
  var standIn: Int?
  /// When its next try began, at the earliest.
  var begunAt: Instant
  /// Attempts on the wire just now.
  var inFlight = 0
  var sends = 0
  var retries = 0
  /// Units of the retry budget that its attempts on the wire hold.
  var units = 0
  var hasResent = false
  /// When the last attempt ended, and how; nil before the first end.
  var lastEnd: Instant?
  var lastReply: Reply?
  var executions = 0
  /// An attempt ended without certainty that it had not run.
  var mayHaveRun = false
  var isCancelled = false
  var isFinished = false
  /// Waits for its dead letter to be written.
  var storedAt: Instant?
  var storedDelivery: Delivery?

  /// A tool that may have run, without an answer.
  var isInDoubt: Bool {
    call.method == "tools/call" && !isAnswered && (mayHaveRun || executions > 0)
  }

  /// The server's last word was an answer.
  var isAnswered: Bool {
    switch lastReply {
    case .success, .toolError, .protocolError: true
    case .failure, nil: false
    }
  }
}

/// One attempt on the wire.
struct AttemptRecord: Sendable {
  var call: Int
  var server: Int
  var connection: ConnectionID
  var sentAt: Instant
  /// When its try began to wait, at the earliest.
  var begunAt: Instant
  var isLive = true
}

/// One connection.
struct ConnectionRecord: Sendable {
  var server: Int
  var isOpen = false
  var streams = 0
}

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
