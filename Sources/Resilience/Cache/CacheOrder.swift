import FleetModel

/// Which entry of a full cache leaves next. Knows the entries by their slots only.
struct CacheOrder: Sendable {
  /// For LFU; lowest leaves first.
  private struct Rank: Comparable, Sendable {
    /// Hits, halved with age.
    var frequency = 0
    /// Number of the last hit or insertion.
    var lastUse: UInt64

    static func < (left: Rank, right: Rank) -> Bool {
      (left.frequency, left.lastUse) < (right.frequency, right.lastUse)
    }
  }

  private let eviction: CachePolicy.Eviction
  /// Hits between two halvings.
  private let ageingInterval: Int
  /// By last use for LRU, by insertion for FIFO.
  private var list = SlotList()
  /// By slot; for LFU.
  private var ranks: [Rank] = []
  /// For LFU. A hit does not move its slot here: as ranks only grow until they are halved, a slot
  /// is found to be too low when it comes first, and is moved then.
  private var heap = IndexedHeap<Int, Rank>()
  private var expiries = DeadlineQueue<Int>()
  private var lastUse: UInt64 = 0
  private var hitsSinceAgeing = 0

  init(_ policy: CachePolicy) {
    eviction = policy.eviction
    ageingInterval = 10 * policy.entryLimit
  }

  /// When the first one is past its time.
  var firstExpiry: Instant? { expiries.next }

  /// The first to be past its time.
  var firstToExpire: Int? { expiries.first }

  /// - Parameter slot: at most one more than the highest ever.
  mutating func insert(_ slot: Int, expiresAt: Instant) {
    expiries.set(slot, at: expiresAt)
    switch eviction {
    case .lru, .fifo: list.append(slot)
    case .lfu:
      lastUse += 1
      let rank = Rank(lastUse: lastUse)
      if slot == ranks.count { ranks.append(rank) } else { ranks[slot] = rank }
      heap.set(slot, rank)
    case .ttl: break
    }
  }

  mutating func remove(_ slot: Int) {
    expiries.remove(slot)
    switch eviction {
    case .lru, .fifo: list.remove(slot)
    case .lfu: heap.remove(slot)
    case .ttl: break
    }
  }

  mutating func hit(_ slot: Int) {
    switch eviction {
    case .lru: list.moveToEnd(slot)
    case .lfu:
      lastUse += 1
      ranks[slot].frequency += 1
      ranks[slot].lastUse = lastUse
      hitsSinceAgeing += 1
      if hitsSinceAgeing >= ageingInterval { age() }
    case .fifo, .ttl: break
    }
  }

  /// What is past its time first, then what the policy names.
  mutating func victim(at now: Instant) -> Int? {
    if let next = expiries.next, next <= now { return expiries.first }
    switch eviction {
    case .lru, .fifo: return list.first
    case .lfu:
      while let first = heap.first, first.rank != ranks[first.key] {
        heap.set(first.key, ranks[first.key])
      }
      return heap.first?.key
    case .ttl: return expiries.first
    }
  }

  private mutating func age() {
    hitsSinceAgeing = 0
    for slot in heap.keys {
      ranks[slot].frequency /= 2
      heap.set(slot, ranks[slot])
    }
  }
}
