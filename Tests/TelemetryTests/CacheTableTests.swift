import FleetModel
import Telemetry
import Testing

@Suite struct CacheTableTests {
  private static let now = Timestamp(millisecondsSinceEpoch: 1_795_230_245_678)

  private static func snapshot(_ cache: CacheSnapshot, name: String = "search") -> Snapshot {
    var server = ServerSnapshot(id: ServerID(name), transport: .http)
    server.cache = cache
    return Snapshot(
      at: now, engine: EngineIdentity(name: "mcpdash", version: "1", startedAt: now),
      servers: [server])
  }

  private static var cache: CacheSnapshot {
    var cache = CacheSnapshot()
    (cache.hits, cache.misses, cache.size, cache.evictions) = (3, 1, 2, 0)
    (cache.expired, cache.stale) = (1, 4)
    cache.entries = [
      CacheEntrySnapshot(
        key: #"resources/read {"uri":"a\#u{1B}[2J"}"#, cachedAt: now + .seconds(-90),
        expiresAt: now + .seconds(200), accessCount: 12),
      CacheEntrySnapshot(
        key: "tools/list", cachedAt: now + .seconds(-400), expiresAt: now + .seconds(-100),
        accessCount: 1),
    ]
    return cache
  }

  @Test func `each answer stands with its reads, its age, its end and its key`() {
    #expect(
      CacheTable.text(Self.snapshot(Self.cache), columns: 80) == """
        search: 2 entries, 3 hits, 1 miss, 75.0% found, 0 evicted, 4 given out stale
          READS  CACHED   EXPIRES  KEY
             12  1m ago  in 3m20s  resources/read {"uri":"a\u{FFFD}[2J"}
              1  6m ago   expired  tools/list

        """)
  }

  @Test func `as JSON nothing is cut and nothing can harm`() {
    #expect(
      CacheTable.json(Self.snapshot(Self.cache, name: "a\u{9B}")).text
        == #"{"cache":[{"name":"a\u009b","size":2,"hits":3,"misses":1,"hitRate":0.75,"#
        + #""expired":1,"stale":4,"evictions":0,"entries":[{"key":"resources/read "#
        + #"{\"uri\":\"a\u001b[2J\"}","cachedAt":"2026-11-21T03:02:35.678Z","#
        + #""expiresAt":"2026-11-21T03:07:25.678Z","accessCount":12},{"key":"tools/list","#
        + #""cachedAt":"2026-11-21T02:57:25.678Z","expiresAt":"2026-11-21T03:02:25.678Z","#
        + #""accessCount":1}]}]}"#)
  }

  @Test(arguments: [1, 2, 20, 40, 80, 200])
  func `no line is wider than asked for`(columns: Int) {
    for line in CacheTable.text(Self.snapshot(Self.cache), columns: columns).split(separator: "\n")
    {
      #expect(PlainText.width(String(line)) <= columns)
    }
  }

  @Test func `the largest counts are no trap`() {
    var cache = CacheSnapshot()
    (cache.hits, cache.misses) = (.max, .max)
    #expect(CacheTable.text(Self.snapshot(cache), columns: 200).contains("50.0% found"))
  }
}
