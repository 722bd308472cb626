/// How much load the engine puts on one server.
package struct LoadPolicy: Hashable, Sendable {
  /// Tries at once (the bulkhead); 0 is as many as the pool carries.
  package var concurrency = 0
  /// Calls that may wait for a place; interactive ones before batch ones before probes.
  package var queueLimit = 1000
  /// A call waits no longer for a place or for its turn under a rate.
  package var queueTimeout = Duration.seconds(5)
  /// Tries a second, over all callers; 0 is no limit.
  package var rate = 0.0
  /// Tries that may go at once after a pause; ≥ 1.
  package var burst = 10
  /// Calls a second of each caller; 0 is no limit.
  package var callerRate = 0.0
  package var callerBurst = 10
  /// Calls in each `quotaPeriod`, over all callers; 0 is no limit.
  package var quota = 0
  /// Calls of each caller in each `quotaPeriod`; 0 is no limit.
  package var callerQuota = 0
  package var quotaPeriod = Duration.seconds(3600)
  /// A safe call without an answer after the p95 of the last minute is sent a second time; the
  /// first answer counts.
  package var isHedging = false
  /// No second sending before; also while there is no p95 yet.
  package var hedgeDelay = Duration.milliseconds(100)
  /// Identical reads under way at once are sent once.
  package var isCoalescing = true

  package init() {}
}
