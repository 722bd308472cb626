import FleetModel
import Resilience
import Testing

@Suite struct ResponseCacheTests {
  private func policy(
    _ eviction: CachePolicy.Eviction = .lru, limit: Int = 100
  ) -> CachePolicy {
    var policy = CachePolicy()
    policy.eviction = eviction
    policy.entryLimit = limit
    return policy
  }

  @Test func `an expired answer is never given out, swept or not`() {
    var cache = ResponseCache<String, Int>(policy())
    cache.insert(1, for: "a", timeToLive: .seconds(10), at: at(0))
    #expect(cache.value(for: "a", at: at(9.999)) == 1)
    #expect(cache.value(for: "a", at: at(10)) == nil)
    #expect(cache.snapshot.hits == 1 && cache.snapshot.misses == 1)
    #expect(cache.snapshot.size == 0 && cache.snapshot.evictions == 0)
  }

  @Test func `without a time of its own an answer lives as long as the policy says`() {
    var cache = ResponseCache<String, Int>(policy())
    cache.insert(1, for: "a", timeToLive: nil, at: at(0))
    #expect(cache.value(for: "a", at: at(299)) == 1)
    #expect(cache.value(for: "a", at: at(300)) == nil)
  }

  @Test func `an answer without any time to live is not kept`() {
    var cache = ResponseCache<String, Int>(policy())
    cache.insert(1, for: "a", timeToLive: .zero, at: at(0))
    #expect(cache.snapshot.size == 0)
  }

  @Test func `a sweep makes room and leaves what lives`() {
    var cache = ResponseCache<String, Int>(policy())
    cache.insert(1, for: "a", timeToLive: .seconds(1), at: at(0))
    cache.insert(2, for: "b", timeToLive: .seconds(3), at: at(0))
    cache.sweep(at: at(2))
    #expect(cache.snapshot.size == 1)
    #expect(cache.value(for: "b", at: at(2)) == 2)
  }

  @Test func `an answer asked for before a removal is not kept after it`() {
    var cache = ResponseCache<String, Int>(policy())
    let epoch = cache.epoch
    cache.removeAll()
    cache.insert(1, for: "a", timeToLive: nil, begunIn: epoch, at: at(0))
    #expect(cache.value(for: "a", at: at(0)) == nil)
    cache.insert(2, for: "a", timeToLive: nil, begunIn: cache.epoch, at: at(0))
    #expect(cache.value(for: "a", at: at(0)) == 2)
    cache.remove("a")
    #expect(cache.epoch == epoch + 2)
    #expect(cache.value(for: "a", at: at(0)) == nil)
  }

  @Test func `reads are counted for each answer and its time is known`() {
    var cache = ResponseCache<String, Int>(policy())
    cache.insert(1, for: "a", timeToLive: nil, at: at(5))
    for _ in 0..<3 { _ = cache.value(for: "a", at: at(6)) }
    #expect(cache.accessCount(of: "a") == 3)
    #expect(cache.cachedAt(of: "a") == at(5))
    #expect(cache.accessCount(of: "b") == nil && cache.cachedAt(of: "b") == nil)
  }

  @Test func `a disabled cache keeps and counts nothing`() {
    var disabled = policy()
    disabled.isEnabled = false
    var cache = ResponseCache<String, Int>(disabled)
    cache.insert(1, for: "a", timeToLive: nil, at: at(0))
    #expect(cache.value(for: "a", at: at(0)) == nil)
    #expect(cache.snapshot == CacheSnapshot())
  }

  @Test func `old fame fades when it decides by how often`() {
    var cache = ResponseCache<String, Int>(policy(.lfu, limit: 2))
    cache.insert(1, for: "old", timeToLive: nil, at: at(0))
    for _ in 0..<19 { _ = cache.value(for: "old", at: at(0)) }
    cache.insert(2, for: "new", timeToLive: nil, at: at(1))
    for _ in 0..<60 { _ = cache.value(for: "new", at: at(1)) }
    cache.insert(3, for: "third", timeToLive: nil, at: at(2))
    #expect(cache.value(for: "old", at: at(2)) == nil)
    #expect(cache.value(for: "new", at: at(2)) == 2)
  }

  @Test(arguments: CachePolicy.Eviction.allCases, 0..<8)
  func `it agrees with a naive list`(eviction: CachePolicy.Eviction, seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let policy = policy(eviction, limit: 1 + random.below(12))
    var cache = ResponseCache<Int, Int>(policy)
    var model = NaiveCache(policy: policy)
    var now = at(0)
    for step in 0..<3000 {
      now = now + .milliseconds(random.below(3000))
      let key = random.below(20)
      switch random.below(100) {
      case 0..<55:
        #expect(cache.value(for: key, at: now) == model.value(for: key, at: now))
      case 55..<92:
        let life: Duration? = random.chance(50) ? nil : .seconds(random.below(200))
        cache.insert(step, for: key, timeToLive: life, at: now)
        model.insert(step, for: key, life: life ?? policy.timeToLive, at: now)
      case 92..<96:
        cache.remove(key)
        model.items.removeAll { $0.key == key }
      case 96..<99:
        cache.sweep(at: now)
        model.items.removeAll { $0.expiresAt <= now }
      default:
        cache.removeAll()
        model.items = []
      }
      #expect(cache.snapshot.size == model.items.count)
      #expect(cache.snapshot.size <= policy.entryLimit)
      #expect(cache.snapshot.evictions == model.evictions)
      #expect((0..<20).filter { cache.cachedAt(of: $0) != nil } == model.items.map(\.key).sorted())
    }
    #expect(cache.snapshot.hits == model.hits && cache.snapshot.misses == model.misses)
  }
}

/// The rules as slowly and plainly as they can be written.
private struct NaiveCache {
  struct Item {
    var key: Int
    var value: Int
    var expiresAt: Instant
    var frequency = 0
    var insertedAt: Int
    var usedAt: Int
  }

  let policy: CachePolicy
  var items: [Item] = []
  var hits = 0
  var misses = 0
  var evictions = 0
  private var clock = 0
  private var reads = 0

  init(policy: CachePolicy) { self.policy = policy }

  mutating func value(for key: Int, at now: Instant) -> Int? {
    items.removeAll { $0.key == key && $0.expiresAt <= now }
    guard let index = items.firstIndex(where: { $0.key == key }) else {
      misses += 1
      return nil
    }
    hits += 1
    clock += 1
    items[index].usedAt = clock
    items[index].frequency += 1
    reads += 1
    if reads == 10 * policy.entryLimit {
      reads = 0
      for index in items.indices { items[index].frequency /= 2 }
    }
    return items[index].value
  }

  mutating func insert(_ value: Int, for key: Int, life: Duration, at now: Instant) {
    guard life > .zero else { return }
    items.removeAll { $0.key == key }
    if items.count == policy.entryLimit {
      let victim = items.min { left, right in
        switch policy.eviction {
        case .lru: left.usedAt < right.usedAt
        case .lfu: (left.frequency, left.usedAt) < (right.frequency, right.usedAt)
        case .fifo: left.insertedAt < right.insertedAt
        case .ttl: (left.expiresAt, left.insertedAt) < (right.expiresAt, right.insertedAt)
        }
      }
      items.removeAll { $0.key == victim?.key }
      evictions += 1
    }
    clock += 1
    items.append(
      Item(key: key, value: value, expiresAt: now + life, insertedAt: clock, usedAt: clock))
  }
}
