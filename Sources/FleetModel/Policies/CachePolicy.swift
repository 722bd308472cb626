/// What the tool cache keeps.
package struct CachePolicy: Hashable, Sendable {
  package enum Eviction: String, Hashable, Sendable, CaseIterable { case lru, lfu, fifo, ttl }

  package var isEnabled = true
  package var entryLimit = 100
  /// For answers without the server's own `ttlMs`.
  package var timeToLive = Duration.seconds(300)
  package var sweepInterval = Duration.seconds(60)
  package var eviction = Eviction.lru
  /// An expired answer may still be given out, marked stale, for so long while the breaker is open;
  /// zero switches that off.
  package var staleLimit = Duration.seconds(3600)

  package init() {}
}
