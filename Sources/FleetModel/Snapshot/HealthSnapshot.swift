/// What the server's checks say.
package struct HealthSnapshot: Hashable, Sendable {
  package enum Status: String, Hashable, Sendable {
    case healthy, unhealthy, unknown
    /// The checks say one thing and real calls another.
    case disagreeing
  }

  package var status = Status.unknown
  package var responseTime: Duration?
  package var consecutiveFailures = 0
  package var lastSuccess: Timestamp?
  /// Of a check, well or not.
  package var lastAttempt: Timestamp?
  package var lastError: String?
  /// What the checks say and what real calls say, in words and numbers; nil while they agree.
  package var disagreement: String?
  /// The newest synthetic probe, apart from the checks and from the calls of others.
  package var lastProbe: ProbeSnapshot?

  package init() {}
}

/// How a synthetic probe ended.
package struct ProbeSnapshot: Hashable, Sendable {
  package var at: Timestamp
  package var isSuccess: Bool
  package var duration: Duration
  /// `ok`, or what went wrong, in a few words.
  package var result: String

  package init(at: Timestamp, isSuccess: Bool, duration: Duration, result: String) {
    self.at = at
    self.isSuccess = isSuccess
    self.duration = duration
    self.result = result
  }
}
