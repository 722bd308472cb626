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
    var random = SeededRandom(seed: seed)
    func text() -> String { texts[Int.random(in: 0..<texts.count, using: &random)] }
    func number() -> Double {
      [0, 1, -1, 0.5, 1e300, .nan, .infinity, -.infinity][Int.random(in: 0..<8, using: &random)]
    }
    func time() -> Timestamp {
      let times: [Int64] = [
        -100_000_000_000_000_000, 100_000_000_000_000_000, 0,
        SampleFleet.now.millisecondsSinceEpoch,
      ]
      return Timestamp(
        millisecondsSinceEpoch: times[Int.random(in: 0..<times.count, using: &random)])
    }
    let engine = EngineIdentity(name: text(), version: text(), startedAt: time())
    var snapshot = Snapshot(at: SampleFleet.now, engine: engine)
    snapshot.servers = (0..<serverCount).map { index in
      var server = ServerSnapshot(id: ServerID("\(text())\(index)"), transport: .stdio)
      server.protocolVersion = text()
      server.isConnected = Bool.random(using: &random)
      server.health.lastError = text()
      server.health.lastSuccess = time()
      server.health.responseTime = Duration(fractionalSeconds: number())
      server.health.consecutiveFailures = Int.random(in: -1...1_000_000_000_000, using: &random)
      server.toolCount = -1
      server.calls.success = Int.random(in: 0...1_000_000_000_000, using: &random)
      server.successRate = number()
      server.retries.perSecond = number()
      server.latency.p95 = Duration(fractionalSeconds: number())
      server.breaker.state =
        [.closed, .open, .halfOpen, .forcedOpen, .disabled][
          Int.random(in: 0..<5, using: &random)]
      server.breaker.reason = text()
      server.breaker.until = time()
      server.breaker.failureRate = number()
      server.pool.max = Int.random(in: -1...1_000_000_000, using: &random)
      server.pool.active = Int.random(in: -1...1_000_000_000, using: &random)
      server.pool.waiting = Int.random(in: -1...1_000_000_000, using: &random)
      server.deadLetterCount = Int.random(in: -1...1_000_000_000, using: &random)
      server.series.retriesPerSecond = (0..<50).map { _ in number() }
      server.series.callsPerSecond = (0..<3).map { _ in number() }
      server.series.breaker = [.closed, .open, .halfOpen, .forcedOpen, .disabled]
      server.series.deadLetters = [-5, 1_000_000_000]
      return server
    }
    snapshot.totals.successRate = number()
    snapshot.series.retriesPerSecond = (0..<300).map { _ in number() }
    snapshot.series.successRate = (0..<300).map { $0 % 3 == 0 ? nil : number() }
    snapshot.backoff.count = 5
    snapshot.backoff.sum = number()
    snapshot.backoff.buckets = (0..<20).map { _ in
      HistogramSnapshot.Bucket(
        upperBound: number(), count: Int.random(in: -5...1_000_000, using: &random))
    }
    snapshot.deadLetters.size = Int.random(in: -1...1_000_000_000, using: &random)
    snapshot.deadLetters.oldest = time()
    snapshot.deadLetters.recent = (0..<12).map { index in
      DeadLetter(
        id: CallID(high: UInt64(index), low: 1), server: ServerID("\(text())\(index % 4)"),
        client: text(), method: text(), target: index % 2 == 0 ? text() : nil,
        params: JSONText(unchecked: Array(text().utf8) + [0xFF, 0x1B]), errorKind: text(),
        errorMessage: text(), delivery: .unknown, isIdempotent: false,
        attempts: [
          Attempt(
            startedAt: time(), duration: Duration(fractionalSeconds: number()), result: text(),
            backoff: Duration(fractionalSeconds: number()))
        ], createdAt: time(), lastAttemptAt: time(), expiresAt: time())
    }
    snapshot.notices = (0..<60).map { index in
      Notice(
        number: UInt64(index), at: time(), severity: .error,
        server: index % 2 == 0 ? ServerID(text()) : nil, text: text())
    }
    return snapshot
  }
}
