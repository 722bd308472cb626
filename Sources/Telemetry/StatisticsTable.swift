package import FleetModel

/// What was done for each operation of each server, in the order of the configuration.
package enum StatisticsTable {
  /// A row for each server and, indented below it, one for each of its operations; what the row has
  /// no room for follows it in words. 80 columns show everything.
  /// - Parameter columns: of a line; names are cut to what the figures leave.
  package static func text(_ snapshot: Snapshot, columns: Int) -> String {
    let rows = snapshot.servers.flatMap(rows)
    let figuresWidth = figuresWidth(of: rows)
    var table = TextTable(
      [("SERVER, OPERATION", .left)] + titles.map { ($0, .right) })
    for row in rows {
      let room = max(leastNameWidth, columns - figuresWidth)
      table.add([PlainText.fit(PlainText.clean(row.name), room)] + row.figures)
    }
    let lines = table.lines(columns: columns)
    var text = lines.prefix(1).map { $0 + "\n" }.joined()
    for (row, line) in zip(rows, lines.dropFirst()) {
      text += line + "\n"
      for detail in row.details {
        text += PlainText.fit("    " + PlainText.clean(detail), columns) + "\n"
      }
    }
    return text
  }

  /// `{"servers": [{name, retries, amplification, budget: {used, limit}, operations}]}`.
  package static func json(_ snapshot: Snapshot) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.key("servers")
      $0.array { writer in
        for server in snapshot.servers {
          writer.object {
            $0.member("name", server.id.name)
            $0.member("retries", server.retries.total)
            $0.member("amplification", server.retries.amplification)
            $0.key("budget")
            $0.object {
              $0.member("used", server.retries.budgetUsed)
              $0.member("limit", server.retries.budgetLimit)
            }
            $0.key("operations")
            $0.array { writer in
              for operation in server.operations { members(operation, &writer) }
            }
          }
        }
      }
    }
    return PlainText.escapingHidden(in: writer.json)
  }

  // MARK: - Text

  private static let titles = [
    "CALLS", "TRIES", "RATIO", "RETRIES", "SAVED", "GAVE UP", "WAITED",
  ]
  /// However little room there is, a name keeps its beginning.
  private static let leastNameWidth = 17

  private struct Row {
    var name: String
    /// In the order of the titles.
    var figures: [String]
    var details: [String]
  }

  private static func rows(of server: ServerSnapshot) -> [Row] {
    let sum = server.operations.reduce(into: OperationSnapshot(name: "")) {
      $0.calls += $1.calls
      $0.attempts += $1.attempts
      $0.retries += $1.retries
      $0.successesAfterRetry += $1.successesAfterRetry
      $0.giveUps += $1.giveUps
      $0.timeWaiting += $1.timeWaiting
    }
    let budget = server.retries
    let heading = Row(
      name: server.id.name, figures: figures(of: sum, ratio: budget.amplification),
      details: ["retry budget: \(budget.budgetUsed) of \(budget.budgetLimit) in use"])
    return [heading]
      + server.operations.map {
        Row(
          name: "  " + shortName(of: $0), figures: figures(of: $0, ratio: $0.amplification),
          details: details(of: $0))
      }
  }

  /// A tool's name alone: nearly every row would begin with the same word.
  private static func shortName(of operation: OperationSnapshot) -> String {
    let prefix = "tools/call "
    guard operation.name.hasPrefix(prefix) else { return operation.name }
    return String(operation.name.dropFirst(prefix.count))
  }

  private static func figures(of operation: OperationSnapshot, ratio: Double?) -> [String] {
    let givenUp = operation.giveUps.reduce(0) { $0 + $1.count }
    return [
      String(operation.calls), String(operation.attempts), Self.ratio(ratio),
      String(operation.retries), String(operation.successesAfterRetry), String(givenUp),
      operation.timeWaiting > .zero ? Figures.latency(operation.timeWaiting) : "0",
    ]
  }

  private static func details(of operation: OperationSnapshot) -> [String] {
    var details: [String] = []
    let sleeps = operation.sleeps
    if sleeps.count > 0 {
      let sum = Figures.latency(Duration(fractionalSeconds: sleeps.sum))
      var words = "slept \(Figures.count(sleeps.count, "time")), \(sum) in all"
      if let half = bound(0.5, of: sleeps), let most = bound(0.95, of: sleeps) {
        words += ", p50 \(half.words), p95 \(most.words)"
      }
      details.append(words)
    }
    if operation.retryAfterHonoured > 0 {
      let times = Figures.count(operation.retryAfterHonoured, "time")
      details.append("Retry-After honoured \(times)")
    }
    if !operation.giveUps.isEmpty {
      let reasons = operation.giveUps.map { "\($0.reason) \($0.count)" }
      details.append("gave up: " + reasons.joined(separator: ", "))
    }
    return details
  }

  private static func figuresWidth(of rows: [Row]) -> Int {
    titles.enumerated().reduce(0) { sum, title in
      let width = rows.reduce(title.element.count) { max($0, $1.figures[title.offset].count) }
      return sum + width + 2
    }
  }

  /// `1.00`, `12.34`.
  private static func ratio(_ value: Double?) -> String {
    guard let value, value.isFinite, abs(value) < 1e12 else { return Figures.none }
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  // MARK: - Histogram

  /// The bucket that the quantile falls into, by the bound that is known of it.
  private struct Bound {
    var seconds: Double
    /// The last bucket has no upper bound, so the quantile is somewhere above.
    var isBelow: Bool

    var words: String {
      (isBelow ? ">" : "≤") + Figures.latency(Duration(fractionalSeconds: seconds))
    }
  }

  private static func bound(_ quantile: Double, of histogram: HistogramSnapshot) -> Bound? {
    let rank = quantile * Double(histogram.count)
    guard let index = histogram.buckets.firstIndex(where: { Double($0.count) >= rank }) else {
      return nil
    }
    let bucket = histogram.buckets[index]
    if bucket.upperBound.isFinite { return Bound(seconds: bucket.upperBound, isBelow: false) }
    guard index > 0 else { return nil }
    return Bound(seconds: histogram.buckets[index - 1].upperBound, isBelow: true)
  }

  // MARK: - JSON

  private static func members(_ operation: OperationSnapshot, _ writer: inout JSONWriter) {
    writer.object {
      $0.member("name", operation.name)
      $0.member("calls", operation.calls)
      $0.member("attempts", operation.attempts)
      $0.member("amplification", operation.amplification)
      $0.member("retries", operation.retries)
      $0.member("successes", operation.successes)
      $0.member("successesAfterRetry", operation.successesAfterRetry)
      $0.key("giveUps")
      $0.array { writer in
        for giveUp in operation.giveUps {
          writer.object {
            $0.member("reason", giveUp.reason)
            $0.member("count", giveUp.count)
          }
        }
      }
      $0.key("sleeps")
      $0.object {
        $0.member("count", operation.sleeps.count)
        $0.member("sumSeconds", operation.sleeps.sum)
        $0.member("p50AtMostSeconds", atMost(0.5, operation.sleeps))
        $0.member("p95AtMostSeconds", atMost(0.95, operation.sleeps))
      }
      $0.member("timeWaitingSeconds", seconds: operation.timeWaiting)
      $0.member("retryAfterHonoured", operation.retryAfterHonoured)
    }
  }

  private static func atMost(_ quantile: Double, _ histogram: HistogramSnapshot) -> Double? {
    guard histogram.count > 0, let bound = bound(quantile, of: histogram), !bound.isBelow else {
      return nil
    }
    return bound.seconds
  }
}
