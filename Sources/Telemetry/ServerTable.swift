package import FleetModel

/// The servers of a snapshot as a table for people.
package enum ServerTable {
  /// - Parameter columns: how wide the page is; at least 40.
  package static func render(_ snapshot: Snapshot, columns: Int) -> String {
    var table = TextTable(
      [
        .init(title: "SERVER"), .init(title: "VIA"), .init(title: "ERA"), .init(title: "CONN"),
        .init(title: "HEALTH"), .init(title: "BREAKER"), .init(title: "OK", isNumber: true),
        .init(title: "RETRY/S", isNumber: true), .init(title: "P95", isNumber: true),
        .init(title: "POOL", isNumber: true), .init(title: "DLQ", isNumber: true),
      ], elastic: 0)
    for server in snapshot.servers {
      table.append([
        server.id.name, server.transport.rawValue, server.era.rawValue,
        server.isConnected ? "yes" : "no", server.health.status.rawValue,
        BreakerTable.text(server.breaker.state), NumberText.percent(server.successRate),
        NumberText.fixed(server.retries.perSecond, decimals: 1),
        NumberText.duration(server.latency.p95), pool(server.pool),
        String(server.deadLetterCount),
      ])
    }
    return table.lines(pageColumns: columns).map { $0 + "\n" }.joined()
  }

  /// `3/10`, calls on a connection of calls that fit; `10/10 +4` with four waiting.
  private static func pool(_ pool: PoolSnapshot) -> String {
    "\(pool.active)/\(pool.max)" + (pool.waiting > 0 ? " +\(pool.waiting)" : "")
  }
}
