import FleetModel

/// Every field of the policies, in the order of the documentation and of setting: a profile comes
/// before what changes it.
extension PolicyField {
  private static let instant = Duration.zero...Duration.seconds(86_400)
  private static let wait = Duration.milliseconds(1)...Duration.seconds(86_400)
  private static let long = Duration.zero...Duration.seconds(30 * 86_400)
  private static let period = Duration.seconds(1)...Duration.seconds(30 * 86_400)
  private static let span = Duration.milliseconds(10)...Duration.seconds(30 * 86_400)

  static let all: [PolicyField] =
    schedule + retry + breaker + pool + cache + health + load + failover + session

  /// When and how often a try is made again: of `retry`, and of each of its rules.
  static let schedule: [PolicyField] = [
    .init(
      group: "retry", name: "profile",
      target: .choice(
        RetrySchedule.profiles.map(\.name),
        set: {
          $0.retry.schedule = RetrySchedule.profiles[$1].schedule
          $0.retry.totalTimeout = RetrySchedule.profiles[$1].totalTimeout
        },
        get: { policies in
          RetrySchedule.profiles.first { $0.schedule == policies.retry.schedule }?.name ?? "own"
        }),
      summary: "a whole schedule, which the keys beside it change"),
    .init(
      group: "retry", name: "retries", target: .count(\.retry.schedule.retryLimit, 0...499),
      summary: "tries after the first"),
    .init(
      group: "retry", name: "attempts", target: .count(\.retry.schedule.attemptLimit, 1...500),
      summary: "all tries, the first too; in place of retries",
      rival: "retries"),
    .init(
      group: "retry", name: "initialDelay", target: .time(\.retry.schedule.initialDelay, instant),
      summary: "wait before the first retry; at most maxDelay"),
    .init(
      group: "retry", name: "factor", target: .ratio(\.retry.schedule.factor, 1...100),
      summary: "each wait is so many times the one before"),
    .init(
      group: "retry", name: "maxDelay", target: .time(\.retry.schedule.delayCap, instant),
      summary: "no wait is longer, unless the server asks for it"),
    .init(
      group: "retry", name: "jitterForm",
      target: .choice(
        RetrySchedule.Jitter.allCases.map(\.rawValue),
        set: { $0.retry.schedule.jitter = RetrySchedule.Jitter.allCases[$1] },
        get: { $0.retry.schedule.jitter.rawValue }),
      summary: "how waits are changed at random"),
    .init(
      group: "retry", name: "jitter", target: .ratio(\.retry.schedule.jitterShare, 0...1),
      summary: "by up to this share, where the form is proportional"),
  ]

  private static let retry: [PolicyField] = [
    .init(
      group: "retry", name: "tryTimeout", target: .time(\.retry.tryTimeout, wait),
      summary: "one try takes no longer"),
    .init(
      group: "retry", name: "totalTimeout", target: .time(\.retry.totalTimeout, wait),
      summary: "all tries and waits of a call take no longer"),
    .init(
      group: "retry", name: "progressTimeout", target: .time(\.retry.progressTimeout, wait),
      summary: "a try that reports progress goes on up to this; tryTimeout or less: no longer"),
    .init(
      group: "retry", name: "retryAfterLimit", target: .time(\.retry.retryAfterLimit, instant),
      summary: "a longer Retry-After of the server ends the call"),
    .init(
      group: "retry", name: "delivery",
      target: .choice(
        RetryPolicy.DeliveryRule.allCases.map(\.rawValue),
        set: { $0.retry.delivery = RetryPolicy.DeliveryRule.allCases[$1] },
        get: { $0.retry.delivery.rawValue }),
      summary: "whether a call that may have run is sent again", decidesDelivery: true),
    .init(
      group: "retry", name: "tools", target: .nested(.tools),
      summary: "tools with a delivery of their own", decidesDelivery: true),
    .init(
      group: "retry", name: "rules", target: .nested(.rules),
      summary: "decisions of your own about some failures", decidesDelivery: true),
    .init(
      group: "retry", name: "budgetRatio", target: .ratio(\.retry.budgetRatio, 0...1),
      summary: "retries at once, as a share of the calls in flight"),
    .init(
      group: "retry", name: "budgetMinimum", target: .count(\.retry.budgetMinimum, 0...10_000),
      summary: "retries at once that are always allowed"),
  ]

