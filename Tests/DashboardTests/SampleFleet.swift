import FleetModel

/// A fleet of twelve in an incident: one breaker open, one half-open, one forced, one held closed,
/// one disabled, one server down, one in a crash loop, one whose checks and calls disagree, one idle,
/// one with a Japanese name and one whose name is an attack.
enum SampleFleet {
  static let now = Timestamp(year: 2026, month: 11, day: 21, hour: 3, minute: 4, second: 5)
  static let names = [
    "mcp-github", "mcp-postgres", "filesystem", "search-eu", "slack", "日本-translate",
    "evil\u{1B}[2J\u{202E}db", "vector-db", "payments", "billing", "legacy", "vault",
  ]

  /// Made once: most tests look at this one.
  static let standard = snapshot(seed: 7)

  static func snapshot(seed: UInt64) -> Snapshot {
    var random = SplitMix64(seed: seed)
    var snapshot = Snapshot(
      at: now,
      engine: EngineIdentity(name: "mcpdash", version: "1.0.0", startedAt: now + .seconds(-7200)))
    snapshot.servers = names.enumerated().map { index, name in
      server(name, index: index, using: &random)
    }
    snapshot.totals.calls = 123_456
    snapshot.totals.successRate = 0.9504
    snapshot.totals.retriesPerSecond = 78.9
    snapshot.series.retriesPerSecond = course(240, from: 110, to: 40, noise: 30, using: &random)
    snapshot.series.successRate = course(240, from: 99.5, to: 95, noise: 2, using: &random)
      .enumerated().map { $0.offset < 20 ? nil : min($0.element, 100) / 100 }
    snapshot.backoff = backoff
    snapshot.deadLetters = deadLetters
    snapshot.notices = notices(using: &random)
    return snapshot
  }

  private static func server(
    _ name: String, index: Int, using random: inout SplitMix64
  ) -> ServerSnapshot {
    var server = ServerSnapshot(
      id: ServerID(name), transport: index == 2 || index == 8 ? .stdio : .http)
    server.era = index == 2 ? .handshake : .modern
    server.protocolVersion = index == 2 ? "2025-06-18" : "2026-07-28"
    server.isConnected = true
    server.health.status = .healthy
    server.health.responseTime = .milliseconds(12)
    server.health.lastSuccess = now + .seconds(-9)
    server.toolCount = 4 + index
    server.calls.success = 40_000 / (index + 1)
    server.calls.toolError = 120 * index
    server.calls.protocolError = 3
    server.calls.transportFailure = index == 0 ? 2301 : 17
    server.successRate = 0.997
    server.retries.perSecond = 2.1
    server.retries.total = 4711
    server.latency.p50 = .milliseconds(31)
    server.latency.p95 = .milliseconds(53)
    server.latency.p99 = .milliseconds(810)
    server.pool.max = 16
    server.pool.open = 6
    server.pool.idle = 3
    server.pool.active = 3
    server.cache.hits = 900
    server.cache.misses = 100
    server.cache.size = 42
    server.series.retriesPerSecond = course(240, from: 3, to: 2, noise: 3, using: &random)
    server.series.callsPerSecond = course(240, from: 120, to: 90, noise: 40, using: &random)
    server.series.breaker = Array(repeating: .closed, count: 240)
    server.series.deadLetters = Array(repeating: 0, count: 240)
    server.health.lastAttempt = now + .seconds(-4)
    server.retries.amplification = 1.04
    server.retries.budgetLimit = 3
    server.pool.closed.idle = 3
    server.load.limit = 20
    server.load.running = 3
    server.operations = [operation("tools/call query", calls: 900, retries: 20, giveUps: 0)]
    trouble(&server, index: index, using: &random)
    hold(&server, index: index)
    return server
  }

  private static func operation(
    _ name: String, calls: Int, retries: Int, giveUps: Int
  ) -> OperationSnapshot {
    var operation = OperationSnapshot(name: name)
    operation.calls = calls
    operation.attempts = calls + retries
    operation.retries = retries
    operation.successes = calls - giveUps
    operation.timeWaiting = .milliseconds(retries * 140)
    if giveUps > 0 {
      operation.successesAfterRetry = retries / 3
      operation.retryAfterHonoured = 2
      operation.giveUps = [
        OperationSnapshot.GiveUpCount(reason: "attempts exhausted", count: giveUps - 1),
        OperationSnapshot.GiveUpCount(reason: "budget exhausted", count: 1),
      ]
    }
    return operation
  }

