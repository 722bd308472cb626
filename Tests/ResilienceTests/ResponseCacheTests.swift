import FleetModel
import Resilience
import Testing

@Suite struct ResponseCacheTests {
  private func policy(
    _ eviction: CachePolicy.Eviction = .lru, limit: Int = 100, stale: Duration = .seconds(3600)
  ) -> CachePolicy {
    var policy = CachePolicy()
    policy.eviction = eviction
    policy.entryLimit = limit
    policy.staleLimit = stale
    return policy
  }

  @Test func `an expired answer is never given out as fresh, swept or not (pitfall 34)`() {
    var cache = ResponseCache<String, Int>(policy(stale: .zero))
    cache.insert(1, for: "a", timeToLive: .seconds(10), at: at(0))
    #expect(cache.value(for: "a", at: at(9.999)) == 1)
    #expect(cache.value(for: "a", at: at(10)) == nil)
    #expect(cache.snapshot.hits == 1 && cache.snapshot.misses == 1 && cache.snapshot.expired == 1)
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
    var cache = ResponseCache<String, Int>(policy(stale: .zero))
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

  @Test func `old fame fades when it decides by how often (pitfall 35)`() {
    var cache = ResponseCache<String, Int>(policy(.lfu, limit: 2))
    cache.insert(1, for: "old", timeToLive: nil, at: at(0))
    for _ in 0..<19 { _ = cache.value(for: "old", at: at(0)) }
    cache.insert(2, for: "new", timeToLive: nil, at: at(1))
    for _ in 0..<60 { _ = cache.value(for: "new", at: at(1)) }
    cache.insert(3, for: "third", timeToLive: nil, at: at(2))
    #expect(cache.value(for: "old", at: at(2)) == nil)
    #expect(cache.value(for: "new", at: at(2)) == 2)
  }

  @Test func `an answer is stale from its time on until the limit, and counted as such`() {
    var cache = ResponseCache<String, Int>(policy(stale: .seconds(60)))
    cache.insert(1, for: "a", timeToLive: .seconds(10), at: at(0))
    #expect(cache.staleValue(for: "a", at: at(9)) == 1 && cache.snapshot.stale == 0)
    #expect(cache.value(for: "a", at: at(10)) == nil && cache.contains("a"))
    #expect(cache.staleValue(for: "a", at: at(70)) == 1)
    #expect(cache.snapshot.stale == 1 && cache.snapshot.expired == 1)
    #expect(cache.staleValue(for: "a", at: at(70.001)) == nil)
    #expect(cache.staleValue(for: "b", at: at(0)) == nil)
    #expect(cache.snapshot.hits == 0 && cache.snapshot.misses == 1 && cache.snapshot.stale == 1)
    #expect(cache.value(for: "a", at: at(71)) == nil && !cache.contains("a"))
  }

  @Test(arguments: CachePolicy.Eviction.allCases)
  func `what is past its time takes room, and is the first to leave`(
    eviction: CachePolicy.Eviction
  ) {
    var cache = ResponseCache<String, Int>(policy(eviction, limit: 3))
    cache.insert(1, for: "fresh", timeToLive: .seconds(100), at: at(0))
    cache.insert(2, for: "old", timeToLive: .seconds(10), at: at(1))
    cache.insert(3, for: "older", timeToLive: .seconds(5), at: at(2))
    for _ in 0..<5 { _ = cache.value(for: "old", at: at(3)) }
    cache.insert(4, for: "new", timeToLive: .seconds(200), at: at(20))
    #expect(!cache.contains("older") && cache.contains("old") && cache.contains("fresh"))
    cache.insert(5, for: "newer", timeToLive: .seconds(200), at: at(20))
    #expect(!cache.contains("old") && cache.contains("fresh"))
    #expect(cache.snapshot.evictions == 2 && cache.snapshot.size == 3)
  }

  @Test func `one sweep drops at most its limit (pitfall 34)`() {
    var cache = ResponseCache<Int, Int>(policy(limit: 2500, stale: .seconds(10)))
    for key in 0..<2500 { cache.insert(key, for: key, timeToLive: .seconds(1), at: at(0)) }
    cache.sweep(at: at(11))
    #expect(cache.snapshot.size == 2500)
    for left in [1500, 500, 0] {
      cache.sweep(at: at(11.001))
      #expect(cache.snapshot.size == left)
    }
    #expect(cache.snapshot.evictions == 0)
  }

  @Test func `no answer from before a removal is kept after it, whoever asked`() {
    var cache = ResponseCache<String, Int>(policy())
    let first = cache.epoch
    cache.remove("other")
    let second = cache.epoch
    cache.insert(1, for: "a", timeToLive: nil, begunIn: first, at: at(0))
    #expect(!cache.contains("a"))
    cache.insert(2, for: "a", timeToLive: nil, begunIn: second, at: at(0))
    cache.insert(3, for: "a", timeToLive: nil, begunIn: first, at: at(0))
    #expect(cache.value(for: "a", at: at(0)) == 2)
  }

  @Test func `the list shows the most read first, then by name, and no more than its limit`() {
    var cache = ResponseCache<Int, Int>(policy(stale: .seconds(10)))
    for key in 0..<30 {
      cache.insert(key, for: key, timeToLive: .seconds(100), at: at(Double(key)))
      for _ in 0..<key % 3 { _ = cache.value(for: key, at: at(30)) }
    }
    cache.insert(0, for: 30, timeToLive: .seconds(1), at: at(30))
    for _ in 0..<9 { _ = cache.value(for: 30, at: at(30)) }
    func list(_ now: Instant) -> [CacheEntrySnapshot] {
      cache.entries(
        at: now,
        civil: { Timestamp(millisecondsSinceEpoch: $0.nanoseconds / 1_000_000) },
        name: { $0 < 10 ? "k0\($0)" : "k\($0)" })
    }
    let twos = stride(from: 2, to: 30, by: 3).map { $0 < 10 ? "k0\($0)" : "k\($0)" }
    let ones = stride(from: 1, to: 30, by: 3).map { $0 < 10 ? "k0\($0)" : "k\($0)" }
    #expect(list(at(32)).map(\.key) == ["k30"] + twos + ones.prefix(9))
    #expect(list(at(42)).map(\.key) == twos + ones)
    let first = list(at(42)).first
    #expect(first?.accessCount == 2)
    #expect(first?.cachedAt == Timestamp(millisecondsSinceEpoch: 2000))
    #expect(first?.expiresAt == Timestamp(millisecondsSinceEpoch: 102_000))
  }
}
