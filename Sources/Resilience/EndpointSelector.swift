package import FleetModel

/// Which of a server's endpoints its calls go to; 0 is the most preferred.
///
/// After failures it moves to an endpoint that never failed since it was last well, the most
/// preferred of them; where there is none, to the one that failed longest ago, so that it goes
/// round. It moves back to a preferred one that has been well for a while.
package struct EndpointSelector: Sendable {
  /// A failure longer ago says nothing about an endpoint any more.
  package static let failureMemory = Duration.seconds(60)

  private var policy: FailoverPolicy
  /// Of each endpoint the number of its last failure; 0 is none since it was last well.
  private var failures: [UInt64]
  private var lastFailure: UInt64 = 0
  /// When each was last left; nil once it passed a check since.
  private var leftAt: [Instant?]
  /// Attempts to connect to the current one that failed in a row.
  private var failuresInRow = 0
  /// Which of the more preferred is watched.
  private var watchedIndex = 0
  /// When the watched one passed the first of its checks in a row; nil when it did not.
  private var wellSince: Instant?

  package private(set) var current = 0

  /// - Parameter count: ≥ 1.
  package init(count: Int, policy: FailoverPolicy) {
    precondition(count > 0, "a server has at least one endpoint")
    self.policy = policy
    failures = Array(repeating: 0, count: count)
    leftAt = Array(repeating: nil, count: count)
  }

  /// Other limits from now on, over the same endpoints.
  package mutating func adopt(_ policy: FailoverPolicy) { self.policy = policy }

  /// A more preferred endpoint than the current one, to be checked; nil on the most preferred. One
  /// at a time: the most preferred first, and after each failed check the next, so that a second
  /// choice is found while the first stays away.
  package var watched: Int? { watchedIndex < current ? watchedIndex : nil }

  /// Whether the current one was itself left a short while ago: then all fail, and there is nobody
  /// to hurry to.
  package func hasFailedLately(at now: Instant) -> Bool {
    leftAt[current].map { now < $0 + Self.failureMemory } ?? false
  }

  /// A connection to the current one is open.
  package mutating func opened() {
    failuresInRow = 0
    failures[current] = 0
  }

  /// An attempt to connect to the current one failed; true when it moved to another.
  package mutating func openFailed(at now: Instant) -> Bool {
    failuresInRow += 1
    return failuresInRow >= policy.openFailureLimit && moveOn(at: now)
  }

  /// The breaker of the calls to the current one opened; true when it moved to another.
  package mutating func breakerOpened(at now: Instant) -> Bool { moveOn(at: now) }

  /// A check of the watched endpoint ended; true when it moved back to it. A check begun before
  /// `watched` changed must be dropped, because it is about another endpoint.
  package mutating func watchedAnswered(isWell: Bool, at now: Instant) -> Bool {
    guard let watched else { return false }
    guard isWell else {
      wellSince = nil
      watchedIndex = (watched + 1) % current
      return false
    }
    failures[watched] = 0
    leftAt[watched] = nil
    let since = wellSince ?? now
    wellSince = since
    guard now >= since + policy.returnAfter else { return false }
    move(to: watched)
    return true
  }

  private mutating func moveOn(at now: Instant) -> Bool {
    lastFailure += 1
    failures[current] = lastFailure
    leftAt[current] = now
    // `min` gives the first, which is the most preferred, of equals.
    let others = failures.indices.filter { $0 != current }
    guard let next = others.min(by: { failures[$0] < failures[$1] }) else {
      return false
    }
    move(to: next)
    return true
  }

  private mutating func move(to next: Int) {
    current = next
    failuresInRow = 0
    watchedIndex = 0
    wellSince = nil
  }
}
