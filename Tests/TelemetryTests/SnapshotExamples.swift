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
    server.source = "~/.mcp.json"
    server.address = "http://search:8080/mcp"
    server.serverName = "Search"
    server.serverVersion = "1.2.3"
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
    server.cache.expired = 4
    server.cache.stale = 5
    server.cache.entries = [
      CacheEntrySnapshot(
        key: "tools/list", cachedAt: now + .seconds(-60), expiresAt: now + .seconds(240),
        accessCount: 29)
    ]
    server.deadLetterCount = 2
    server.health.lastAttempt = now
    server.health.lastProbe = ProbeSnapshot(
      at: now + .seconds(-2), isSuccess: true, duration: .milliseconds(31), result: "ok")
    server.breaker.slowCallRate = 0.125
    server.breaker.probesInFlight = 1
    server.breaker.probeSuccesses = 1
    server.breaker.rejections = 17
    server.breaker.lastSuccess = now
    server.breaker.lastFailure = now + .seconds(-30)
    server.breaker.transitionCount = 2
    server.breaker.transitions = [
      BreakerTransition(from: .closed, to: .open, at: now + .seconds(-90), reason: "5 failures"),
      BreakerTransition(from: .halfOpen, to: .closed, at: now + .seconds(-30), reason: "2 of 2"),
    ]
    server.retries.amplification = 1.4
    server.retries.budgetUsed = 1
    server.retries.budgetLimit = 3
    server.pool.connecting = 1
    server.pool.waitCount = 8
    server.pool.waitTime = .milliseconds(2500)
    server.pool.refusals = 2
    server.pool.closed.idle = 1
    server.pool.closed.lifetime = 2
    server.pool.closed.health = 3
    server.pool.closed.error = 4
    server.pool.closed.reset = 5
    server.load.running = 2
    server.load.limit = 20
    server.load.waiting = 3
    server.load.refused = 4
    server.load.delayed = 5
    server.load.hedges = 6
    server.load.hedgeWins = 2
    server.load.coalesced = 7
    server.operations = operations
    return server
  }

  private static var operations: [OperationSnapshot] {
    var call = OperationSnapshot(name: "tools/call web_search")
    call.calls = 50
    call.attempts = 70
    call.retries = 20
    call.successes = 45
    call.successesAfterRetry = 9
    call.giveUps = [
      OperationSnapshot.GiveUpCount(reason: "attempts exhausted", count: 2),
      OperationSnapshot.GiveUpCount(reason: "total timeout", count: 1),
    ]
    call.sleeps = backoff
    call.timeWaiting = .milliseconds(34_500)
    call.retryAfterHonoured = 1
    var other = call
    other.name = "tools/call fetch"
    var list = OperationSnapshot(name: "tools/list")
    list.calls = 10
    list.attempts = 10
    list.successes = 10
    return [call, other, list]
  }

  /// Held by an operator, on its second endpoint, and its checks contradict its calls.
  static var billing: ServerSnapshot {
    var server = ServerSnapshot(id: ServerID("billing"), transport: .http)
    server.isConnected = true
    server.health.status = .disagreeing
    server.health.disagreement = "3 of 3 checks went well, 9 of 10 calls failed"
    server.impostor = ImpostorSnapshot(
      address: "http://fra-2/mcp",
      expected: ServerIdentity(name: "billing", toolsDigest: "0123456789abcdef"),
      found: ServerIdentity(name: "", toolsDigest: "fedcba"))
    server.endpoint = EndpointSnapshot(name: "fra-2", position: 2, count: 3)
    server.breaker.state = .forcedOpen
    server.breaker.override = BreakerOverrideSnapshot(
      kind: .open, reason: "maintenance", owner: "anna", since: now + .seconds(-28),
      until: now + .seconds(872))
    server.pool.leaks = 2
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
    server.crashLoop = CrashLoopSnapshot(
      count: 5, lastWords: "exited with 1: no such module", nextTry: now + .seconds(12))
    return server
  }

  static var fleet: Snapshot {
    var snapshot = empty
    snapshot.servers = [search, payments, billing]
    snapshot.sources = sources
    snapshot.totals.calls = 100
    snapshot.totals.successRate = 0.9
    snapshot.totals.retriesPerSecond = 0.5
    snapshot.backoff = backoff
    snapshot.deadLetters.size = 2
    snapshot.deadLetters.oldest = now + .seconds(-720)
    snapshot.deadLetters.store = "/var/letters.db"
    snapshot.deadLetters.trouble = "the disk is full"
    snapshot.deadLetters.durability = DeadLetterDurability(.lossy, "in memory only")
    snapshot.deadLetters.spilled = 3
    snapshot.deadLetters.dropped = 4
    snapshot.deadLetters.counts = deadLetterCounts
    snapshot.deadLetters.replays = [
      ReplaySnapshot(
        number: 2, owner: "anna", startedAt: now + .seconds(-60), total: 20,
        count: ReplayCount(delivered: 2, failed: 1), waitsFor: ServerID("payments"))
    ]
    snapshot.notices = [
      Notice(
        number: 41, at: now + .seconds(-5), severity: .warning, server: ServerID("payments"),
        text: "breaker opened: 5 failures in a row (503)"),
      Notice(number: 42, at: now, severity: .info, server: nil, text: "replay: 1 delivered"),
    ]
    return snapshot
  }

  static var sources: [SourceSnapshot] {
    [
      SourceSnapshot(
        name: "~/.mcp.json", kind: .file, serverCount: 3, isWell: true, text: "read 1 min ago"),
      SourceSnapshot(
        name: "http://localhost:50000", kind: .toolhive, serverCount: 0, isWell: false,
        text: "connection refused"),
    ]
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
    harm(&snapshot.servers[2], with: attack)
    snapshot.servers[0].connectFailure = attack
    snapshot.sources[1].text = attack
    snapshot.notices[0].text = attack
    snapshot.notices[0].server = ServerID(attack)
    return snapshot
  }

  private static func harm(_ server: inout ServerSnapshot, with attack: String) {
    server.health.disagreement = attack
    server.health.lastProbe = ProbeSnapshot(
      at: now, isSuccess: false, duration: .zero, result: attack)
    server.endpoint?.name = attack
    server.serverName = attack
    server.source = attack
    server.connectFailure = attack
    server.impostor?.found.name = attack
    server.impostor?.address = attack
    server.crashLoop = CrashLoopSnapshot(count: 1, lastWords: attack, nextTry: nil)
    server.breaker.override?.reason = attack
    server.breaker.override?.owner = attack
    server.breaker.transitions = [
      BreakerTransition(from: .closed, to: .forcedOpen, at: now, reason: attack)
    ]
    server.cache.entries = [
      CacheEntrySnapshot(key: attack, cachedAt: now, expiresAt: now, accessCount: 1)
    ]
    // Two that differ in nothing but what cleaning takes away.
    server.operations = ["\u{1B}", "\u{9B}"].map { OperationSnapshot(name: attack + $0) }
    server.operations[0].giveUps = ["\u{1B}", "\u{9B}"].map {
      OperationSnapshot.GiveUpCount(reason: attack + $0, count: 1)
    }
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

  private static var deadLetterCounts: DeadLetterCounts {
    var counts = DeadLetterCounts()
    (counts.kept, counts.refused, counts.delivered, counts.failed) = (7, 1, 2, 3)
    (counts.discarded, counts.deleted, counts.expired) = (4, 5, 6)
    return counts
  }

  static var letter: DeadLetter {
    DeadLetter(
      id: DeadLetterID(
        CallID(high: 0x0199_0000_0000_7001, low: 0x8000_0000_0000_0002)),
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
