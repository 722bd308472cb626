import Testing

extension EndToEnd {
  /// Limits, second sendings and shared reads under many calls at once.
  @Suite struct ResilienceLoad {
    /// A running program with one server under a load policy.
    private struct Stage {
      let server: FaultyServer
      let program: Program
      let screen: Screen

      init(_ load: String) async throws {
        let place = try Workplace()
        server = try await FaultyServer(in: place)
        program = try Program(
          place,
          configuration: """
            { servers: { alpha: { url: "\(server.url)",
                policies: { retry: { retries: 0 }, load: { \(load) } } } } }
            """)
        screen = try await Screen(place, command: program.commandLine)
        try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      }

      func outcomes(of requests: [LoopbackRequest]) async throws -> [CallOutcome] {
        var outcomes: [CallOutcome] = []
        for request in requests { outcomes.append(try await program.outcome(of: request)) }
        return outcomes
      }

      func load() async throws -> FleetPicture.Load? { try await program.picture()["alpha"]?.load }
    }

    @Test func `a bulkhead runs what it may, queues what it may, and refuses the rest`()
      async throws
    {
      let stage = try await Stage("concurrency: 2, queue: 3")
      let calls = try (0..<12).map { _ in
        try stage.program.begin("alpha", "sleep", #"{"milliseconds": 1000}"#)
      }
      let picture = try await stage.program.picture(where: "two run and three wait") {
        $0["alpha"]?.load.running == 2 && $0["alpha"]?.load.waiting == 3
      }
      #expect(picture["alpha"]?.pool.active == 2)
      let outcomes = try await stage.outcomes(of: calls)
      #expect(outcomes.filter { $0.kind == "success" }.count == 5)
      let refused = outcomes.compactMap(\.failure)
      #expect(refused.count == 7)
      #expect(refused.allSatisfy { $0.kind == "bulkhead full" && $0.delivery == "notSent" })
      #expect(try await stage.server.counters().calls == 5)
    }

    @Test func `a rate spreads calls over time and refuses none`() async throws {
      let stage = try await Stage(#"rate: 5, burst: 1, queueTimeout: "20s""#)
      let calls = try (0..<11).map { _ in
        try stage.program.begin("alpha", "echo", #"{"message": "a"}"#)
      }
      let outcomes = try await stage.outcomes(of: calls)
      #expect(outcomes.allSatisfy { $0.kind == "success" })
      let starts = try outcomes.flatMap { try $0.attempts.map { try $0.start } }.sorted()
      #expect(starts.count == 11)
      #expect(starts[10] - starts[0] >= 1.9, "\(starts)")
      try await stage.program.picture(where: "the waits are counted") {
        $0["alpha"]?.load.delayed == 10 && $0["alpha"]?.load.refused == 0
      }
    }

    @Test func `quotas of a caller and of the server are kept to the call`() async throws {
      let stage = try await Stage(#"quota: 5, callerQuota: 3, quotaPeriod: "1h""#)
      let calls = try (0..<12).map {
        try stage.program.begin(
          "alpha", "counter", more: #", "client": "\#($0 % 2 == 0 ? "ann" : "bob")""#)
      }
      let outcomes = try await stage.outcomes(of: calls)
      #expect(outcomes.filter { $0.kind == "success" }.count == 5)
      #expect(
        outcomes.compactMap(\.failure).allSatisfy {
          $0.message.contains("quota") && $0.delivery == "notSent"
        })
      #expect(try await stage.server.counters().counter == 5)
      try await stage.program.picture(where: "the refusals are counted") {
        $0["alpha"]?.load.refused == 7
      }
    }

    @Test func `a slow safe call is sent a second time and the second wins, an unsafe one never`()
      async throws
    {
      let stage = try await Stage(#"hedging: true, hedgeDelay: "100ms""#)
      let warm = try (0..<3).map { _ in
        try stage.program.begin("alpha", "sleep", #"{"milliseconds": 200}"#)
      }
      _ = try await stage.outcomes(of: warm)
      let before = try await stage.server.counters()
      try await stage.server.setFaults(#"{"hang": {"next": 1, "on": "calls"}}"#)
      let safe = try await stage.program.call(
        "alpha", "echo", #"{"message": "hello"}"#, within: .seconds(10))
      #expect(safe.text == "hello", "\(safe)")
      #expect(try await stage.server.counters().calls == before.calls + 2)
      try await stage.program.picture(where: "it is counted") {
        $0["alpha"]?.load.hedges == 1 && $0["alpha"]?.load.hedgeWins == 1
      }

      try await stage.server.setFaults(#"{"hang": {"next": 1, "on": "calls", "runs": true}}"#)
      let unsafe = try await stage.program.outcome(
        of: stage.program.begin("alpha", "counter", more: #", "timeoutSeconds": 1.5"#))
      #expect(unsafe.failure?.kind == "total timeout", "\(unsafe)")
      #expect(unsafe.failure?.delivery == "unknown")
      #expect(unsafe.attempts.map(\.result) == ["total timeout"])
      let after = try await stage.server.counters()
      #expect(after.calls == before.calls + 3)
      #expect(after.counter == 1)
    }

    @Test func `identical reads under way at once are sent once`() async throws {
      let stage = try await Stage("")
      try await stage.server.setFaults(#"{"latency": 1000}"#)
      let before = try await stage.server.counters().requests
      let body =
        #"{"server": "alpha", "method": "resources/read", "params": {"uri": "note:1"}}"#
      let other =
        #"{"server": "alpha", "method": "resources/read", "params": {"uri": "note:2"}}"#
      let reads = try (0..<10).map { _ in try stage.program.ask("POST", "/calls", body) }
      let single = try stage.program.ask("POST", "/calls", other)
      let outcomes = try await stage.outcomes(of: reads + [single])
      // The fault server has no resources, and says so to all alike.
      #expect(Set(outcomes.map(\.kind)) == ["protocolError"], "\(outcomes)")
      #expect(outcomes.map(\.attempts.count).reduce(0, +) == 2)
      #expect(try await stage.server.counters().requests == before + 2)
      try await stage.program.picture(where: "it is counted") {
        $0["alpha"]?.load.coalesced == 9
      }
    }
  }
}
