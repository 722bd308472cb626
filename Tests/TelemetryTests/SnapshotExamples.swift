import FleetModel

/// Pictures of fleets for the tests of every export.
enum SnapshotExamples {
  /// Names a picture in a test's arguments, so that no log shows the hostile one raw.
  enum Kind: CaseIterable {
    case fleet, hostile, empty

    var snapshot: Snapshot {
      switch self {
      case .fleet: SnapshotExamples.fleet
      case .hostile: SnapshotExamples.hostile
      case .empty: SnapshotExamples.empty
      }
    }
  }

  static let now = Timestamp(millisecondsSinceEpoch: 1_795_230_245_678)

  static var search: ServerSnapshot {
    var server = ServerSnapshot(id: ServerID("search"), transport: .http)
    server.era = .modern
    server.protocolVersion = "2025-11-25"
    server.isConnected = true
    server.health.status = .healthy
    server.health.responseTime = .milliseconds(12)
    server.health.lastSuccess = now
    server.toolCount = 4
    server.calls.success = 90
    server.calls.toolError = 5
    server.calls.protocolError = 3
    server.calls.transportFailure = 2
    server.successRate = 0.9
    server.retries.total = 7
    server.retries.perSecond = 0.5
    server.latency.p50 = .milliseconds(20)
    server.latency.p95 = .milliseconds(250)
    server.latency.p99 = .milliseconds(1500)
    server.breaker.failureRate = 0.25
    server.pool.open = 3
    server.pool.idle = 1
    server.pool.active = 2
    server.pool.max = 10
    server.cache.hits = 30
    server.cache.misses = 10
    server.cache.size = 6
    server.cache.evictions = 1
    server.deadLetterCount = 2
    return server
  }

  static var payments: ServerSnapshot {
    var server = ServerSnapshot(id: ServerID("payments"), transport: .stdio)
    server.health.status = .unhealthy
    server.health.consecutiveFailures = 3
    server.health.lastError = "refused"
    server.breaker.state = .open
    server.breaker.reason = "5 failures in a row (503)"
    server.breaker.until = now + .milliseconds(11_200)
    server.breaker.consecutiveFailures = 5
    server.breaker.failureRate = 1
    server.pool.max = 4
    server.pool.waiting = 1
    return server
  }

  static var fleet: Snapshot {
    var snapshot = empty
    snapshot.servers = [search, payments]
    snapshot.totals.calls = 100
    snapshot.totals.successRate = 0.9
    snapshot.totals.retriesPerSecond = 0.5
    snapshot.backoff = backoff
    snapshot.deadLetters.size = 2
    snapshot.deadLetters.oldest = now + .seconds(-720)
    snapshot.notices = [
      Notice(
        number: 41, at: now + .seconds(-5), severity: .warning, server: ServerID("payments"),
        text: "breaker opened: 5 failures in a row (503)"),
      Notice(number: 42, at: now, severity: .info, server: nil, text: "replay: 1 delivered"),
    ]
    return snapshot
  }

  static var empty: Snapshot {
    Snapshot(
      at: now,
      engine: EngineIdentity(
        name: "mcpdash", version: "0.1.0", startedAt: now + .seconds(-3600)))
  }

  /// Every text a server or an operator can choose is an attack.
  static var hostile: Snapshot {
    var snapshot = fleet
    let attack = hostileText
    snapshot.servers[0].id = ServerID(attack)
    snapshot.servers[0].protocolVersion = attack
    snapshot.servers[0].breaker.reason = attack
    snapshot.servers[0].health.lastError = attack
    snapshot.servers[1].id = ServerID("支払い\u{1F4B3}決済サービス")
    snapshot.notices[0].text = attack
    snapshot.notices[0].server = ServerID(attack)
    return snapshot
  }

  /// A screen clearing, a title, C1 controls, line ends, direction marks, zero widths and the
  /// exports' own quotes.
  static let hostileText =
    "\u{1B}[2J\u{1B}]0;owned\u{7}\u{9B}31m a\"b\\c\r\n# d\u{202E}e\u{200B}f\u{2028}g\u{7F}\u{E000}"

  private static var backoff: HistogramSnapshot {
    var histogram = HistogramSnapshot()
    histogram.buckets = [(0.1, 3), (0.5, 5), (1, 5), (.infinity, 6)].map {
      HistogramSnapshot.Bucket(upperBound: $0.0, count: $0.1)
    }
    histogram.count = 6
    histogram.sum = 33.25
    return histogram
  }

  static var letter: DeadLetter {
    DeadLetter(
      id: CallID(high: 0x0199_0000_0000_7001, low: 0x8000_0000_0000_0002),
      server: ServerID("search"), client: "agent", method: "tools/call", target: "web_search",
      params: JSONText(unchecked: Array(#"{"name":"web_search","arguments":{"q":1.50}}"#.utf8)),
      errorKind: "503", errorMessage: "HTTP status 503", delivery: .unknown, isIdempotent: false,
      attempts: [attempt], createdAt: now + .seconds(-7200), lastAttemptAt: now + .seconds(-7100),
      expiresAt: now + .seconds(86_400), replayCount: 1)
  }

  static var attempt: Attempt {
    Attempt(
      startedAt: now + .seconds(-7100), duration: .milliseconds(1500), result: "503",
      backoff: .milliseconds(100))
  }
}
