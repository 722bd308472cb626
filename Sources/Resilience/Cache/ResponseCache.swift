package import FleetModel

/// Answers kept for a while, at most `entryLimit` of them.
///
/// Which one leaves when it is full: the least recently used (LRU), the least often used (LFU, ties
/// by last use; all counts are halved every 10 × limit reads, so that old fame fades), the first
/// inserted (FIFO), or the first to expire (TTL). An expired answer is never given out.
package struct ResponseCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    var value: Value
    var cachedAt: Instant
    var expiresAt: Instant
    var accessCount = 0
    /// As `accessCount`, but halved with age; decides for LFU.
    var frequency: Int64 = 0
    /// Number of the last read or write.
    var lastUse: UInt64
  }

  /// Lowest leaves first.
  private struct Rank: Comparable, Sendable {
    var worth: Int64
    var order: UInt64

    static func < (left: Rank, right: Rank) -> Bool {
      (left.worth, left.order) < (right.worth, right.order)
    }
  }

  private let policy: CachePolicy
  private var entries: [Key: Entry] = [:]
  private var ranks = IndexedHeap<Key, Rank>()
  private var expiries = DeadlineQueue<Key>()
  private var lastUse: UInt64 = 0
  private var readsSinceAgeing = 0
  private var counts = CacheSnapshot()

  /// Rises with every removal: an answer that was asked for in an older epoch must not be kept.
  package private(set) var epoch: UInt64 = 0

  package init(_ policy: CachePolicy) { self.policy = policy }

  package var snapshot: CacheSnapshot {
    var snapshot = counts
    snapshot.size = entries.count
    return snapshot
  }

  /// The answer if it is here and not expired; counts a hit or a miss. Nothing when disabled.
  package mutating func value(for key: Key, at now: Instant) -> Value? {
    guard policy.isEnabled else { return nil }
    guard var entry = entries[key], now < entry.expiresAt else {
      if entries[key] != nil { drop(key) }
      counts.misses += 1
      return nil
    }
    counts.hits += 1
    lastUse += 1
    entry.lastUse = lastUse
    entry.accessCount += 1
    entry.frequency += 1
    entries[key] = entry
    rank(key, entry, isRead: true)
    age()
    return entry.value
  }

  /// Keeps an answer in place of an older one, and drops the least worthy when full.
  ///
  /// - Parameters:
  ///   - timeToLive: the answer's own; nil for the policy's. Zero or less keeps nothing.
  ///   - begun: the epoch in which the answer was asked for; another than the present one keeps
  ///     nothing.
  package mutating func insert(
    _ value: Value, for key: Key, timeToLive: Duration?, begunIn begun: UInt64? = nil,
    at now: Instant
  ) {
    let timeToLive = timeToLive ?? policy.timeToLive
    guard policy.isEnabled, policy.entryLimit > 0, timeToLive > .zero, begun ?? epoch == epoch
    else { return }
    drop(key)
    if entries.count >= policy.entryLimit, let victim = ranks.first?.key {
      drop(victim)
      counts.evictions += 1
    }
    lastUse += 1
    let entry = Entry(
      value: value, cachedAt: now, expiresAt: now + timeToLive, lastUse: lastUse)
    entries[key] = entry
    rank(key, entry, isRead: false)
    expiries.set(key, at: entry.expiresAt)
  }

  package mutating func remove(_ key: Key) {
    epoch += 1
    drop(key)
  }

  package mutating func removeAll() {
    epoch += 1
    entries = [:]
    ranks.removeAll()
    expiries = DeadlineQueue()
  }

  /// Drops what has expired; reads never see it anyway, but it takes room.
  package mutating func sweep(at now: Instant) {
    while let key = expiries.popDue(now) { drop(key) }
  }

  /// Reads since the answer was kept; nil when it is not here.
  package func accessCount(of key: Key) -> Int? { entries[key]?.accessCount }

  package func cachedAt(of key: Key) -> Instant? { entries[key]?.cachedAt }

  private mutating func drop(_ key: Key) {
    entries[key] = nil
    ranks.remove(key)
    expiries.remove(key)
  }

  private mutating func rank(_ key: Key, _ entry: Entry, isRead: Bool) {
    switch policy.eviction {
    case .lru: ranks.set(key, Rank(worth: 0, order: entry.lastUse))
    case .lfu: ranks.set(key, Rank(worth: entry.frequency, order: entry.lastUse))
    case .fifo where isRead, .ttl where isRead: return
    case .fifo: ranks.set(key, Rank(worth: 0, order: entry.lastUse))
    case .ttl: ranks.set(key, Rank(worth: entry.expiresAt.nanoseconds, order: entry.lastUse))
    }
  }

  private mutating func age() {
    readsSinceAgeing += 1
    guard policy.eviction == .lfu, readsSinceAgeing >= 10 * policy.entryLimit else { return }
    readsSinceAgeing = 0
    for key in ranks.keys {
      guard var entry = entries[key] else { continue }
      entry.frequency /= 2
      entries[key] = entry
      rank(key, entry, isRead: true)
    }
  }
}
