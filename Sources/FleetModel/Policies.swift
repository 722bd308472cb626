/// Everything an operator can set for one server; the defaults are the seed systems' numbers.
package struct Policies: Hashable, Sendable {
  package var retry = RetryPolicy.standard
  package var breaker = BreakerPolicy()
  package var pool = PoolPolicy()
  package var cache = CachePolicy()
  package var health = HealthPolicy()

  package init() {}
}

/// When and how often a failed try is made again.
package struct RetryPolicy: Hashable, Sendable {
  /// What to do when bytes went out and no answer came back.
  package enum DeliveryRule: String, Hashable, Sendable, CaseIterable {
    /// Again only for reads and for tools that declare `readOnlyHint` or `idempotentHint`.
    case whenSafe
    /// Again whatever the tool.
    case atLeastOnce
    /// Never again.
    case atMostOnce
  }

  /// Tries after the first; 0…500.
  package var retryLimit = 3
  package var initialDelay = Duration.milliseconds(100)
  /// ≥ 1.
  package var factor = 2.0
  /// No delay without a server's hint exceeds it.
  package var delayCap = Duration.seconds(30)
  /// Proportional jitter: a delay b is drawn from [b(1−j), min(b(1+j), cap)]; 0…1.
  package var jitter = 0.1
  package var tryTimeout = Duration.seconds(30)
  package var totalTimeout = Duration.seconds(300)
  /// A longer `Retry-After` ends the call instead of being clamped.
  package var retryAfterLimit = Duration.seconds(60)
  package var delivery = DeliveryRule.whenSafe
  /// Concurrent retries of a server ≤ max(`budgetMinimum`, `budgetRatio` × calls in flight).
  package var budgetRatio = 0.2
  package var budgetMinimum = 3

  package init() {}

  /// The Go seed: 100 ms, ×2, cap 30 s, ±10 %, 3 retries.
  package static let standard = RetryPolicy()
}

/// When a breaker opens and how it closes again.
package struct BreakerPolicy: Hashable, Sendable {
  /// Consecutive failures that open it; ≥ 1.
  package var failureLimit = 5
  /// Share of failures in the window that opens it, once there are `sampleMinimum`; 0…1.
  package var failureRate = 0.5
  package var sampleMinimum = 10
  package var window = Duration.seconds(60)
  package var openDuration = Duration.seconds(30)
  /// Calls let through at once while half-open.
  package var halfOpenPermits = 3
  /// Successes that close it.
  package var successThreshold = 2

  package init() {}
}

/// How many connections a server gets and how long each lives.
package struct PoolPolicy: Hashable, Sendable {
  package var idleLimit = 5
  package var openLimit = 10
  /// Calls one connection carries at once: 1 over HTTP, more over one child process's pipes.
  package var streamsPerConnection = 1
  /// Each connection's own is shorter by a random tenth, so that they do not expire together.
  package var lifetime = Duration.seconds(1800)
  package var idleTimeout = Duration.seconds(300)
  package var acquireTimeout = Duration.seconds(5)
  package var waiterLimit = 1000
  package var connectTimeout = Duration.seconds(15)
  package var reconnectDelay = Duration.seconds(1)
  package var reconnectDelayCap = Duration.seconds(60)
  /// A connection must stay up this long before the reconnect delay starts over.
  package var sustainedUptime = Duration.seconds(10)

  package init() {}

  /// One child process that carries ten calls at once: two processes of one stateful server would
  /// disagree.
  package static var stdio: PoolPolicy {
    var policy = PoolPolicy()
    policy.idleLimit = 1
    policy.openLimit = 1
    policy.streamsPerConnection = 10
    return policy
  }
}

/// What the tool cache keeps.
package struct CachePolicy: Hashable, Sendable {
  package enum Eviction: String, Hashable, Sendable, CaseIterable { case lru, lfu, fifo, ttl }

  package var isEnabled = true
  package var entryLimit = 100
  /// For answers without the server's own `ttlMs`.
  package var timeToLive = Duration.seconds(300)
  package var sweepInterval = Duration.seconds(60)
  package var eviction = Eviction.lru

  package init() {}
}

/// How a server's health is checked.
package struct HealthPolicy: Hashable, Sendable {
  package var interval = Duration.seconds(30)
  package var timeout = Duration.seconds(5)

  package init() {}
}