  private static let breaker: [PolicyField] = [
    .init(
      group: "breaker", name: "failures", target: .count(\.breaker.failureLimit, 1...10_000),
      summary: "failures in a row that open it"),
    .init(
      group: "breaker", name: "failureRate", target: .ratio(\.breaker.failureRate, 0...1),
      summary: "share of failures in the window that opens it"),
    .init(
      group: "breaker", name: "slowRate", target: .ratio(\.breaker.slowCallRate, 0...1),
      summary: "share of slow calls in the window that opens it"),
    .init(
      group: "breaker", name: "slowAfter", target: .time(\.breaker.slowCallDuration, instant),
      summary: "a call that takes longer is slow; 0s: none is"),
    .init(
      group: "breaker", name: "minSamples", target: .count(\.breaker.sampleMinimum, 1...100_000),
      summary: "calls in the window before the shares count"),
    .init(
      group: "breaker", name: "window", target: .time(\.breaker.window, span),
      summary: "how far back the shares look"),
    .init(
      group: "breaker", name: "openFor", target: .time(\.breaker.openDuration, span),
      summary: "how long it stays open before it tries"),
    .init(
      group: "breaker", name: "openFactor", target: .ratio(\.breaker.openFactor, 1...100),
      summary: "each opening in a row lasts so many times the one before"),
    .init(
      group: "breaker", name: "maxOpenFor", target: .time(\.breaker.openDurationCap, span),
      summary: "no opening lasts longer; left out it is at least openFor"),
    .init(
      group: "breaker", name: "openJitter", target: .ratio(\.breaker.openJitter, 0...1),
      summary: "each opening is longer at random by up to this share"),
    .init(
      group: "breaker", name: "halfOpenPermits",
      target: .count(\.breaker.halfOpenPermits, 1...1000),
      summary: "calls at once while it tries"),
    .init(
      group: "breaker", name: "successes", target: .count(\.breaker.successThreshold, 1...1000),
      summary: "successes that close it"),
    .init(
      group: "breaker", name: "internalErrors", target: .flag(\.breaker.internalErrorFails),
      summary: "whether JSON-RPC error -32603 is a failure"),
    .init(
      group: "breaker", name: "tooManyRequests", target: .flag(\.breaker.tooManyRequestsFails),
      summary: "whether HTTP status 429 is a failure"),
  ]

  private static let pool: [PolicyField] = [
    .init(
      group: "pool", name: "idle", target: .count(\.pool.idleLimit, 0...10_000),
      summary: "connections kept open without work",
      isPerServerOnStdio: true),
    .init(
      group: "pool", name: "open", target: .count(\.pool.openLimit, 1...10_000),
      summary: "connections at once; over stdio: child processes",
      isPerServerOnStdio: true),
    .init(
      group: "pool", name: "streams", target: .count(\.pool.streamsPerConnection, 1...10_000),
      summary: "calls one connection carries at once",
      isPerServerOnStdio: true),
    .init(
      group: "pool", name: "lifetime", target: .time(\.pool.lifetime, span),
      summary: "a connection is closed after it, less a random tenth"),
    .init(
      group: "pool", name: "idleTimeout", target: .time(\.pool.idleTimeout, span),
      summary: "a connection without work is closed after it"),
    .init(
      group: "pool", name: "checkInterval", target: .time(\.pool.checkInterval, span),
      summary: "how often a connection without work is asked whether it works"),
    .init(
      group: "pool", name: "acquireTimeout", target: .time(\.pool.acquireTimeout, wait),
      summary: "a call waits no longer for a connection"),
    .init(
      group: "pool", name: "waiters", target: .count(\.pool.waiterLimit, 0...1_000_000),
      summary: "calls that may wait for a connection"),
    .init(
      group: "pool", name: "connects", target: .count(\.pool.connectLimit, 1...1000),
      summary: "connections being opened at once"),
    .init(
      group: "pool", name: "connectTimeout", target: .time(\.pool.connectTimeout, wait),
      summary: "connecting takes no longer"),
    .init(
      group: "pool", name: "reconnectDelay", target: .time(\.pool.reconnectDelay, wait),
      summary: "first wait before connecting again"),
    .init(
      group: "pool", name: "maxReconnectDelay", target: .time(\.pool.reconnectDelayCap, wait),
      summary: "longest wait before connecting again; left out it is at least reconnectDelay"),
    .init(
      group: "pool", name: "sustainedUptime", target: .time(\.pool.sustainedUptime, instant),
      summary: "a connection must last so long before those waits start over"),
    .init(
      group: "pool", name: "crashLoop", target: .count(\.pool.crashLoopLimit, 1...1000),
      summary: "ends of a child process in a row, none after that time, that are a crash loop"),
    .init(
      group: "pool", name: "leakAfter", target: .time(\.pool.leakThreshold, span),
      summary: "a call that holds a connection longer is announced"),
  ]

