package import FleetModel

/// How many tries of one server run at once, and who waits for a place.
///
/// A place that is given back goes straight to the next waiter, so nobody can be woken in vain and
/// no newcomer passes the queue. Who waits, holds nothing; who runs, gives back by `leave` once.
///
/// What every try passes is specialized for calls: other modules see no generic code, and without
/// that a free place costs five times as much.
package struct Bulkhead<Waiter: Hashable & Sendable>: Sendable {
  /// What became of a request for a place.
  package enum Entry: Hashable, Sendable {
    /// The place is taken; ends with `leave`.
    case entered
    /// Waiting; ends when `leave`, `popOverdue` or `removeWaiters` names it, or with `cancel`.
    case queued
    /// Neither a place nor room in the queue.
    case full
  }

  /// Lower goes first.
  private struct Rank: Comparable, Sendable {
    var priority: Int
    var number: UInt64

    static func < (left: Rank, right: Rank) -> Bool {
      (left.priority, left.number) < (right.priority, right.number)
    }
  }

  private var limit: Int
  private var queueLimit: Int
  private var queueTimeout: Duration
  package private(set) var running = 0
  private var queue = IndexedHeap<Waiter, Rank>()
  private var deadlines = DeadlineQueue<Waiter>()
  private var lastNumber: UInt64 = 0

  /// - Parameters:
  ///   - limit: places; less than 1 counts as 1.
  ///   - queueLimit: who may wait at once, of all priorities together.
  ///   - queueTimeout: how long each may wait.
  package init(limit: Int, queueLimit: Int, queueTimeout: Duration) {
    self.limit = max(1, limit)
    self.queueLimit = max(0, queueLimit)
    self.queueTimeout = queueTimeout
  }

  /// Other limits from now on, as in `init`. Whoever runs or waits already goes on doing so, even
  /// where the new limits are lower.
  /// - Returns: waiters for whom there is a place now; they have it.
  package mutating func adopt(
    limit: Int, queueLimit: Int, queueTimeout: Duration
  ) -> [Waiter] {
    self.limit = max(1, limit)
    self.queueLimit = max(0, queueLimit)
    self.queueTimeout = queueTimeout
    var admitted: [Waiter] = []
    while running < self.limit, let next = popFirst() {
      running += 1
      admitted.append(next)
    }
    return admitted
  }

  package var waiting: Int { queue.count }

  /// When the next waiter is overdue; nil when nobody waits.
  package var nextDeadline: Instant? { deadlines.next }

  /// A place, a place in the queue (behind all of its priority or a higher one), or nothing.
  @specialized(where Waiter == CallID)
  package mutating func enter(
    _ waiter: Waiter, _ priority: Call.Priority, at now: Instant
  ) -> Entry {
    if running < limit {
      running += 1
      return .entered
    }
    guard queue.count < queueLimit else { return .full }
    precondition(queue.rank(of: waiter) == nil, "a waiter waits once")
    lastNumber += 1
    queue.set(waiter, Rank(priority: priority.rawValue, number: lastNumber))
    deadlines.set(waiter, at: now + queueTimeout)
    return .queued
  }

  /// Gives a place back; the waiter it goes to has it already.
  @specialized(where Waiter == CallID)
  package mutating func leave() -> Waiter? {
    precondition(running > 0, "a place in the bulkhead is given back once")
    if queue.count > 0, running <= limit, let next = popFirst() { return next }
    running -= 1
    return nil
  }

  /// Takes a waiter out of the queue; nothing for one that is not in it.
  package mutating func cancel(_ waiter: Waiter) {
    queue.remove(waiter)
    deadlines.remove(waiter)
  }

  /// Takes out the waiter that is overdue the longest; nil when none is.
  package mutating func popOverdue(_ now: Instant) -> Waiter? {
    guard let waiter = deadlines.popDue(now) else { return nil }
    queue.remove(waiter)
    return waiter
  }

  /// Everybody who waits, in the order they would have been served; the queue is empty then.
  package mutating func removeWaiters() -> [Waiter] {
    var waiters: [Waiter] = []
    while let waiter = popFirst() { waiters.append(waiter) }
    return waiters
  }

  private mutating func popFirst() -> Waiter? {
    guard let waiter = queue.first?.key else { return nil }
    cancel(waiter)
    return waiter
  }
}
