package import FleetModel

/// The whole picture as text for people: a heading, the servers, remarks on them, the sources
/// that are not well, the totals, the last notices.
///
/// No line is wider than asked for, and no server's text can do more than be read.
package enum SnapshotText {
  /// Notices at the end.
  package static let noticeLimit = 5

  /// - Parameter columns: of a line, at least 1.
  package static func render(_ snapshot: Snapshot, columns: Int) -> String {
    precondition(columns > 0, "a line has at least one column")
    var lines = [heading(snapshot), ""]
    lines += ServerTable.lines(snapshot, columns: columns)
    let remarks = ServerRemarks.lines(snapshot)
    if !remarks.isEmpty { lines += [""] + remarks }
    let troubles = snapshot.sources.filter { !$0.isWell }
    if !troubles.isEmpty { lines += [""] + troubles.map { "source \($0.name): \($0.text)" } }
    lines += ["", totals(snapshot)] + letters(snapshot.deadLetters)
    lines.append(backoff(snapshot.backoff))
    let notices = snapshot.notices.suffix(noticeLimit)
    if !notices.isEmpty { lines += [""] + notices.map(line) }
    return lines.map { PlainText.fit(PlainText.clean($0), columns) + "\n" }.joined()
  }

  private static func heading(_ snapshot: Snapshot) -> String {
    let connected = snapshot.servers.count { $0.isConnected }
    return "\(snapshot.engine.name) \(snapshot.engine.version)  \(snapshot.at.rfc3339)  "
      + "\(Figures.count(snapshot.servers.count, "server")), \(connected) connected"
  }

  private static func totals(_ snapshot: Snapshot) -> String {
    var line =
      "totals: \(Figures.count(snapshot.totals.calls, "call")), "
      + "\(Figures.percent(snapshot.totals.successRate)) ok, "
      + "\(Figures.rate(snapshot.totals.retriesPerSecond)) retries/s, "
      + Figures.count(snapshot.deadLetters.size, "dead letter")
    if let oldest = snapshot.deadLetters.oldest {
      line += ", oldest \(Figures.age(snapshot.at - oldest))"
    }
    return line
  }

  /// What is wrong with the store of dead letters, and the replays that run.
  private static func letters(_ letters: DeadLetterSnapshot) -> [String] {
    var lines: [String] = []
    if let trouble = letters.trouble {
      lines.append(
        "dead letters: the store does not work: \(trouble); "
          + "\(Figures.count(letters.spilled, "letter")) in memory")
    }
    if let durability = letters.durability, durability.grade == .lossy {
      lines.append("dead letters: they may be lost: \(durability.text)")
    }
    if letters.counts.refused > 0 {
      lines.append("dead letters: \(letters.counts.refused) NOT kept, the store did not work")
    }
    if letters.dropped > 0 {
      lines.append("dead letters: \(letters.dropped) dropped, the store is full")
    }
    for replay in letters.replays where replay.endedAt == nil {
      var line = "replay \(replay.number): \(replay.count.settled) of \(replay.total)"
      line += ", \(replay.count.delivered) delivered"
      if let server = replay.waitsFor { line += ", waits for the breaker of \(server)" }
      if replay.isStopping { line += ", stopping" }
      lines.append(line)
    }
    return lines
  }

  /// Every bucket that holds something, each without those below it.
  private static func backoff(_ histogram: HistogramSnapshot) -> String {
    guard histogram.count > 0 else { return "backoff: no waits" }
    var parts: [String] = []
    var below = HistogramSnapshot.Bucket(upperBound: 0, count: 0)
    for bucket in histogram.buckets {
      let count = bucket.count - below.count
      if count > 0 {
        let isLast = !bucket.upperBound.isFinite
        let bound = isLast ? below.upperBound : bucket.upperBound
        let words = Figures.latency(Duration(fractionalSeconds: bound))
        parts.append("\(isLast ? ">" : "≤")\(words) \(count)")
      }
      below = bucket
    }
    let sum = Figures.latency(Duration(fractionalSeconds: histogram.sum))
    return (["backoff: \(Figures.count(histogram.count, "wait")), \(sum) in all"] + parts)
      .joined(separator: ", ")
  }

  private static func line(_ notice: Notice) -> String {
    let server = notice.server.map { "\($0.name): " } ?? ""
    return "\(notice.at.clockText) \(notice.severity.rawValue) \(server)\(notice.text)"
  }
}
