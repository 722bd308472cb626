package import FleetModel

/// Answers kept for a while, at most `entryLimit` of them.
///
/// Which one leaves when it is full: first what is past its time, the longest first; then the least
/// recently used (LRU), the least often used (LFU, ties by last use; all counts are halved every
/// 10 × limit hits, so that old fame fades), the first inserted (FIFO), or the first to expire
/// (TTL). An answer past its time is given out as stale only, for at most `staleLimit`.
package struct ResponseCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    let key: Key
    let value: Value
  }

  /// Entries dropped by one sweep.
  package static var sweepLimit: Int { 1000 }

  private var policy: CachePolicy
  private var slots: [Key: Int] = [:]
  /// By slot; nil where the slot is free.
  private var entries: [Entry?] = []
  /// By slot. Apart from the entries, so that a hit writes to nothing that counts references.
  private var facts: [CacheEntryFacts] = []
  private var freeSlots: [Int] = []
  private var order: CacheOrder
  private var counts = CacheSnapshot()

  /// Rises with every removal: an answer that was asked for in an older epoch must not be kept.
  package private(set) var epoch: UInt64 = 0

  package init(_ policy: CachePolicy) {
    self.policy = policy
    order = CacheOrder(policy)
  }

  /// Other limits from now on; what is kept stays, unless the new policy keeps less or otherwise.
  package mutating func adopt(_ policy: CachePolicy) {
    let old = self.policy
    self.policy = policy
    if (old.isEnabled, old.entryLimit, old.eviction)
      != (policy.isEnabled, policy.entryLimit, policy.eviction)
    {
      removeAll()
    }
  }

  /// Without the entries, which `entries(at:civil:name:)` lists.
  package var snapshot: CacheSnapshot {
    var snapshot = counts
    snapshot.size = slots.count
    return snapshot
  }

  // MARK: Reading

  /// The answer if it is here and not past its time; counts a hit or a miss. Nothing when disabled.
  ///
  /// Specialized for reads of servers: other modules see no generic code, and without it a hit goes
  /// through tables of functions and takes three times as long.
  @specialized(where Key == ReadKey, Value == JSONText)
  package mutating func value(for key: Key, at now: Instant) -> Value? {
    freshValue(for: key, at: now)
  }

  /// Not inlined: its preparations for any type would come before the choice of the special one.
  @inline(never)
  private mutating func freshValue(for key: Key, at now: Instant) -> Value? {
    guard policy.isEnabled else { return nil }
    guard let slot = slots[key] else {
      counts.misses += 1
      return nil
    }
    guard now.nanoseconds < facts[slot].expiresAt.nanoseconds else {
      missExpired(slot, at: now)
      return nil
    }
    counts.hits += 1
    facts[slot].accessCount += 1
    order.hit(slot)
    return entries[slot]?.value
  }

  private mutating func missExpired(_ slot: Int, at now: Instant) {
    counts.misses += 1
    counts.expired += 1
    if !isKept(facts[slot].expiresAt, at: now) { drop(slot) }
  }

  /// The answer if it is here, fresh or past its time by at most the policy's `staleLimit`; counts
  /// it as stale when it is past its time, never as a hit or a miss.
  package mutating func staleValue(for key: Key, at now: Instant) -> Value? {
    guard let slot = slots[key], isKept(facts[slot].expiresAt, at: now) else { return nil }
    if now >= facts[slot].expiresAt { counts.stale += 1 }
    facts[slot].accessCount += 1
    return entries[slot]?.value
  }

  /// In no order that means anything.
  package var keys: some Collection<Key> { slots.keys }

  package func contains(_ key: Key) -> Bool { slots[key] != nil }

  /// Reads since the answer was kept; nil when it is not here.
  package func accessCount(of key: Key) -> Int? { slots[key].map { facts[$0].accessCount } }

  package func cachedAt(of key: Key) -> Instant? { slots[key].map { facts[$0].cachedAt } }

  /// What is here, stale or not: the most read first, ties by name, at most
  /// `CacheSnapshot.entryLimit`.
  ///
  /// - Parameters:
  ///   - civil: the civil time of an instant.
  ///   - name: what the operator sees of a key.
  @specialized(where Key == ReadKey, Value == JSONText)
  package func entries(
    at now: Instant, civil: (Instant) -> Timestamp, name: (Key) -> String
  ) -> [CacheEntrySnapshot] {
    var best: [CacheEntrySnapshot] = []
    for slot in entries.indices {
      let facts = facts[slot]
      guard let entry = entries[slot], isKept(facts.expiresAt, at: now) else { continue }
      // Most are sent away by their count, before they are given a name.
      if best.count == CacheSnapshot.entryLimit, let last = best.last {
        guard facts.accessCount >= last.accessCount else { continue }
      }
      let picture = CacheEntrySnapshot(
        key: name(entry.key), cachedAt: civil(facts.cachedAt), expiresAt: civil(facts.expiresAt),
        accessCount: facts.accessCount)
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
  @specialized(where Key == ReadKey, Value == JSONText)
  package mutating func insert(
    _ value: Value, for key: Key, timeToLive: Duration?, begunIn begun: UInt64? = nil,
    at now: Instant
  ) {
    let timeToLive = timeToLive ?? policy.timeToLive
    guard policy.isEnabled, policy.entryLimit > 0, timeToLive > .zero, begun ?? epoch == epoch
    else { return }
    if let slot = slots[key] { drop(slot) }
    if slots.count >= policy.entryLimit, let victim = order.victim(at: now) {
      drop(victim)
      counts.evictions += 1
    }
    let slot = freeSlots.popLast() ?? entries.count
    if slot == entries.count {
      entries.append(nil)
      facts.append(CacheEntryFacts(cachedAt: now, expiresAt: now))
    }
    entries[slot] = Entry(key: key, value: value)
    facts[slot] = CacheEntryFacts(cachedAt: now, expiresAt: now + timeToLive)
    slots[key] = slot
    order.insert(slot, expiresAt: facts[slot].expiresAt)
  }

  package mutating func remove(_ key: Key) {
    epoch += 1
    if let slot = slots[key] { drop(slot) }
  }

  /// Drops the answers to these keys, and has none kept that was asked for before.
  package mutating func removeAll(where isOld: (Key) -> Bool) {
    epoch += 1
    for slot in entries.indices {
      if let key = entries[slot]?.key, isOld(key) { drop(slot) }
    }
  }

  package mutating func removeAll() {
    epoch += 1
    slots = [:]
    entries = []
    facts = []
    freeSlots = []
    order = CacheOrder(policy)
  }

  /// Drops what may not even be given out as stale any more, at most `sweepLimit` of it; reads
  /// never see it anyway, but it takes room.
  package mutating func sweep(at now: Instant) {
    for _ in 0..<Self.sweepLimit {
      guard let expiry = order.firstExpiry, !isKept(expiry, at: now),
        let slot = order.firstToExpire
      else { return }
      drop(slot)
    }
  }

  // MARK: Rules

  private func isKept(_ expiresAt: Instant, at now: Instant) -> Bool {
    now < expiresAt || (policy.staleLimit > .zero && now <= expiresAt + policy.staleLimit)
  }

  private mutating func drop(_ slot: Int) {
    guard let key = entries[slot]?.key else { return }
    slots[key] = nil
    entries[slot] = nil
    freeSlots.append(slot)
    order.remove(slot)
  }
}

/// What is known of an entry apart from its key and value.
private struct CacheEntryFacts: Sendable {
  var cachedAt: Instant
  var expiresAt: Instant
  var accessCount = 0
}
