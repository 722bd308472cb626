import FleetModel

/// Draws policies over their valid ranges; the rare and the extreme come up too.
struct PolicyDrawing {
  var random: SplitMix64

  /// Fair enough for a plan, and the same in every process.
  mutating func count(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[count(0...elements.count - 1)]
  }

  mutating func chance(oneIn number: Int) -> Bool { count(1...number) == 1 }

  /// Evenly on a scale where each tenth of the range's growth is as likely: short ones come as
  /// often as long ones.
  mutating func duration(_ low: Duration, _ high: Duration) -> Duration {
    let bottom = max(1, low.nanoseconds / 1_000_000)
    let top = max(bottom, high.nanoseconds / 1_000_000)
    var ceiling = bottom
    while ceiling < top, !chance(oneIn: 3) { ceiling = min(top, ceiling * 3) }
    return .milliseconds(Int64.random(in: bottom...max(bottom, ceiling), using: &random))
  }

  mutating func share() -> Double { Double(count(0...20)) / 20 }

  // MARK: Policies

  mutating func policies(isHTTP: Bool) -> Policies {
    var policies = Policies()
    // A third of the servers keep the defaults where nothing else is drawn.
    policies.retry = retry()
    policies.breaker = breaker()
    policies.pool = pool(isHTTP: isHTTP)
    policies.load = load(policies.pool)
    policies.cache = cache()
    policies.health.interval = duration(.seconds(1), .seconds(20))
    policies.health.timeout = duration(.milliseconds(50), .seconds(5))
    policies.failover.openFailureLimit = count(1...4)
    policies.failover.returnAfter = duration(.milliseconds(100), .seconds(20))
    return policies
  }

  private mutating func schedule() -> RetrySchedule {
    var schedule = pick(RetrySchedule.profiles.map(\.schedule))
    guard !chance(oneIn: 3) else { return schedule }
    schedule.retryLimit = pick([0, 1, 2, 3, 5, 8, 99, 499])
    schedule.initialDelay = chance(oneIn: 10) ? .zero : duration(.milliseconds(1), .seconds(2))
    schedule.factor = pick([1, 1.5, 2, 3, 10, 100])
    schedule.delayCap = max(schedule.initialDelay, duration(.milliseconds(10), .seconds(20)))
    schedule.jitter = pick(RetrySchedule.Jitter.allCases)
    schedule.jitterShare = share()
    return schedule
  }

  private mutating func retry() -> RetryPolicy {
    var policy = RetryPolicy()
    policy.schedule = schedule()
    if chance(oneIn: 3) { policy.rules = (1...count(1...3)).map { _ in rule() } }
    policy.tryTimeout = duration(.milliseconds(100), .seconds(5))
    policy.totalTimeout = duration(.milliseconds(200), .seconds(30))
    policy.progressTimeout = duration(.milliseconds(100), .seconds(20))
    policy.retryAfterLimit = pick([.zero, .seconds(1), .seconds(5), .seconds(60)])
    policy.delivery = pick(RetryPolicy.DeliveryRule.allCases)
    if chance(oneIn: 4) {
      policy.toolDelivery = [
        ToolDelivery(
          tool: NamePattern(pick(["add", "m*", "*", "p?t"])),
          rule: pick(RetryPolicy.DeliveryRule.allCases))
      ]
    }
    policy.budgetRatio = share()
    policy.budgetMinimum = pick([0, 1, 3, 3, 10, 100])
    return policy
  }

  private mutating func rule() -> RetryRule {
    let cause: [FailureCause] = [
      pick([
        .kind(.connectionRefused), .kind(.connectionReset), .kind(.tryTimeout),
        .kind(.sessionLost), .kind(.notConnected), .kind(.breakerOpen), .kind(.poolExhausted),
        .status(429...429), .status(500...599), .code(-32603 ... -32602),
      ])
    ]
    return RetryRule(
      causes: chance(oneIn: 8) ? [] : cause, target: NamePattern(pick(["*", "add", "m*"])),
      action: pick([.retry(schedule()), .retry(schedule()), .giveUp, .deadLetter, .fallBack]))
  }

