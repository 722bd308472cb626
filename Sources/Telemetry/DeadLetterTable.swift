package import FleetModel

/// Dead letters for people, one a line in the order given.
package enum DeadLetterTable {
  /// - Parameters:
  ///   - now: ages are counted to it.
  ///   - columns: of the line; columns that do not fit are left out from the right.
  package static func text(
    _ letters: [DeadLetter], now: Timestamp, columns: Int
  ) -> String {
    var table = TextTable([
      ("ID", .left), ("AGE", .right), ("SERVER", .left), ("CALL", .left), ("CAUSE", .left),
      ("TRIES", .right), ("RAN", .left), ("STATE", .left),
    ])
    for letter in letters {
      table.add([
        letter.id.description, Figures.age(now - letter.createdAt), letter.server.name,
        letter.target ?? letter.method, letter.errorKind, String(letter.attempts.count),
        certainty(letter.delivery), letter.state.rawValue,
      ])
    }
    return table.lines(columns: columns).map { $0 + "\n" }.joined()
  }

  /// Whether the server ran it: what a replay risks.
  private static func certainty(_ delivery: Delivery) -> String {
    switch delivery {
    case .notSent, .refused: "no"
    case .unknown: "perhaps"
    case .executed: "yes"
    }
  }
}
