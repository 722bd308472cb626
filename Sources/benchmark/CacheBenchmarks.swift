import FleetModel
import Resilience

/// The cache of answers with 100 entries, keyed as the engine keys its reads.
enum CacheBenchmarks {
  static let all = [
    hit(.lru, limit: 100, peers: ["golang-lru", "cachetools-lru"]),
    hit(.lfu, peers: ["cachetools-lfu"]),
    hit(.fifo, peers: []),
    hit(.ttl, peers: ["cachetools-ttl"]),
    MicroBenchmark(id: "cache-miss", name: "cache, LRU, 100 entries: miss") { count in
      let keys = (0..<100).map(key)
      let strangers = (100..<200).map(key)
      return {
        var cache = filled(.lru, keys)
        var misses = 0
        for turn in 0..<count
        where cache.value(for: strangers[turn % 100], at: .origin) == nil { misses += 1 }
        try MicroBenchmark.expect(misses, count, "a miss")
      }
    },
    MicroBenchmark(
      id: "cache-insert", name: "cache, LRU, 100 entries: insert and evict",
      peers: ["golang-lru-add"]
    ) { count in
      let keys = (0..<200).map(key)
      return {
        var cache = filled(.lru, keys.dropLast(100))
        for turn in 0..<count {
          cache.insert(answer, for: keys[(turn + 100) % 200], timeToLive: nil, at: .origin)
        }
        try MicroBenchmark.expect(cache.snapshot.evictions, count, "an eviction")
      }
    },
  ]

  private static func hit(
    _ eviction: CachePolicy.Eviction, limit: Double? = nil, peers: [String]
  ) -> MicroBenchmark {
    let name = eviction.rawValue
    return MicroBenchmark(
      id: "cache-\(name)", name: "cache, \(name.uppercased()), 100 entries: hit", limit: limit,
      peers: peers
    ) { count in
      let keys = (0..<100).map(key)
      return {
        var cache = filled(eviction, keys)
        var hits = 0
        for turn in 0..<count where cache.value(for: keys[turn % 100], at: .origin) != nil {
          hits += 1
        }
        try MicroBenchmark.expect(hits, count, "a hit")
      }
    }
  }

  private static let answer = JSONText.emptyObject

  private static func key(_ number: Int) -> ReadKey {
    ReadKey(
      method: "resources/read",
      params: JSONText(unchecked: Array(#"{"uri":"file:///pages/\#(number)"}"#.utf8)))
  }

  private static func filled(
    _ eviction: CachePolicy.Eviction, _ keys: some Sequence<ReadKey>
  ) -> ResponseCache<ReadKey, JSONText> {
    var policy = CachePolicy()
    policy.eviction = eviction
    var cache = ResponseCache<ReadKey, JSONText>(policy)
    for key in keys { cache.insert(answer, for: key, timeToLive: nil, at: .origin) }
    return cache
  }
}
