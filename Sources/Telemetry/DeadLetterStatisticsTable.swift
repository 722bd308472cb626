package import FleetModel

/// The queue of dead letters in numbers.
package enum DeadLetterStatisticsTable {
  /// A heading line, one of how durable the store is, then a table with a row for each name of each
  /// dimension.
  /// - Parameters:
  ///   - now: ages are counted to it.
  ///   - columns: of a line.
  package static func text(
    _ statistics: DeadLetterStatistics, now: Timestamp, columns: Int
  ) -> String {
    var table = TextTable([("BY", .left), ("NAME", .left), ("LETTERS", .right)])
    for (dimension, counts) in dimensions(of: statistics) {
      for (index, count) in counts.enumerated() {
        table.add([index == 0 ? dimension : "", count.name, String(count.count)])
      }
    }
    let heading = PlainText.fit(heading(statistics, now: now), columns)
    let store =
      statistics.durability.map { durability in
        [PlainText.fit(PlainText.clean("store \(durability.words)"), columns)]
      } ?? []
    return ([heading] + store + table.lines(columns: columns)).map { $0 + "\n" }.joined()
  }

  /// `{total, oldest, newest, bytes, durability, byState, byOperation, byServer, byClient, byKind,
  /// byDelivery}`; the last six are arrays of `{name, count}`.
  package static func json(_ statistics: DeadLetterStatistics) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member("total", statistics.total)
      $0.member("oldest", statistics.oldest)
      $0.member("newest", statistics.newest)
      $0.member("bytes", statistics.bytes)
      $0.durability(statistics.durability)
      for (dimension, counts) in dimensions(of: statistics) {
        let key = "by" + dimension.prefix(1).uppercased() + dimension.dropFirst()
        $0.list(key, counts) { writer, count in
          writer.member("name", count.name)
          writer.member("count", count.count)
        }
      }
    }
    return PlainText.escapingHidden(in: writer.json)
  }

  private static func dimensions(
    of statistics: DeadLetterStatistics
  ) -> [(name: String, counts: [DeadLetterStatistics.Count])] {
    [
      ("state", statistics.byState), ("operation", statistics.byOperation),
      ("server", statistics.byServer), ("client", statistics.byClient),
      ("kind", statistics.byKind), ("delivery", statistics.byDelivery),
    ]
  }

  private static func heading(_ statistics: DeadLetterStatistics, now: Timestamp) -> String {
    var text = Figures.count(statistics.total, "open dead letter")
    if let oldest = statistics.oldest, let newest = statistics.newest {
      text += ", oldest \(Figures.age(now - oldest)), newest \(Figures.age(now - newest))"
    }
    return text + ", \(Figures.count(statistics.bytes, "byte"))"
  }
}
