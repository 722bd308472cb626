/// When a breaker opens and how it closes again.
package struct BreakerPolicy: Hashable, Sendable {
  /// Consecutive failures that open it; ≥ 1.
  package var failureLimit = 5
  /// Share of failures in the window that opens it, once there are `sampleMinimum`; 0…1.
  package var failureRate = 0.5
  package var sampleMinimum = 10
  package var window = Duration.seconds(60)
  /// A call that takes longer is slow; zero switches the slow-call rule off.
  package var slowCallDuration = Duration.zero
  /// Share of slow calls in the window that opens it, once there are `sampleMinimum`; 0…1.
  package var slowCallRate = 0.5
  package var openDuration = Duration.seconds(30)
  /// Each opening in a row is longer by this factor, up to `openDurationCap`; ≥ 1.
  package var openFactor = 1.0
  package var openDurationCap = Duration.seconds(300)
  /// Up to this share is added to the open time at random, so that several engines do not probe in
  /// step; 0…1.
  package var openJitter = 0.0
  /// Calls let through at once while half-open.
  package var halfOpenPermits = 3
  /// Successes that close it.
  package var successThreshold = 2
  /// JSON-RPC -32603 (internal error) counts as a failure.
  package var internalErrorFails = true
  /// HTTP 429 counts as a failure; otherwise it says nothing: a server that limits us lives.
  package var tooManyRequestsFails = false

  package init() {}
}
