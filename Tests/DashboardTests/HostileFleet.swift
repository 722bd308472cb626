import FleetModel

/// A fleet that means harm: names and texts with escapes, wide and invisible scalars, and numbers
/// that are none.
enum HostileFleet {
  static let texts = [
    "", "\u{1B}[2J\u{1B}]0;owned\u{7}", "日本語日本語日本語日本語日本語日本語", "\u{202E}\u{2066}\u{200B}",
    String(repeating: "wide 語 ", count: 60), "👩‍👩‍👧‍👦⚠️🇩🇪🪿", "a\u{301}\u{302}\u{303}b",
    "\u{0}\u{9B}\u{FFFF}",
    "line\nbreak\r\ttab\u{2028}", "plain",
  ]

  static func snapshot(seed: UInt64, serverCount: Int) -> Snapshot {
    var chance = Chance(random: SplitMix64(seed: seed))
    let engine = EngineIdentity(
      name: chance.text(), version: chance.text(), startedAt: chance.time())
    var snapshot = Snapshot(at: SampleFleet.now, engine: engine)
    snapshot.servers = (0..<serverCount).map { server($0, &chance) }
    snapshot.totals.successRate = chance.number()
    snapshot.series.retriesPerSecond = (0..<300).map { _ in chance.number() }
    snapshot.series.successRate = (0..<300).map { $0 % 3 == 0 ? nil : chance.number() }
    snapshot.backoff.count = 5
    snapshot.backoff.sum = chance.number()
    snapshot.backoff.buckets = (0..<20).map { _ in
      HistogramSnapshot.Bucket(upperBound: chance.number(), count: chance.count())
    }
    snapshot.deadLetters.size = chance.count()
    snapshot.deadLetters.oldest = chance.time()
    snapshot.deadLetters.recent = (0..<12).map { letter($0, &chance) }
    snapshot.deadLetters.store = chance.text()
    if chance.count() > 0 { snapshot.deadLetters.trouble = chance.text() }
    snapshot.deadLetters.spilled = chance.count()
    snapshot.deadLetters.dropped = chance.count()
    snapshot.deadLetters.replays = (0..<3).map { replay($0, &chance) }
    snapshot.notices = (0..<60).map { index in
      Notice(
        number: UInt64(index), at: chance.time(), severity: .error,
        server: index % 2 == 0 ? ServerID(chance.text()) : nil, text: chance.text())
    }
    return snapshot
  }

  private static func server(_ index: Int, _ chance: inout Chance) -> ServerSnapshot {
    var server = ServerSnapshot(id: ServerID("\(chance.text())\(index)"), transport: .stdio)
    server.protocolVersion = chance.text()
    server.isConnected = chance.count() % 2 == 0
    server.health.lastError = chance.text()
    server.health.lastSuccess = chance.time()
    server.health.responseTime = Duration(fractionalSeconds: chance.number())
    server.health.consecutiveFailures = chance.count()
    server.toolCount = -1
    server.calls.success = chance.count()
    server.successRate = chance.number()
    server.retries.perSecond = chance.number()
    server.latency.p95 = Duration(fractionalSeconds: chance.number())
    let states: [BreakerSnapshot.State] = [.closed, .open, .halfOpen, .forcedOpen, .disabled]
    server.breaker.state = chance.one(of: states)
    server.breaker.reason = chance.text()
    server.breaker.until = chance.time()
    server.breaker.failureRate = chance.number()
    harm(&server, &chance)
    server.pool.max = chance.count()
    server.pool.active = chance.count()
    server.pool.waiting = chance.count()
    server.deadLetterCount = chance.count()
    server.series.retriesPerSecond = (0..<50).map { _ in chance.number() }
    server.series.callsPerSecond = (0..<3).map { _ in chance.number() }
    server.series.breaker = states
    server.series.deadLetters = [-5, 1_000_000_000]
    return server
  }

