import FleetModel
import Resilience
import TestInputs
import Testing

/// Random reads, writes, removals and sweeps against a plain list, for every way to choose who
/// leaves.
@Suite struct ResponseCacheModelTests {
  @Test(arguments: CachePolicy.Eviction.allCases, 0..<8)
  func `it agrees with a naive list`(eviction: CachePolicy.Eviction, seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var policy = CachePolicy()
    policy.eviction = eviction
    policy.entryLimit = 1 + random.below(12)
    policy.staleLimit = .seconds(random.below(2) * 100)
    var cache = ResponseCache<Int, Int>(policy)
    var model = NaiveCache(policy: policy)
    var now = at(0)
    for step in 0..<3000 {
      now = now + .milliseconds(random.below(3000))
      let key = random.below(20)
      switch random.below(100) {
      case 0..<50:
        #expect(cache.value(for: key, at: now) == model.value(for: key, at: now))
      case 50..<55:
        #expect(cache.staleValue(for: key, at: now) == model.staleValue(for: key, at: now))
      case 55..<92:
        let life: Duration? = random.chance(50) ? nil : .seconds(random.below(200))
        let begun = random.chance(90) ? model.epoch : model.epoch - 1
        cache.insert(
          step, for: key, timeToLive: life, begunIn: UInt64(bitPattern: Int64(begun)), at: now)
        if begun == model.epoch {
          model.insert(step, for: key, life: life ?? policy.timeToLive, at: now)
        }
      case 92..<96:
        cache.remove(key)
        model.remove { $0.key == key }
      case 96..<99:
        cache.sweep(at: now)
        model.expire(at: now)
      default:
        cache.removeAll()
        model.removeAll()
      }
      #expect(cache.snapshot.size == model.items.count)
      #expect(cache.snapshot.size <= policy.entryLimit)
      #expect((0..<20).filter { cache.contains($0) } == model.items.map(\.key).sorted())
      #expect(
        (0..<20).compactMap { cache.accessCount(of: $0) }
          == model.items.sorted { $0.key < $1.key }.map(\.reads))
    }
    let counts = cache.snapshot
    #expect(counts.hits == model.hits && counts.misses == model.gets - model.hits)
    #expect(counts.expired == model.expired && counts.stale == model.stale)
    #expect(counts.evictions == model.evictions)
    #expect(
      model.inserts - counts.evictions - model.expirations - model.removals == counts.size)
  }
}

/// The rules as slowly and plainly as they can be written.
private struct NaiveCache {
  struct Item {
    var key: Int
    var value: Int
    var expiresAt: Instant
    var frequency = 0
    var reads = 0
    var insertedAt: Int
    var usedAt: Int
  }

  let policy: CachePolicy
  var items: [Item] = []
  var gets = 0
  var hits = 0
  var expired = 0
  var stale = 0
  var inserts = 0
  var evictions = 0
  /// Dropped because they were too old even to be stale.
  var expirations = 0
  /// By hand, or replaced.
  var removals = 0
  var epoch = 0
  private var clock = 0
  private var hitsSinceAgeing = 0

  init(policy: CachePolicy) { self.policy = policy }

  private func isKept(_ item: Item, _ now: Instant) -> Bool {
    now < item.expiresAt
      || (policy.staleLimit > .zero && now <= item.expiresAt + policy.staleLimit)
  }

  mutating func value(for key: Int, at now: Instant) -> Int? {
    gets += 1
    guard let index = items.firstIndex(where: { $0.key == key }) else { return nil }
    guard now < items[index].expiresAt else {
      expired += 1
      if !isKept(items[index], now) {
        items.remove(at: index)
        expirations += 1
      }
      return nil
    }
    hits += 1
    clock += 1
    items[index].usedAt = clock
    items[index].reads += 1
    items[index].frequency += 1
    hitsSinceAgeing += 1
    if hitsSinceAgeing == 10 * policy.entryLimit {
      hitsSinceAgeing = 0
      for index in items.indices { items[index].frequency /= 2 }
    }
    return items[index].value
  }

  mutating func staleValue(for key: Int, at now: Instant) -> Int? {
    guard let index = items.firstIndex(where: { $0.key == key }), isKept(items[index], now) else {
      return nil
    }
    if now >= items[index].expiresAt { stale += 1 }
    items[index].reads += 1
    return items[index].value
  }

  mutating func insert(_ value: Int, for key: Int, life: Duration, at now: Instant) {
    guard life > .zero else { return }
    inserts += 1
    let count = items.count
    items.removeAll { $0.key == key }
    removals += count - items.count
    if items.count == policy.entryLimit { evict(at: now) }
    clock += 1
    items.append(
      Item(key: key, value: value, expiresAt: now + life, insertedAt: clock, usedAt: clock))
  }

  private mutating func evict(at now: Instant) {
    let expired = items.filter { $0.expiresAt <= now }
    let victim = (expired.isEmpty ? items : expired).min { left, right in
      switch expired.isEmpty ? policy.eviction : .ttl {
      case .lru: left.usedAt < right.usedAt
      case .lfu: (left.frequency, left.usedAt) < (right.frequency, right.usedAt)
      case .fifo: left.insertedAt < right.insertedAt
      case .ttl: (left.expiresAt, left.insertedAt) < (right.expiresAt, right.insertedAt)
      }
    }
    items.removeAll { $0.key == victim?.key }
    evictions += 1
  }

  mutating func expire(at now: Instant) {
    let count = items.count
    items = items.filter { isKept($0, now) }
    expirations += count - items.count
  }

  mutating func removeAll() {
    remove { _ in true }
    hitsSinceAgeing = 0
  }

  mutating func remove(where isGone: (Item) -> Bool) {
    epoch += 1
    let count = items.count
    items.removeAll(where: isGone)
    removals += count - items.count
  }
}
