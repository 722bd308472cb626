package import FleetModel

/// The breakers of a snapshot as a table for people: state, why, and for how long.
package enum BreakerTable {
  /// - Parameter columns: how wide the page is; at least 40.
  package static func render(_ snapshot: Snapshot, columns: Int) -> String {
    var table = TextTable(
      [
        .init(title: "SERVER"), .init(title: "BREAKER"), .init(title: "PROBES IN"),
        .init(title: "IN A ROW", isNumber: true), .init(title: "FAILED", isNumber: true),
        .init(title: "WHY"),
      ], elastic: 5)
    for server in snapshot.servers {
      let breaker = server.breaker
      let wait = breaker.until.map { max(.zero, $0 - snapshot.at) }
      table.append([
        server.id.name, text(breaker.state), NumberText.duration(wait),
        String(breaker.consecutiveFailures), NumberText.percent(breaker.failureRate),
        breaker.reason ?? "-",
      ])
    }
    return table.lines(pageColumns: columns).map { $0 + "\n" }.joined()
  }

  /// A state's name as people write it.
  package static func text(_ state: BreakerSnapshot.State) -> String {
    switch state {
    case .closed: "closed"
    case .open: "open"
    case .halfOpen: "half-open"
    case .forcedOpen: "held open"
    case .disabled: "off"
    }
  }
}
