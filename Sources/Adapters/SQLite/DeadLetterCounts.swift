import FleetModel

/// What the file's triggers have counted.
struct DeadLetterCounts {
  private var counts: [String: [String: Int]] = [:]

  init(_ connection: SQLiteConnection) throws(SQLiteError) {
    let rows = try connection.statement(DeadLetterStatements.counts).rows {
      ($0.text(0) ?? "", $0.text(1) ?? "", Int($0.integer(2)))
    }
    for (dimension, name, count) in rows {
      counts[dimension, default: [:]][Self.listed(name, in: dimension), default: 0] += count
    }
  }

  /// Nil where the triggers do not count such letters.
  func count(_ filter: DeadLetterFilter) -> Int? {
    let given: [(dimension: String, name: String)] = [
      ("operation", filter.operation), ("client", filter.client),
      ("server", filter.server?.name), ("kind", filter.kind),
    ].compactMap { dimension, name in name.map { (dimension, $0) } }
    var rest = filter
    (rest.operation, rest.client, rest.server, rest.kind) = (nil, nil, nil, nil)
    if given.isEmpty { rest.states = DeadLetter.State.open }
    guard given.count <= 1, rest == DeadLetterFilter() else { return nil }
    guard let one = given.first else {
      return filter.states.reduce(0) { $0 + (counts["state"]?[$1.rawValue] ?? 0) }
    }
    return counts[one.dimension]?[one.name] ?? 0
  }

  /// Without the times and the bytes.
  var statistics: DeadLetterStatistics {
    var statistics = DeadLetterStatistics()
    statistics.byState = DeadLetter.State.allCases.compactMap { state in
      counts["state"]?[state.rawValue].map {
        DeadLetterStatistics.Count(name: state.rawValue, count: $0)
      }
    }
    statistics.total = DeadLetter.State.open.reduce(0) {
      $0 + (counts["state"]?[$1.rawValue] ?? 0)
    }
    statistics.byOperation = sorted("operation")
    statistics.byClient = sorted("client")
    statistics.byServer = sorted("server")
    statistics.byKind = sorted("kind")
    statistics.byDelivery = sorted("delivery")
    return statistics
  }

  private func sorted(_ dimension: String) -> [DeadLetterStatistics.Count] {
    (counts[dimension] ?? [:])
      .map { DeadLetterStatistics.Count(name: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }

  /// What this version does not know is listed as something that it knows: see `DeadLetterRow`.
  private static func listed(_ name: String, in dimension: String) -> String {
    switch dimension {
    case "state": DeadLetter.State(rawValue: name)?.rawValue ?? DeadLetter.State.pending.rawValue
    case "delivery": Delivery(rawValue: name)?.rawValue ?? Delivery.unknown.rawValue
    default: name
    }
  }
}
