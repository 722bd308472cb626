package import FleetModel

/// The fleet's breakers, one a line or one an object, in the order of the configuration.
package enum BreakerTable {
  /// - Parameter columns: of the line; the reason is cut to what is left of it.
  package static func text(_ snapshot: Snapshot, columns: Int) -> String {
    var table = TextTable(
      [
        ("SERVER", .left), ("STATE", .left), ("IN A ROW", .right), ("FAILED", .right),
        ("REASON", .left),
      ], isLastElastic: true)
    for server in snapshot.servers {
      table.add([
        server.id.name, words(for: server.breaker, at: snapshot.at),
        String(server.breaker.consecutiveFailures), Figures.percent(server.breaker.failureRate),
        server.breaker.reason ?? Figures.none,
      ])
    }
    return table.lines(columns: columns).map { $0 + "\n" }.joined()
  }

  /// `{"breakers": [{name, state, reason, until, consecutiveFailures, failureRate}]}`.
  package static func json(_ snapshot: Snapshot) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.key("breakers")
      $0.array { writer in
        for server in snapshot.servers {
          writer.object {
            $0.member("name", server.id.name)
            $0.breakerMembers(server.breaker)
          }
        }
      }
    }
    return PlainText.escapingHidden(in: writer.json)
  }

  /// The state, with the time left while it is open: `open 12s`.
  static func words(for breaker: BreakerSnapshot, at now: Timestamp) -> String {
    switch breaker.state {
    case .closed: "closed"
    case .open:
      breaker.until.map { "open \(Figures.countdown(from: now, to: $0))" } ?? "open"
    case .halfOpen: "half-open"
    case .forcedOpen: "forced open"
    case .disabled: "disabled"
    }
  }
}