  /// Every text of the newer members, and times and counts that are none.
  private static func harm(_ server: inout ServerSnapshot, _ chance: inout Chance) {
    if chance.count() > 0 {
      let kind = chance.one(of: BreakerOverride.Kind.allCases)
      server.breaker.override = BreakerOverrideSnapshot(
        kind: kind, reason: chance.text(), owner: chance.text(), since: chance.time(),
        until: chance.count() > 0 ? chance.time() : nil)
    }
    if chance.count() > 0 {
      server.crashLoop = CrashLoopSnapshot(
        count: chance.count(), lastWords: chance.text(),
        nextTry: chance.count() > 0 ? chance.time() : nil)
    }
    server.health.status = chance.one(of: [.healthy, .unhealthy, .unknown, .disagreeing])
    server.health.disagreement = chance.text()
    server.health.lastAttempt = chance.time()
    server.health.lastProbe = ProbeSnapshot(
      at: chance.time(), isSuccess: false, duration: Duration(fractionalSeconds: chance.number()),
      result: chance.text())
    server.endpoint = EndpointSnapshot(
      name: chance.text(), position: chance.count(), count: chance.count())
    server.breaker.transitionCount = chance.count()
    server.breaker.transitions = (0..<BreakerSnapshot.transitionLimit).map { _ in
      BreakerTransition(from: .closed, to: .open, at: chance.time(), reason: chance.text())
    }
    server.retries.amplification = chance.number()
    server.retries.budgetLimit = chance.count()
    server.pool.waitCount = chance.count()
    server.pool.waitTime = Duration(fractionalSeconds: chance.number())
    server.pool.leaks = chance.count()
    server.pool.closed.error = chance.count()
    server.load.limit = chance.count()
    server.load.refused = chance.count()
    server.cache.entries = (0..<CacheSnapshot.entryLimit).map { _ in
      CacheEntrySnapshot(
        key: chance.text(), cachedAt: chance.time(), expiresAt: chance.time(),
        accessCount: chance.count())
    }
    server.operations = (0..<5).map { _ in
      var operation = OperationSnapshot(name: chance.text())
      operation.calls = chance.count()
      operation.timeWaiting = Duration(fractionalSeconds: chance.number())
      operation.giveUps = [
        OperationSnapshot.GiveUpCount(reason: chance.text(), count: chance.count())
      ]
      return operation
    }
  }

  private static func replay(_ index: Int, _ chance: inout Chance) -> ReplaySnapshot {
    ReplaySnapshot(
      number: index, owner: chance.text(), startedAt: chance.time(),
      endedAt: index == 1 ? chance.time() : nil, total: chance.count(),
      count: ReplayCount(
        delivered: chance.count(), failed: chance.count(), unsafe: chance.count(),
        planned: chance.count(), left: chance.count()),
      waitsFor: chance.count() > 0 ? ServerID(chance.text()) : nil, isStopping: index == 2,
      trouble: chance.count() > 0 ? chance.text() : nil)
  }

  private static func letter(_ index: Int, _ chance: inout Chance) -> DeadLetter {
    let attempt = Attempt(
      startedAt: chance.time(), duration: Duration(fractionalSeconds: chance.number()),
      result: chance.text(), backoff: Duration(fractionalSeconds: chance.number()))
    var letter = DeadLetter(
      id: DeadLetterID(index % 3 == 0 ? "\(chance.text())\(index)" : "id-\(index)"),
      server: ServerID("\(chance.text())\(index % 4)"),
      client: chance.text(), method: chance.text(), target: index % 2 == 0 ? chance.text() : nil,
      params: JSONText(unchecked: Array(chance.text().utf8) + [0xFF, 0x1B]),
      errorKind: chance.text(), errorMessage: chance.text(), delivery: .unknown,
      isIdempotent: false, attempts: [attempt], createdAt: chance.time(),
      lastAttemptAt: chance.time(), expiresAt: chance.time())
    letter.endpoint = chance.text()
    letter.redacted = [chance.text(), chance.text()]
    letter.needsToken = index % 2 == 0
    if index % 3 == 0 { letter.original = JSONText(unchecked: Array(chance.text().utf8)) }
    if index % 4 == 1 { letter.fault = chance.text() }
    letter.state = chance.one(of: DeadLetter.State.allCases)
    if letter.state == .replaying {
      letter.lease = DeadLetter.Lease(owner: chance.text(), until: chance.time())
    }
    return letter
  }

  /// Draws what is worst.
  private struct Chance {
    var random: SplitMix64

    mutating func one<Value>(of values: [Value]) -> Value {
      values[Int.random(in: 0..<values.count, using: &random)]
    }

    mutating func text() -> String { one(of: texts) }

    mutating func number() -> Double {
      one(of: [0, 1, -1, 0.5, 1e300, .nan, .infinity, -.infinity])
    }

    mutating func count() -> Int { one(of: [-1, 0, 1, 12, 999_999, 1_000_000_000_000]) }

    mutating func time() -> Timestamp {
      let far: Int64 = 100_000_000_000_000_000
      return Timestamp(
        millisecondsSinceEpoch: one(
          of: [-far, far, 0, SampleFleet.now.millisecondsSinceEpoch]))
    }
  }
}
