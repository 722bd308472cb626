import FleetModel

extension DeadLetterStatistics {
  /// What the file's triggers have counted: all but the times and the bytes.
  init(countedBy connection: SQLiteConnection) throws(SQLiteError) {
    func counts(_ statement: String) throws(SQLiteError) -> [String: Int] {
      let rows = try connection.statement(statement).rows {
        ($0.text(0) ?? "", Int($0.integer(1)))
      }
      return Dictionary(rows.filter { $0.1 > 0 }, uniquingKeysWith: +)
    }
    func sorted(_ counts: [String: Int]) -> [Count] {
      counts.map { Count(name: $0.key, count: $0.value) }
        .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }
    func sorted(by column: String) throws(SQLiteError) -> [Count] {
      sorted(try counts(DeadLetterStatements.openCounts(by: column)))
    }
    self.init()
    // What this version does not know is counted as what it is listed as: see `DeadLetterRow`.
    var states: [DeadLetter.State: Int] = [:]
    for (name, count) in try counts(DeadLetterStatements.stateCounts) {
      states[DeadLetter.State(rawValue: name) ?? .pending, default: 0] += count
    }
    byState = DeadLetter.State.allCases.compactMap { state in
      states[state].map { Count(name: state.rawValue, count: $0) }
    }
    total = DeadLetter.State.open.reduce(0) { $0 + (states[$1] ?? 0) }
    byOperation = try sorted(by: "method")
    byClient = try sorted(by: "client")
    byServer = try sorted(by: "server")
    byKind = try sorted(by: "error_kind")
    let deliveries = try counts(DeadLetterStatements.openCounts(by: "delivery"))
    byDelivery = sorted(
      Dictionary(
        deliveries.map {
          (Delivery(rawValue: $0.key)?.rawValue ?? Delivery.unknown.rawValue, $0.value)
        },
        uniquingKeysWith: +))
  }
}

extension SQLiteConnection {
  /// Of the open letters.
  func span() throws(SQLiteError) -> (oldest: Timestamp?, newest: Timestamp?) {
    try statement(DeadLetterStatements.span).rows {
      ($0.isNull(0) ? nil : $0.time(0), $0.isNull(1) ? nil : $0.time(1))
    }.first ?? (nil, nil)
  }
}
