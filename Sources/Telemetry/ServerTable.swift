package import FleetModel

/// The fleet's servers, one a line or one an object, in the order of the configuration.
package enum ServerTable {
  /// The table, and under it what no column has room for: impostors, failures to connect,
  /// overrides, disagreements, crash loops, endpoints, leaks.
  ///
  /// - Parameter columns: of the line; columns that do not fit are left out from the right.
  package static func text(_ snapshot: Snapshot, columns: Int) -> String {
    let remarks = ServerRemarks.lines(snapshot)
    let lines = lines(snapshot, columns: columns)
    return (remarks.isEmpty ? lines : lines + [""] + remarks)
      .map { PlainText.fit($0, max(1, columns)) + "\n" }.joined()
  }

  /// `{"servers": [...]}` with the same objects as in the snapshot.
  package static func json(_ snapshot: Snapshot) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.key("servers")
      $0.array { writer in
        for server in snapshot.servers { writer.server(server) }
      }
    }
    return PlainText.escapingHidden(in: writer.json)
  }

  static func lines(_ snapshot: Snapshot, columns: Int) -> [String] {
    var table = TextTable([
      ("SERVER", .left), ("TRANSPORT", .left), ("ERA", .left), ("CONN", .left),
      ("HEALTH", .left), ("BREAKER", .left), ("OK", .right), ("CALLS", .right),
      ("RETRY/S", .right), ("AMP", .right), ("P95", .right), ("POOL", .right), ("DLQ", .right),
    ])
    for server in snapshot.servers {
      table.add([
        server.id.name, server.transport.rawValue, server.era.rawValue,
        server.crashLoop != nil ? "loop" : server.isConnected ? "up" : "down",
        server.health.status.rawValue,
        BreakerTable.words(for: server.breaker, at: snapshot.at),
        Figures.percent(server.successRate), String(server.calls.total),
        Figures.rate(server.retries.perSecond),
        Figures.amplification(server.retries.amplification), Figures.latency(server.latency.p95),
        pool(server.pool), String(server.deadLetterCount),
      ])
    }
    return table.lines(columns: columns)
  }

  /// Calls on connections of calls that fit, and the queue: `3/10`, `10/10+4`.
  private static func pool(_ pool: PoolSnapshot) -> String {
    "\(pool.active)/\(pool.max)" + (pool.waiting > 0 ? "+\(pool.waiting)" : "")
  }
}