  private mutating func breaker() -> BreakerPolicy {
    var policy = BreakerPolicy()
    policy.failureLimit = pick([1, 2, 3, 5, 5, 20, 10_000])
    policy.failureRate = max(0.05, share())
    policy.sampleMinimum = pick([1, 5, 10, 10, 50])
    policy.window = duration(.milliseconds(100), .seconds(60))
    if chance(oneIn: 3) {
      policy.slowCallDuration = duration(.milliseconds(50), .seconds(2))
      policy.slowCallRate = max(0.05, share())
    }
    policy.openDuration = duration(.milliseconds(10), .seconds(15))
    policy.openFactor = pick([1, 1, 1.5, 2, 100])
    policy.openDurationCap = max(policy.openDuration, duration(.milliseconds(100), .seconds(20)))
    policy.openJitter = pick([0, 0, 0.1, 1])
    policy.halfOpenPermits = count(1...5)
    policy.successThreshold = count(1...5)
    policy.internalErrorFails = chance(oneIn: 2)
    policy.tooManyRequestsFails = chance(oneIn: 2)
    return policy
  }

  private mutating func pool(isHTTP: Bool) -> PoolPolicy {
    var policy = isHTTP ? PoolPolicy() : .stdio
    policy.idleLimit = isHTTP ? count(0...5) : 1
    policy.openLimit = isHTTP ? pick([1, 2, 4, 10]) : pick([1, 1, 2])
    policy.streamsPerConnection = isHTTP ? pick([1, 1, 1, 4]) : pick([1, 4, 10])
    policy.lifetime = duration(.milliseconds(500), .seconds(120))
    policy.idleTimeout = duration(.milliseconds(500), .seconds(60))
    policy.checkInterval = duration(.milliseconds(200), .seconds(30))
    policy.acquireTimeout = duration(.milliseconds(10), .seconds(5))
    policy.waiterLimit = pick([0, 1, 10, 1000])
    policy.connectLimit = count(1...4)
    policy.connectTimeout = duration(.milliseconds(100), .seconds(10))
    policy.reconnectDelay = duration(.milliseconds(10), .seconds(2))
    policy.reconnectDelayCap = max(
      policy.reconnectDelay, duration(.milliseconds(100), .seconds(10)))
    policy.sustainedUptime = chance(oneIn: 8) ? .zero : duration(.milliseconds(100), .seconds(10))
    policy.crashLoopLimit = count(1...5)
    policy.leakThreshold = duration(.milliseconds(100), .seconds(60))
    return policy
  }

  private mutating func load(_ pool: PoolPolicy) -> LoadPolicy {
    var policy = LoadPolicy()
    policy.concurrency = chance(oneIn: 2) ? 0 : pick([1, 2, 5, 20])
    policy.queueLimit = pick([0, 1, 5, 100, 1000])
    policy.queueTimeout = duration(.milliseconds(10), .seconds(5))
    if chance(oneIn: 4) {
      policy.rate = pick([0.5, 2, 10, 50])
      policy.burst = pick([1, 5, 20])
    }
    if chance(oneIn: 5) {
      policy.callerRate = pick([0.5, 2, 10])
      policy.callerBurst = pick([1, 5, 20])
    }
    if chance(oneIn: 5) { policy.quota = pick([5, 20, 100]) }
    if chance(oneIn: 5) { policy.callerQuota = pick([1, 5, 20]) }
    policy.quotaPeriod = duration(.seconds(1), .seconds(10))
    policy.isHedging = chance(oneIn: 3)
    policy.hedgeDelay = duration(.milliseconds(1), .milliseconds(500))
    policy.isCoalescing = !chance(oneIn: 4)
    return policy
  }

  private mutating func cache() -> CachePolicy {
    var policy = CachePolicy()
    policy.isEnabled = !chance(oneIn: 4)
    policy.entryLimit = pick([1, 2, 3, 100])
    policy.timeToLive = duration(.milliseconds(100), .seconds(60))
    policy.sweepInterval = duration(.milliseconds(500), .seconds(60))
    policy.eviction = pick(CachePolicy.Eviction.allCases)
    policy.staleLimit = chance(oneIn: 4) ? .zero : duration(.seconds(1), .seconds(600))
    return policy
  }
}
