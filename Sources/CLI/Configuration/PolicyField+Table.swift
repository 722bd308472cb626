import FleetModel

/// Every field of the policies, in the order of the documentation.
extension PolicyField {
  private static let instant = Duration.zero...Duration.seconds(86_400)
  private static let wait = Duration.milliseconds(1)...Duration.seconds(86_400)
  private static let span = Duration.milliseconds(10)...Duration.seconds(30 * 86_400)

  static let all: [PolicyField] = retry + breaker + pool + cache + health

  private static let retry: [PolicyField] = [
    .init(
      group: "retry", name: "retries", target: .count(\.retry.schedule.retryLimit, 0...500),
      summary: "tries after the first"),
    .init(
      group: "retry", name: "initialDelay", target: .time(\.retry.schedule.initialDelay, instant),
      summary: "wait before the first retry"),
    .init(
      group: "retry", name: "factor", target: .ratio(\.retry.schedule.factor, 1...100),
      summary: "each wait is so many times the one before"),
    .init(
      group: "retry", name: "maxDelay", target: .time(\.retry.schedule.delayCap, instant),
      summary: "no wait is longer, unless the server asks for it"),
    .init(
      group: "retry", name: "jitter", target: .ratio(\.retry.schedule.jitterShare, 0...1),
      summary: "each wait is changed at random by up to this share"),
    .init(
      group: "retry", name: "tryTimeout", target: .time(\.retry.tryTimeout, wait),
      summary: "one try takes no longer"),
    .init(
      group: "retry", name: "totalTimeout", target: .time(\.retry.totalTimeout, wait),
      summary: "all tries and waits of a call take no longer"),
    .init(
      group: "retry", name: "retryAfterLimit", target: .time(\.retry.retryAfterLimit, instant),
      summary: "a longer Retry-After of the server ends the call"),
    .init(
      group: "retry", name: "delivery",
      target: .choice(
        RetryPolicy.DeliveryRule.allCases.map(\.rawValue),
        set: { $0.retry.delivery = RetryPolicy.DeliveryRule.allCases[$1] },
        get: { $0.retry.delivery.rawValue }),
      summary: "whether a call that may have run is sent again"),
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
      group: "breaker", name: "minSamples", target: .count(\.breaker.sampleMinimum, 1...100_000),
      summary: "calls in the window before the share counts"),
    .init(
      group: "breaker", name: "window", target: .time(\.breaker.window, span),
      summary: "how far back the share looks"),
    .init(
      group: "breaker", name: "openFor", target: .time(\.breaker.openDuration, span),
      summary: "how long it stays open before it tries"),
    .init(
      group: "breaker", name: "halfOpenPermits",
      target: .count(\.breaker.halfOpenPermits, 1...1000), summary: "calls at once while it tries"),
    .init(
      group: "breaker", name: "successes", target: .count(\.breaker.successThreshold, 1...1000),
      summary: "successes that close it"),
  ]

  private static let pool: [PolicyField] = [
    .init(
      group: "pool", name: "idle", target: .count(\.pool.idleLimit, 0...10_000),
      summary: "connections kept open without work", isPerServerOnStdio: true),
    .init(
      group: "pool", name: "open", target: .count(\.pool.openLimit, 1...10_000),
      summary: "connections at once; over stdio: child processes", isPerServerOnStdio: true),
    .init(
      group: "pool", name: "streams", target: .count(\.pool.streamsPerConnection, 1...10_000),
      summary: "calls one connection carries at once", isPerServerOnStdio: true),
    .init(
      group: "pool", name: "lifetime", target: .time(\.pool.lifetime, span),
      summary: "a connection is closed after it"),
    .init(
      group: "pool", name: "idleTimeout", target: .time(\.pool.idleTimeout, span),
      summary: "a connection without work is closed after it"),
    .init(
      group: "pool", name: "acquireTimeout", target: .time(\.pool.acquireTimeout, wait),
      summary: "a call waits no longer for a connection"),
    .init(
      group: "pool", name: "waiters", target: .count(\.pool.waiterLimit, 0...1_000_000),
      summary: "calls that may wait for a connection"),
    .init(
      group: "pool", name: "connectTimeout", target: .time(\.pool.connectTimeout, wait),
      summary: "connecting takes no longer"),
    .init(
      group: "pool", name: "reconnectDelay", target: .time(\.pool.reconnectDelay, wait),
      summary: "first wait before connecting again"),
    .init(
      group: "pool", name: "maxReconnectDelay", target: .time(\.pool.reconnectDelayCap, wait),
      summary: "longest wait before connecting again"),
    .init(
      group: "pool", name: "sustainedUptime", target: .time(\.pool.sustainedUptime, instant),
      summary: "a connection must last so long before those waits start over"),
  ]

  private static let cache: [PolicyField] = [
    .init(
      group: "cache", name: "enabled", target: .flag(\.cache.isEnabled),
      summary: "whether tool lists are kept"),
    .init(
      group: "cache", name: "entries", target: .count(\.cache.entryLimit, 1...100_000),
      summary: "lists kept at once"),
    .init(
      group: "cache", name: "ttl", target: .time(\.cache.timeToLive, instant),
      summary: "how long a list is good, unless the server says"),
    .init(
      group: "cache", name: "sweepInterval", target: .time(\.cache.sweepInterval, span),
      summary: "how often old lists are removed"),
    .init(
      group: "cache", name: "eviction",
      target: .choice(
        CachePolicy.Eviction.allCases.map(\.rawValue),
        set: { $0.cache.eviction = CachePolicy.Eviction.allCases[$1] },
        get: { $0.cache.eviction.rawValue }),
      summary: "which list goes when there is no room"),
  ]

  private static let health: [PolicyField] = [
    .init(
      group: "health", name: "interval", target: .time(\.health.interval, span),
      summary: "time between checks"),
    .init(
      group: "health", name: "timeout", target: .time(\.health.timeout, wait),
      summary: "a check takes no longer"),
  ]
}
