package import FleetModel
package struct Backoff: Sendable {
  package init(_ policy: RetryPolicy) {}
  package mutating func nextDelay(hint: Duration?, using random: inout some RandomNumberGenerator) -> Duration { .zero }
}
package enum GiveUp: String, Sendable { case notRetryable }
package enum RetryDecision: Sendable { case retry(after: Duration), giveUp(GiveUp) }
package enum RetryRules {
  package static func isRetryable(_ reply: Reply) -> Bool { false }
  package static func decide(_ reply: Reply, policy: RetryPolicy, isSafe: Bool, retriesMade: Int, remaining: Duration, backoff: inout Backoff, budget: inout RetryBudget, callsInFlight: Int, using random: inout some RandomNumberGenerator) -> RetryDecision { .giveUp(.notRetryable) }
}
package struct RetryBudget: Sendable { package init(_ policy: RetryPolicy) {}
 package mutating func take(callsInFlight: Int) -> Bool { true }
 package mutating func giveBack() {} }
package struct Breaker: Sendable {
  package init(_ policy: BreakerPolicy) {}
  package struct Permit: Hashable, Sendable {}
  package enum Verdict: Hashable, Sendable { case success, failure(String), neutral }
  package struct Rejection: Error, Hashable, Sendable { package var retryAfter: Duration?; package var reason: String }
  package struct Transition: Hashable, Sendable { package var from, to: BreakerSnapshot.State; package var at: Instant; package var reason: String }
  package mutating func admit(at now: Instant) -> Result<Permit, Rejection> { .success(Permit()) }
  package mutating func record(_ permit: Permit, _ verdict: Verdict, at now: Instant) {}
  package mutating func forceOpen(reason: String, at now: Instant) {}
  package mutating func forceClose(reason: String, at now: Instant) {}
  package mutating func reset(reason: String, at now: Instant) {}
  package func state(at now: Instant) -> BreakerSnapshot.State { .closed }
  package var openUntil: Instant? { nil }
  package var reason: String? { nil }
  package var consecutiveFailures: Int { 0 }
  package mutating func failureRate(at now: Instant) -> Double? { nil }
  package mutating func drainTransitions() -> [Transition] { [] }
  package static func verdict(on reply: Reply) -> Verdict { .neutral }
}
package struct Pool<Waiter: Hashable & Sendable>: Sendable {
  package enum Action: Hashable, Sendable { case open(ConnectionID), close(ConnectionID), grant(Waiter, ConnectionID), refuse(Waiter, Failure) }
  package init(_ policy: PoolPolicy, opensOnDemand: Bool, firstNumber: UInt64) {}
  package mutating func start(at now: Instant) -> [Action] { [] }
  package mutating func acquire(_ waiter: Waiter, at now: Instant) -> [Action] { [] }
  package mutating func cancel(_ waiter: Waiter) {}
  package mutating func release(_ id: ConnectionID, isBroken: Bool, at now: Instant) -> [Action] { [] }
  package mutating func opened(_ id: ConnectionID, at now: Instant, using random: inout some RandomNumberGenerator) -> [Action] { [] }
  package mutating func openFailed(_ id: ConnectionID, _ failure: Failure, at now: Instant, using random: inout some RandomNumberGenerator) -> [Action] { [] }
  package mutating func closed(_ id: ConnectionID, _ failure: Failure, at now: Instant, using random: inout some RandomNumberGenerator) -> [Action] { [] }
  package mutating func invalidateIdle(_ failure: Failure, at now: Instant, using random: inout some RandomNumberGenerator) -> [Action] { [] }
  package mutating func retryNow(at now: Instant) -> [Action] { [] }
  package mutating func timeReached(_ now: Instant, using random: inout some RandomNumberGenerator) -> [Action] { [] }
  package var nextDeadline: Instant? { nil }
  package mutating func stop() -> [Action] { [] }
  package var isConnected: Bool { false }
  package var snapshot: PoolSnapshot { PoolSnapshot() }
  package func anyOpen() -> ConnectionID? { nil }
}
package struct ResponseCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  package init(_ policy: CachePolicy) {}
  package mutating func value(for key: Key, at now: Instant) -> Value? { nil }
  package mutating func insert(_ value: Value, for key: Key, timeToLive: Duration?, at now: Instant) {}
  package mutating func remove(_ key: Key) {}
  package mutating func sweep(at now: Instant) {}
  package var snapshot: CacheSnapshot { CacheSnapshot() }
}
package struct HealthTracker: Sendable { package init(_ policy: HealthPolicy) {}
  package mutating func succeeded(in duration: Duration, at time: Timestamp) {}
  package mutating func failed(_ message: String, at time: Timestamp) {}
  package var snapshot: HealthSnapshot { HealthSnapshot() }
  package func nextInterval(using random: inout some RandomNumberGenerator) -> Duration { .seconds(1) } }
package struct DeadlineQueue<Key: Hashable & Sendable>: Sendable { package init() {}
  package mutating func set(_ key: Key, at instant: Instant) {}
  package mutating func remove(_ key: Key) {}
  package mutating func popDue(_ now: Instant) -> Key? { nil }
  package var next: Instant? { nil } }
