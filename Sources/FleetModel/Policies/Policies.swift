/// Everything an operator can set for one server; the defaults are the seed systems' numbers.
package struct Policies: Hashable, Sendable {
  package var retry = RetryPolicy()
  package var breaker = BreakerPolicy()
  package var pool = PoolPolicy()
  package var cache = CachePolicy()
  package var health = HealthPolicy()
  package var load = LoadPolicy()
  package var failover = FailoverPolicy()
  package var session = SessionPolicy()
  /// What stands in for an answer that could not be had; the first that fits the tool counts.
  package var fallbacks: [Fallback] = []

  package init() {}
}

/// How a server's health is checked.
package struct HealthPolicy: Hashable, Sendable {
  package var interval = Duration.seconds(30)
  package var timeout = Duration.seconds(5)

  package init() {}
}

/// When a server with several endpoints moves to another, and back.
package struct FailoverPolicy: Hashable, Sendable {
  /// Attempts to connect in a row that fail before the next endpoint is tried; ≥ 1. An opening
  /// breaker moves at once.
  package var openFailureLimit = 2
  /// The preferred endpoint must pass its checks for so long before calls go back to it.
  package var returnAfter = Duration.seconds(60)

  package init() {}
}

/// What stands in for an answer that could not be had. It never hides a call that may have run: see
/// `RetryPolicy.DeliveryRule`.
package struct Fallback: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    /// A `result` object of the operator's own.
    case answer(JSONText)
    /// The same arguments to a tool of another server; nil is a tool of the same name.
    case tool(ServerID, String?)
    /// The cache's last answer, however old within `CachePolicy.staleLimit`.
    case staleCache
  }

  /// Of the tools (or for other methods, targets) it stands in for.
  package var target: NamePattern
  package var source: Source

  package init(target: NamePattern, source: Source) {
    self.target = target
    self.source = source
  }
}
