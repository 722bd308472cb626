import FleetModel

extension ReplayRun {
  /// How it went: `3 delivered, 1 failed again, 2 left out: they may have executed (force sends
  /// them)`.
  package var report: String {
    var parts: [String]
    if order.isDryRun {
      let servers = plannedByServer.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      let detail = servers.isEmpty ? "" : " (\(servers.joined(separator: ", ")))"
      parts = ["dry run: \(count.planned) would be sent\(detail)"]
    } else {
      parts = ["\(count.delivered) delivered"]
      if count.failed > 0 { parts.append("\(count.failed) failed again") }
    }
    for obstacle in LetterObstacle.allCases {
      if let number = obstacles[obstacle] { parts.append("\(number) \(obstacle.words)") }
    }
    let rest = count.left - (obstacles[.breakerOpen] ?? 0)
    if rest > 0 { parts.append("\(rest) left") }
    if let trouble { parts.append("ended early: \(trouble)") }
    if trouble == nil, isStopping { parts.append("stopped") }
    return parts.joined(separator: ", ")
  }
}
