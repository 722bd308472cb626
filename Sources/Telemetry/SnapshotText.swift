package import FleetModel

/// A snapshot for people: the table of servers, the totals and the newest notices.
package enum SnapshotText {
  /// Notices shown, newest last.
  package static let noticeLimit = 10

  /// - Parameter columns: how wide the page is; at least 40.
  package static func render(_ snapshot: Snapshot, columns: Int) -> String {
    let page = max(TextTable.leastColumns, columns)
    let engine = snapshot.engine
    var lines = [
      "\(engine.name) \(engine.version), \(snapshot.at.rfc3339), up "
        + NumberText.duration(snapshot.at - engine.startedAt),
      "",
    ]
    lines += ServerTable.render(snapshot, columns: page).split(separator: "\n").map(String.init)
    lines += ["", totals(snapshot)]
    if let backoff = backoff(snapshot.backoff) { lines.append(backoff) }
    if !snapshot.notices.isEmpty {
      lines.append("")
      lines += snapshot.notices.suffix(noticeLimit).map(text)
    }
    return lines.map { CleanText.fitted(CleanText.line($0), to: page) + "\n" }.joined()
  }

  private static func totals(_ snapshot: Snapshot) -> String {
    let connected = snapshot.servers.count { $0.isConnected }
    var parts = [
      "\(connected) of \(snapshot.servers.count) servers connected",
      "\(snapshot.totals.calls) calls", "\(NumberText.percent(snapshot.totals.successRate)) ok",
      "\(NumberText.fixed(snapshot.totals.retriesPerSecond, decimals: 1)) retries/s",
      "\(snapshot.deadLetters.size) dead letters",
    ]
    if let oldest = snapshot.deadLetters.oldest {
      parts.append("oldest \(NumberText.duration(snapshot.at - oldest))")
    }
    return parts.joined(separator: ", ")
  }

  /// `backoff: 12 delays, mean 240 ms; ≤ 0.1 s 3, ≤ 0.5 s 9`; nil without delays.
  private static func backoff(_ histogram: HistogramSnapshot) -> String? {
    guard histogram.count > 0 else { return nil }
    let mean = Duration(fractionalSeconds: histogram.sum / Double(histogram.count))
    var parts: [String] = []
    var below = 0
    for bucket in histogram.buckets {
      let count = bucket.count - below
      below = bucket.count
      guard count > 0 else { continue }
      parts.append(
        bucket.upperBound.isFinite ? "≤ \(number(bucket.upperBound)) s \(count)" : "more \(count)")
    }
    return "backoff: \(histogram.count) delays, mean \(NumberText.duration(mean)); "
      + parts.joined(separator: ", ")
  }

  private static func number(_ bound: Double) -> String {
    Int(exactly: bound).map(String.init) ?? String(bound)
  }

  private static func text(_ notice: Notice) -> String {
    let server = notice.server.map { "\($0.name): " } ?? ""
    return "\(notice.at.clockText) \(notice.severity.rawValue): \(server)\(notice.text)"
  }
}
