/// The server's part of the tool cache, counted since the engine started.
package struct CacheSnapshot: Hashable, Sendable {
  package var hits = 0
  package var misses = 0
  package var evictions = 0
  package var size = 0
  /// Lookups that found an entry past its time; they count as misses too.
  package var expired = 0
  /// Answers given out past their time because the breaker was open.
  package var stale = 0
  /// The most read entries first; at most `entryLimit`.
  package var entries: [CacheEntrySnapshot] = []

  package static let entryLimit = 20

  package init() {}
}

/// One answer in the cache.
package struct CacheEntrySnapshot: Hashable, Sendable {
  /// The method, and the request's params where it has any.
  package var key: String
  package var cachedAt: Timestamp
  package var expiresAt: Timestamp
  package var accessCount: Int

  package init(key: String, cachedAt: Timestamp, expiresAt: Timestamp, accessCount: Int) {
    self.key = key
    self.cachedAt = cachedAt
    self.expiresAt = expiresAt
    self.accessCount = accessCount
  }
}
