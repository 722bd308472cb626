package import FleetModel

/// Answers kept for a while, at most `entryLimit` of them.
///
/// Which one leaves when it is full: first what is past its time, the longest first; then the least
/// recently used (LRU), the least often used (LFU, ties by last use; all counts are halved every
/// 10 × limit hits, so that old fame fades), the first inserted (FIFO), or the first to expire
/// (TTL). An answer past its time is given out as stale only, for at most `staleLimit`.
package struct ResponseCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    var key: Key
    var value: Value
    var cachedAt: Instant
    var expiresAt: Instant
    var accessCount = 0
  }

  /// For LFU; lowest leaves first.
  private struct Rank: Comparable, Sendable {
    /// As the access count, but halved with age.
    var frequency: Int
    /// Number of the last hit or insertion.
    var lastUse: UInt64

    static func < (left: Rank, right: Rank) -> Bool {
      (left.frequency, left.lastUse) < (right.frequency, right.lastUse)
    }
  }

  /// Entries dropped by one sweep.
  package static var sweepLimit: Int { 1000 }

  private let policy: CachePolicy
  private var slots: [Key: Int] = [:]
  /// By slot; nil where the slot is free.
  private var entries: [Entry?] = []
  private var freeSlots: [Int] = []
  /// Of slots: by last use for LRU, by insertion for the others.
  private var order = SlotList()
  /// Of slots; used for LFU only.
  private var ranks = IndexedHeap<Int, Rank>()
  private var expiries = DeadlineQueue<Int>()
  private var lastUse: UInt64 = 0
  private var hitsSinceAgeing = 0
  private var counts = CacheSnapshot()

  /// Rises with every removal: an answer that was asked for in an older epoch must not be kept.
  package private(set) var epoch: UInt64 = 0

  package init(_ policy: CachePolicy) { self.policy = policy }

  /// Without the entries, which `entries(at:civil:name:)` lists.
  package var snapshot: CacheSnapshot {
    var snapshot = counts
    snapshot.size = slots.count
    return snapshot
  }

  // MARK: Reading

  /// The answer if it is here and not past its time; counts a hit or a miss. Nothing when disabled.
  package mutating func value(for key: Key, at now: Instant) -> Value? {
    guard policy.isEnabled else { return nil }
    guard let slot = slots[key], let expiresAt = entries[slot]?.expiresAt else {
      counts.misses += 1
      return nil
    }
    guard now < expiresAt else {
      counts.misses += 1
      counts.expired += 1
      if !isKept(expiresAt, at: now) { drop(slot) }
      return nil
    }
    counts.hits += 1
    entries[slot]?.accessCount += 1
    switch policy.eviction {
    case .lru: order.moveToEnd(slot)
    case .lfu: riseInRank(slot)
    case .fifo, .ttl: break
    }
    return entries[slot]?.value
  }

  /// The answer if it is here, fresh or past its time by at most the policy's `staleLimit`; counts
  /// it as stale when it is past its time, never as a hit or a miss.
  package mutating func staleValue(for key: Key, at now: Instant) -> Value? {
    guard let slot = slots[key], let entry = entries[slot], isKept(entry.expiresAt, at: now) else {
      return nil
    }
    if now >= entry.expiresAt { counts.stale += 1 }
    entries[slot]?.accessCount += 1
    return entry.value
  }

  /// In no order that means anything.
  package var keys: some Collection<Key> { slots.keys }

  package func contains(_ key: Key) -> Bool { slots[key] != nil }

  /// Reads since the answer was kept; nil when it is not here.
  package func accessCount(of key: Key) -> Int? { slots[key].flatMap { entries[$0]?.accessCount } }

  package func cachedAt(of key: Key) -> Instant? { slots[key].flatMap { entries[$0]?.cachedAt } }

  /// What is here, stale or not: the most read first, ties by name, at most
  /// `CacheSnapshot.entryLimit`.
  ///
  /// - Parameters:
  ///   - civil: the civil time of an instant.
  ///   - name: what the operator sees of a key.
  package func entries(
    at now: Instant, civil: (Instant) -> Timestamp, name: (Key) -> String
  ) -> [CacheEntrySnapshot] {
    var best: [CacheEntrySnapshot] = []
    for entry in entries {
      guard let entry, isKept(entry.expiresAt, at: now) else { continue }
      // Most are sent away by their count, before they are given a name.
      if best.count == CacheSnapshot.entryLimit, let last = best.last {
        guard entry.accessCount >= last.accessCount else { continue }
      }
      let picture = CacheEntrySnapshot(
        key: name(entry.key), cachedAt: civil(entry.cachedAt), expiresAt: civil(entry.expiresAt),
        accessCount: entry.accessCount)
      let place = best.firstIndex {
        ($0.accessCount, picture.key) < (picture.accessCount, $0.key)
      }
      best.insert(picture, at: place ?? best.endIndex)
      if best.count > CacheSnapshot.entryLimit { best.removeLast() }
    }
    return best
  }

  // MARK: Writing

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
    if let slot = slots[key] { drop(slot) }
    if slots.count >= policy.entryLimit, let victim = victim(at: now) {
      drop(victim)
      counts.evictions += 1
    }
    let entry = Entry(key: key, value: value, cachedAt: now, expiresAt: now + timeToLive)
    let slot = freeSlots.popLast() ?? entries.count
    if slot == entries.count { entries.append(entry) } else { entries[slot] = entry }
    slots[key] = slot
    order.append(slot)
    expiries.set(slot, at: entry.expiresAt)
    guard policy.eviction == .lfu else { return }
    lastUse += 1
    ranks.set(slot, Rank(frequency: 0, lastUse: lastUse))
  }

  package mutating func remove(_ key: Key) {
    epoch += 1
    if let slot = slots[key] { drop(slot) }
  }

  package mutating func removeAll() {
    epoch += 1
    slots = [:]
    entries = []
    freeSlots = []
    order = SlotList()
    ranks.removeAll()
    expiries = DeadlineQueue()
  }

  /// Drops what may not even be given out as stale any more, at most `sweepLimit` of it; reads
  /// never see it anyway, but it takes room.
  package mutating func sweep(at now: Instant) {
    for _ in 0..<Self.sweepLimit {
      guard let next = expiries.next, !isKept(next, at: now), let slot = expiries.popFirst() else {
        return
      }
      drop(slot)
    }
  }

  // MARK: Rules

  private func isKept(_ expiresAt: Instant, at now: Instant) -> Bool {
    now < expiresAt || (policy.staleLimit > .zero && now <= expiresAt + policy.staleLimit)
  }

  private func victim(at now: Instant) -> Int? {
    if let next = expiries.next, next <= now { return expiries.first }
    switch policy.eviction {
    case .lru, .fifo: return order.first
    case .lfu: return ranks.first?.key
    case .ttl: return expiries.first
    }
  }

  private mutating func drop(_ slot: Int) {
    guard let key = entries[slot]?.key else { return }
    slots[key] = nil
    entries[slot] = nil
    freeSlots.append(slot)
    order.remove(slot)
    ranks.remove(slot)
    expiries.remove(slot)
  }

  private mutating func riseInRank(_ slot: Int) {
    lastUse += 1
    let frequency = ranks.rank(of: slot)?.frequency ?? 0
    ranks.set(slot, Rank(frequency: frequency + 1, lastUse: lastUse))
    hitsSinceAgeing += 1
    guard hitsSinceAgeing >= 10 * policy.entryLimit else { return }
    hitsSinceAgeing = 0
    for slot in ranks.keys {
      guard let rank = ranks.rank(of: slot) else { continue }
      ranks.set(slot, Rank(frequency: rank.frequency / 2, lastUse: rank.lastUse))
    }
  }
}
