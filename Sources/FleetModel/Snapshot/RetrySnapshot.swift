/// Tries after the first, of all calls since the engine started.
package struct RetrySnapshot: Hashable, Sendable {
  package var total = 0
  /// Over the last tick's length.
  package var perSecond = 0.0
  /// Tries on the wire per call that reached it, since the engine started; nil before the first. 1
  /// is none in vain.
  package var amplification: Double?
  /// Retries under way, and how many may be.
  package var budgetUsed = 0
  package var budgetLimit = 0

  package init() {}
}

/// A cumulative histogram as Prometheus draws it.
package struct HistogramSnapshot: Hashable, Sendable {
  package struct Bucket: Hashable, Sendable {
    /// Upper bound in seconds, inclusive; the last is infinity.
    package var upperBound: Double
    /// Observations ≤ the bound.
    package var count: Int

    package init(upperBound: Double, count: Int) {
      self.upperBound = upperBound
      self.count = count
    }
  }

  package var count = 0
  /// Seconds.
  package var sum = 0.0
  package var buckets: [Bucket] = []

  package init() {}
}

/// What was done for one operation of a server, since the engine started.
package struct OperationSnapshot: Hashable, Sendable {
  package struct GiveUpCount: Hashable, Sendable {
    /// Why there was no further try, such as `attempts exhausted`.
    package var reason: String
    package var count: Int

    package init(reason: String, count: Int) { (self.reason, self.count) = (reason, count) }
  }

  /// The method, and after a space the tool's name where it has one.
  package var name: String
  package var calls = 0
  /// Tries on the wire.
  package var attempts = 0
  package var retries = 0
  package var successes = 0
  package var successesAfterRetry = 0
  /// Sorted by reason.
  package var giveUps: [GiveUpCount] = []
  /// The delays before retries.
  package var sleeps = HistogramSnapshot()
  /// All time that calls spent not being worked on: delays, queues, connections.
  package var timeWaiting = Duration.zero
  /// Delays that a server's `Retry-After` set.
  package var retryAfterHonoured = 0

  package init(name: String) { self.name = name }

  /// Attempts per call; nil before the first call.
  package var amplification: Double? { calls > 0 ? Double(attempts) / Double(calls) : nil }
}

/// What holds load back before the server, and what spares it some.
package struct LoadSnapshot: Hashable, Sendable {
  /// Tries in the bulkhead, and how many may be.
  package var running = 0
  package var limit = 0
  package var waiting = 0
  /// Calls refused for want of a place, by a rate or by a quota, and calls that a rate made wait,
  /// since the engine started.
  package var refused = 0
  package var delayed = 0
  /// Second sendings of safe calls, and how often the second one answered first.
  package var hedges = 0
  package var hedgeWins = 0
  /// Calls answered by the answer to another one like them.
  package var coalesced = 0

  package init() {}
}
