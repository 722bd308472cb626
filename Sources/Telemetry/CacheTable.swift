package import FleetModel

/// What each server's cache holds and how often it was of use, in the order of the configuration.
package enum CacheTable {
  /// A line for each server and one for each of its entries, the most read first.
  /// - Parameter columns: of a line; a key is cut to what is left of it.
  package static func text(_ snapshot: Snapshot, columns: Int) -> String {
    var lines: [String] = []
    for server in snapshot.servers {
      lines.append(summary(of: server))
      guard !server.cache.entries.isEmpty else { continue }
      var table = TextTable(
        [("  READS", .right), ("CACHED", .right), ("EXPIRES", .right), ("KEY", .left)],
        isLastElastic: true)
      for entry in server.cache.entries {
        let isExpired = entry.expiresAt <= snapshot.at
        table.add([
          String(entry.accessCount), "\(Figures.age(snapshot.at - entry.cachedAt)) ago",
          isExpired
            ? "expired" : "in \(Figures.countdown(from: snapshot.at, to: entry.expiresAt))",
          entry.key,
        ])
      }
      lines += table.lines(columns: columns)
    }
    return lines.map { PlainText.fit($0, columns) + "\n" }.joined()
  }

  /// `{"cache": [{name, size, hits, misses, hitRate, expired, stale, evictions, entries}]}`, an
  /// entry being `{key, cachedAt, expiresAt, accessCount}`.
  package static func json(_ snapshot: Snapshot) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.key("cache")
      $0.array { writer in
        for server in snapshot.servers {
          writer.object {
            $0.member("name", server.id.name)
            members(server.cache, &$0)
          }
        }
      }
    }
    return PlainText.escapingHidden(in: writer.json)
  }

  private static func summary(of server: ServerSnapshot) -> String {
    let cache = server.cache
    var parts = [
      count(cache.size, "entry", "entries"), count(cache.hits, "hit", "hits"),
      count(cache.misses, "miss", "misses"), "\(Figures.percent(hitRate(cache))) found",
      "\(cache.evictions) evicted",
    ]
    if cache.stale > 0 { parts.append("\(cache.stale) given out stale") }
    return PlainText.clean(server.id.name) + ": " + parts.joined(separator: ", ")
  }

  private static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }

  /// Nil before the first lookup.
  private static func hitRate(_ cache: CacheSnapshot) -> Double? {
    let lookups = Double(cache.hits) + Double(cache.misses)
    return lookups > 0 ? Double(cache.hits) / lookups : nil
  }

  private static func members(_ cache: CacheSnapshot, _ writer: inout JSONWriter) {
    writer.member("size", cache.size)
    writer.member("hits", cache.hits)
    writer.member("misses", cache.misses)
    writer.member("hitRate", hitRate(cache))
    writer.member("expired", cache.expired)
    writer.member("stale", cache.stale)
    writer.member("evictions", cache.evictions)
    writer.key("entries")
    writer.array { writer in
      for entry in cache.entries {
        writer.object {
          $0.member("key", entry.key)
          $0.member("cachedAt", entry.cachedAt)
          $0.member("expiresAt", entry.expiresAt)
          $0.member("accessCount", entry.accessCount)
        }
      }
    }
  }
}
