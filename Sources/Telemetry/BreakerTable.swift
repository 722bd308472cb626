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
      let breaker = server.breaker
      table.add([
        server.id.name, words(for: breaker, at: snapshot.at), String(breaker.consecutiveFailures),
        Figures.percent(breaker.failureRate), why(breaker) ?? Figures.none,
      ])
    }
    return table.lines(columns: columns).map { $0 + "\n" }.joined()
  }

  /// `{"breakers": [{name, state, reason, until, …}]}`, the members those of the snapshot.
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

  /// The state, with the time left while there is one: `open 12s`, `forced open 14m32s`.
  static func words(for breaker: BreakerSnapshot, at now: Timestamp) -> String {
    if let override = breaker.override {
      let left = override.until.map { " \(Figures.countdown(from: now, to: $0))" } ?? ""
      return words(for: override.kind) + left
    }
    switch breaker.state {
    case .closed: return "closed"
    case .open:
      return breaker.until.map { "open \(Figures.countdown(from: now, to: $0))" } ?? "open"
    case .halfOpen: return "half-open"
    case .forcedOpen: return "forced open"
    case .disabled: return "disabled"
    }
  }

  /// Who holds it and why; without a hand on it, why the rules put it there.
  static func why(_ breaker: BreakerSnapshot) -> String? {
    guard let override = breaker.override else { return breaker.reason }
    return "by \(override.owner)" + (override.reason.isEmpty ? "" : ": \(override.reason)")
  }

  private static func words(for kind: BreakerOverride.Kind) -> String {
    switch kind {
    case .open: "forced open"
    case .closed: "held closed"
    case .disabled: "disabled"
    }
  }
}