  /// What the first server's page has to show beside its trouble.
  private static func detail(_ server: inout ServerSnapshot) {
    server.retries.amplification = 1.44
    server.retries.budgetUsed = 2
    server.breaker.transitionCount = 23
    server.breaker.transitions = [
      BreakerTransition(
        from: .closed, to: .open, at: now + .seconds(-78),
        reason: "5 consecutive failures: 503, 503, timeout, 503, refused"),
      BreakerTransition(
        from: .open, to: .halfOpen, at: now + .seconds(-48), reason: "30 s open time over"),
      BreakerTransition(
        from: .halfOpen, to: .open, at: now + .seconds(-18), reason: "probe failed: timeout"),
    ]
    server.breaker.slowCallRate = 0.31
    server.health.lastProbe = ProbeSnapshot(
      at: now + .seconds(-12), isSuccess: false, duration: .seconds(5), result: "timeout")
    server.pool.connecting = 1
    server.pool.waitCount = 1204
    server.pool.waitTime = .milliseconds(15_400)
    server.pool.refusals = 15
    server.pool.closed.error = 4
    server.pool.closed.health = 1
    server.load.running = 16
    server.load.waiting = 9
    server.load.delayed = 30
    server.load.refused = 12
    server.load.hedges = 40
    server.load.hedgeWins = 22
    server.load.coalesced = 51
    server.operations = [
      operation("tools/call create_issue", calls: 31_204, retries: 4201, giveUps: 170),
      operation("tools/call search_code", calls: 8800, retries: 510, giveUps: 0),
      operation("tools/list", calls: 12, retries: 0, giveUps: 0),
    ]
    server.cache.stale = 7
    server.cache.expired = 31
    server.cache.entries = [
      CacheEntrySnapshot(
        key: "tools/list", cachedAt: now + .seconds(-250), expiresAt: now + .seconds(50),
        accessCount: 812),
      CacheEntrySnapshot(
        key: #"resources/read {"uri":"repo://日本/readme"}"#, cachedAt: now + .seconds(-310),
        expiresAt: now + .seconds(-10), accessCount: 88),
    ]
  }

  /// What operators and processes do to servers.
  private static func hold(_ server: inout ServerSnapshot, index: Int) {
    switch index {
    case 0: detail(&server)
    case 7:
      server.breaker.override = BreakerOverrideSnapshot(
        kind: .open, reason: "reindexing until half past", owner: "anna",
        since: now + .seconds(-28), until: now + .seconds(872))
    case 8:
      server.isConnected = false
      server.health.status = .unhealthy
      server.crashLoop = CrashLoopSnapshot(
        count: 5, lastWords: "exited with 1: Error: cannot find module './ledger'",
        nextTry: now + .seconds(12))
      server.successRate = nil
      server.pool = PoolSnapshot()
      server.pool.max = 10
    case 9:
      server.health.status = .disagreeing
      server.health.disagreement = "3 of 3 checks went well, 41 of 50 calls failed"
      server.endpoint = EndpointSnapshot(name: "fra-2", position: 2, count: 3)
      server.successRate = 0.18
      server.retries.amplification = 2.3
      server.pool.leaks = 2
    case 10:
      server.breaker.override = BreakerOverrideSnapshot(
        kind: .closed, reason: "", owner: "日本 bob", since: now + .seconds(-4000), until: nil)
    case 11:
      server.breaker.state = .disabled
      server.breaker.override = BreakerOverrideSnapshot(
        kind: .disabled, reason: "measuring without it", owner: "carl",
        since: now + .seconds(-60), until: now + .seconds(14_340))
    default: break
    }
  }

  private static func trouble(
    _ server: inout ServerSnapshot, index: Int, using random: inout SplitMix64
  ) {
    switch index {
    case 0:
      server.breaker.state = .open
      server.breaker.until = now + .seconds(12)
      server.breaker.reason = "5 failures in a row, the last: timeout after 30 s"
      server.breaker.consecutiveFailures = 5
      server.breaker.failureRate = 0.62
      server.health.status = .unhealthy
      server.health.consecutiveFailures = 4
      server.health.lastError = "no answer within 5 s"
      server.successRate = 0.71
      server.retries.perSecond = 41.8
      server.latency.p95 = .milliseconds(1159)
      server.latency.p99 = .milliseconds(2340)
      server.pool.active = 16
      server.pool.waiting = 9
      server.deadLetterCount = 171
      server.series.retriesPerSecond = course(240, from: 2, to: 44, noise: 6, using: &random)
      server.series.deadLetters = (0..<240).map { max(0, $0 - 69) }
      for index in 200..<240 { server.series.breaker[index] = index % 15 < 2 ? .halfOpen : .open }
    case 1:
      server.breaker.state = .halfOpen
      server.breaker.reason = "cool-down of 30 s is over, 1 of 2 probes went well"
      server.successRate = 0.95
      server.retries.perSecond = 30.3
      server.latency.p95 = .milliseconds(363)
      server.pool.active = 11
      server.deadLetterCount = 43
      server.series.retriesPerSecond = course(240, from: 40, to: 28, noise: 6, using: &random)
      server.series.deadLetters = (0..<240).map { $0 / 6 + 3 }
      for index in 215..<238 { server.series.breaker[index] = .open }
      for index in 238..<240 { server.series.breaker[index] = .halfOpen }
    case 3:
      server.isConnected = false
      server.health.status = .unhealthy
      server.health.consecutiveFailures = 17
      server.health.lastError = "connection refused"
      server.health.lastSuccess = now + .seconds(-1020)
      server.successRate = nil
      server.retries.perSecond = 0
      server.latency = LatencySnapshot()
      server.pool = PoolSnapshot()
      server.pool.max = 16
      server.series.retriesPerSecond = course(240, from: 1, to: 0, noise: 0, using: &random)
    case 4:
      server.successRate = nil
      server.retries.perSecond = 0
      server.latency = LatencySnapshot()
      server.pool.active = 0
      server.series.retriesPerSecond = Array(repeating: 0, count: 240)
    case 7:
      server.breaker.state = .forcedOpen
      for index in 230..<240 { server.series.breaker[index] = .forcedOpen }
    default: break
    }
  }