  private static let cache: [PolicyField] = [
    .init(
      group: "cache", name: "enabled", target: .flag(\.cache.isEnabled),
      summary: "whether answers to reads are kept"),
    .init(
      group: "cache", name: "entries", target: .count(\.cache.entryLimit, 1...100_000),
      summary: "answers kept at once"),
    .init(
      group: "cache", name: "ttl", target: .time(\.cache.timeToLive, instant),
      summary: "how long an answer is good, unless the server says"),
    .init(
      group: "cache", name: "sweepInterval", target: .time(\.cache.sweepInterval, span),
      summary: "how often old answers are removed"),
    .init(
      group: "cache", name: "eviction",
      target: .choice(
        CachePolicy.Eviction.allCases.map(\.rawValue),
        set: { $0.cache.eviction = CachePolicy.Eviction.allCases[$1] },
        get: { $0.cache.eviction.rawValue }),
      summary: "which answer goes when there is no room"),
    .init(
      group: "cache", name: "staleFor", target: .time(\.cache.staleLimit, long),
      summary: "so long after its time an answer may be given while the breaker is open"),
  ]

  private static let health: [PolicyField] = [
    .init(
      group: "health", name: "interval", target: .time(\.health.interval, span),
      summary: "time between checks"),
    .init(
      group: "health", name: "timeout", target: .time(\.health.timeout, wait),
      summary: "a check takes no longer"),
  ]

  private static let load: [PolicyField] = [
    .init(
      group: "load", name: "concurrency", target: .count(\.load.concurrency, 0...10_000),
      summary: "tries at once; 0: as many as the pool carries"),
    .init(
      group: "load", name: "queue", target: .count(\.load.queueLimit, 0...1_000_000),
      summary: "calls that may wait for a place"),
    .init(
      group: "load", name: "queueTimeout", target: .time(\.load.queueTimeout, wait),
      summary: "a call waits no longer for a place, or for its turn under a rate"),
    .init(
      group: "load", name: "rate", target: .ratio(\.load.rate, 0...1_000_000),
      summary: "tries a second; 0: no limit"),
    .init(
      group: "load", name: "burst", target: .count(\.load.burst, 1...1_000_000),
      summary: "tries that may go at once after a pause"),
    .init(
      group: "load", name: "callerRate", target: .ratio(\.load.callerRate, 0...1_000_000),
      summary: "calls a second of each caller; 0: no limit"),
    .init(
      group: "load", name: "callerBurst", target: .count(\.load.callerBurst, 1...1_000_000),
      summary: "calls of a caller that may go at once after a pause"),
    .init(
      group: "load", name: "quota", target: .count(\.load.quota, 0...1_000_000_000),
      summary: "calls in each quotaPeriod; 0: no limit"),
    .init(
      group: "load", name: "callerQuota", target: .count(\.load.callerQuota, 0...1_000_000_000),
      summary: "calls of each caller in each quotaPeriod; 0: no limit"),
    .init(
      group: "load", name: "quotaPeriod", target: .time(\.load.quotaPeriod, period),
      summary: "how long a quota lasts"),
    .init(
      group: "load", name: "hedging", target: .flag(\.load.isHedging),
      summary: "whether a safe call that takes longer than the p95 is sent a second time"),
    .init(
      group: "load", name: "hedgeDelay", target: .time(\.load.hedgeDelay, wait),
      summary: "not before"),
    .init(
      group: "load", name: "coalescing", target: .flag(\.load.isCoalescing),
      summary: "whether reads alike that are under way at once are sent once"),
  ]

  private static let failover: [PolicyField] = [
    .init(
      group: "failover", name: "failures", target: .count(\.failover.openFailureLimit, 1...1000),
      summary: "tries to connect in a row that fail before the next endpoint"),
    .init(
      group: "failover", name: "returnAfter", target: .time(\.failover.returnAfter, instant),
      summary: "the preferred endpoint must be well for so long before calls go back"),
  ]

  private static let session: [PolicyField] = [
    .init(
      group: "session", name: "input",
      target: .choice(
        SessionPolicy.InputAnswer.allCases.map(\.rawValue),
        set: { $0.session.inputAnswer = SessionPolicy.InputAnswer.allCases[$1] },
        get: { $0.session.inputAnswer.rawValue }),
      summary: "the answer to a server that asks for a person's input in a call"),
    .init(
      group: "session", name: "logLevel",
      target: .choice(
        ["none"] + SessionPolicy.LogLevel.allCases.map(\.rawValue),
        set: { $0.session.logLevel = $1 == 0 ? nil : SessionPolicy.LogLevel.allCases[$1 - 1] },
        get: { $0.session.logLevel?.rawValue ?? "none" }),
      summary: "the least severe messages that the server is asked to send"),
    .init(
      group: "session", name: "listens", target: .flag(\.session.listens),
      summary: "whether changes of tools, resources and prompts are listened for"),
  ]
}

extension RetrySchedule {
  /// All tries, the first too.
  fileprivate var attemptLimit: Int {
    get { retryLimit + 1 }
    set { retryLimit = newValue - 1 }
  }
}
