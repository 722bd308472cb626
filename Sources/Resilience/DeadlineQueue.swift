package import FleetModel

/// Deadlines by key, earliest first; one deadline a key.
///
/// Specialized for the engine's timers, of which a call sets two: without it every use would go
/// through tables of functions and take several times as long.
package struct DeadlineQueue<Key: Hashable & Sendable>: Sendable {
  private struct Rank: Comparable, Sendable {
    var instant: Instant
    /// Breaks ties in the order of insertion.
    var number: UInt64

    static func < (left: Rank, right: Rank) -> Bool {
      left.instant == right.instant ? left.number < right.number : left.instant < right.instant
    }
  }

  private var heap = IndexedHeap<Key, Rank>()
  private var lastNumber: UInt64 = 0

  package init() {}

  package var count: Int { heap.count }

  /// The earliest deadline; nil when there is none. Kept, because it is asked for at every event.
  package private(set) var next: Instant?

  /// The key with the earliest deadline.
  var first: Key? { heap.first?.key }

  /// Sets or moves a key's deadline; among equals it comes last.
  @specialized(where Key == FleetTimer)
  package mutating func set(_ key: Key, at instant: Instant) { place(key, at: instant) }

  /// Not inlined, as `take`: its preparations for any key would come before the choice of the
  /// special one.
  @inline(never)
  private mutating func place(_ key: Key, at instant: Instant) {
    lastNumber += 1
    heap.set(key, Rank(instant: instant, number: lastNumber))
    next = heap.first?.rank.instant
  }

  @specialized(where Key == FleetTimer)
  package mutating func remove(_ key: Key) { take(key) }

  @inline(never)
  private mutating func take(_ key: Key) {
    heap.remove(key)
    next = heap.first?.rank.instant
  }

  /// Takes the earliest key whose deadline is not after `now`; nil when none is due.
  @specialized(where Key == FleetTimer)
  package mutating func popDue(_ now: Instant) -> Key? {
    guard let next, next <= now else { return nil }
    return popFirst()
  }

  /// Takes the earliest key, due or not.
  mutating func popFirst() -> Key? {
    guard let key = heap.first?.key else { return nil }
    take(key)
    return key
  }

  func contains(_ key: Key) -> Bool { heap.rank(of: key) != nil }
}