  private static func course(
    _ count: Int, from: Double, to: Double, noise: Double, using random: inout SplitMix64
  ) -> [Double] {
    (0..<count).map { index in
      let trend = from + (to - from) * Double(index) / Double(count)
      return max(0, trend + noise * (Double.random(in: 0..<1, using: &random) - 0.5))
    }
  }

  private static var backoff: HistogramSnapshot {
    var histogram = HistogramSnapshot()
    var below = 0
    for (bound, count) in [
      (0.01, 229), (0.02, 422), (0.04, 325), (0.08, 203), (0.16, 153), (0.32, 85), (0.64, 48),
      (1.28, 37), (2.56, 17), (5, 36), (Double.infinity, 4),
    ] {
      below += count
      histogram.buckets.append(HistogramSnapshot.Bucket(upperBound: bound, count: below))
    }
    histogram.count = below
    histogram.sum = 412.5
    return histogram
  }

  private static var deadLetters: DeadLetterSnapshot {
    var snapshot = DeadLetterSnapshot()
    snapshot.size = 214
    snapshot.oldest = now + .seconds(-7 * 3600)
    let causes = [
      ("timeout", Delivery.unknown), ("503", .refused), ("refused", .notSent),
      ("tool error", .executed),
    ]
    snapshot.recent = (0..<DeadLetterSnapshot.recentLimit).map { index in
      let (cause, delivery) = causes[index % causes.count]
      return letter(index, cause: cause, delivery: delivery)
    }
    return snapshot
  }

  private static func letter(_ index: Int, cause: String, delivery: Delivery) -> DeadLetter {
    let created = now + .seconds(-30 - 41 * index)
    let target = ["create_issue", "query", "search_code"][index % 3]
    let payload = #"{"name":"create_issue","arguments":{"title":"日本 \#(index)","body":"…"}}"#
    let attempts = (0..<4).map { attempt in
      Attempt(
        startedAt: created + .seconds(attempt), duration: .milliseconds(30 + 17 * attempt),
        result: cause, backoff: .milliseconds(attempt == 0 ? 0 : 100 << (attempt - 1)))
    }
    return DeadLetter(
      id: DeadLetterID(
        CallID(high: 0x0190_0000_0000_7000 + UInt64(index), low: 0x8000_0000_0000_0001)),
      server: ServerID(names[index % 5 == 4 ? 1 : 0]), client: "agent-\(index % 3)",
      method: "tools/call", target: target, params: JSONText(unchecked: Array(payload.utf8)),
      errorKind: cause, errorMessage: "gave up after 4 tries", delivery: delivery,
      isIdempotent: index % 7 == 0, attempts: attempts, createdAt: created,
      lastAttemptAt: created + .seconds(3), expiresAt: now + .seconds(86_400),
      replayCount: index % 2)
  }

  private static func notices(using random: inout SplitMix64) -> [Notice] {
    let texts: [(Notice.Severity, String)] = [
      (.info, "retry 2/5 in 143 ms (timeout)"), (.error, "gave up after 5 tries, kept as a letter"),
      (.warning, "breaker half-open after 30 s"), (.info, "connection reused, pool 4/16"),
      (.error, "answer: \u{1B}]0;owned\u{7}\u{1B}[31mred"),
    ]
    return (0..<120).map { index in
      let (severity, text) = texts[Int.random(in: 0..<texts.count, using: &random)]
      return Notice(
        number: UInt64(1000 + index), at: now + .seconds(index - 119), severity: severity,
        server: ServerID(names[Int.random(in: 0..<names.count, using: &random)]), text: text)
    }
  }
}
