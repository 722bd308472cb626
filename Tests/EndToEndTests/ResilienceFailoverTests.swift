import Testing

extension EndToEnd {
  /// Other places and other answers, when a server fails.
  @Suite struct ResilienceFailover {
    @Test
    func `calls go on over the second endpoint, and back when the first was well for a while`()
      async throws
    {
      let place = try Workplace()
      let (first, second) = (try await FaultyServer(in: place), try await FaultyServer(in: place))
      let program = try Program(
        place,
        configuration: """
          { servers: { alpha: {
              endpoints: [ { url: "\(second.url)", name: "reserve", priority: 1 },
                { url: "\(first.url)", name: "house" } ],
              policies: { failover: { returnAfter: "2s" },
                health: { interval: "1s", timeout: "900ms" } } } } }
          """)
      let screen = try await Screen(place, columns: 200, rows: 60, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      #expect(try await program.call("alpha", "whoami").text?.contains("\(first.port)") == true)
      #expect(try await program.picture()["alpha"]?.endpoint?.name == "house")

      first.kill()
      for _ in 0..<5 {
        let outcome = try await program.call("alpha", "whoami")
        #expect(outcome.kind == "success", "\(outcome)")
        #expect(outcome.text?.contains("\(second.port)") == true)
      }
      let moved = try await program.picture(where: "the picture says where") {
        $0["alpha"]?.endpoint?.name == "reserve"
      }
      #expect(moved["alpha"]?.endpoint?.position == 2)
      #expect(moved.deadLetters.size == 0)
      try await screen.shows("alpha ›reserve")

      try await first.restart()
      try await program.picture(where: "calls went back") { $0["alpha"]?.endpoint?.name == "house" }
      #expect(try await program.call("alpha", "whoami").text?.contains("\(first.port)") == true)
      try await screen.shows("well for 2 s")
      #expect(try await !screen.text().contains("alpha ›reserve"))
    }

    @Test func `where every endpoint is dead the breaker opens and spares callers and servers`()
      async throws
    {
      let place = try Workplace()
      let (first, second) = (try Workplace.freePort(), try Workplace.freePort())
      let program = try Program(
        place,
        configuration: """
          { servers: { alpha: { endpoints: [ { url: "http://127.0.0.1:\(first)/mcp" },
                { url: "http://127.0.0.1:\(second)/mcp", priority: 1 } ] } },
            policies: { "*": { retry: { retries: 1, initialDelay: "10ms" } } } }
          """)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "the engine runs") { $0.servers.count == 1 }
      var outcomes: [CallOutcome] = []
      for _ in 0..<40 {
        outcomes.append(try await program.call("alpha", "echo", #"{"message": "a"}"#))
      }
      #expect(outcomes.last?.failure?.kind == "breaker open", "\(outcomes.last as Any)")
      #expect(outcomes.filter { $0.failure?.kind == "breaker open" }.count >= 20)
      let picture = try await program.picture(where: "it is open") {
        $0["alpha"]?.breaker.state == "open"
      }
      let moves = picture.notices.filter { $0.text.contains("moved to endpoint") }
      #expect((1...8).contains(moves.count), "\(moves)")
      try await screen.shows("open")
    }

    @Test func `another server's tool or configured words stand in, marked as such`() async throws {
      let place = try Workplace()
      let (doomed, other) = (try await FaultyServer(in: place), try await FaultyServer(in: place))
      let program = try Program(
        place,
        configuration: """
          { servers: {
              alpha: { url: "\(doomed.url)", policies: { retry: { retries: 0 } }, fallbacks: [
                { tool: "echo", server: "beta" }, { tool: "s*p", server: "beta", as: "whoami" },
                { tool: "counter", text: "counted by hand" } ] },
              beta: { url: "\(other.url)" } } }
          """)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "both are connected") {
        $0.servers.allSatisfy(\.isConnected)
      }
      #expect(try await program.call("alpha", "echo", #"{"message": "a"}"#).source == "server")
      try await doomed.setFaults(#"{"status": {"code": 503, "on": "calls"}}"#)

      let asked = try await program.run([
        "call", "alpha", "echo", #"{"message": "hello"}"#, "--json",
      ])
      #expect(asked.status == 0, "\(asked)")
      #expect(asked.errors.contains("fallback"))
      let echoed = try CallOutcome(json: asked.output)
      #expect(echoed.source == "fallback")
      #expect(echoed.text == "hello")
      let named = try await program.call("alpha", "sleep", #"{"milliseconds": 1}"#)
      #expect(named.text?.contains("\(other.port)") == true, "\(named)")

      let words = try await program.call("alpha", "counter")
      #expect(words.source == "fallback")
      #expect(words.text == "counted by hand")
      #expect(words.deadLettered)
      let letters = try await program.letters()
      #expect(letters.map(\.id) == [words.id])
      #expect(letters.map(\.unsafeToReplay) == [true])
      let picture = try await program.picture(where: "the failures are alpha's own") {
        $0["alpha"]?.calls.transportFailure == 3
      }
      #expect(picture["alpha"]?.calls.success == 1)
      try await screen.shows("alpha")
    }

    @Test func `health that passes while calls fail is shown as a disagreement`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let program = try Program(
        place,
        configuration: """
          { servers: { alpha: { url: "\(server.url)" } },
            policies: { "*": { retry: { retries: 0 }, health: { interval: "500ms", timeout: "400ms" },
              breaker: { failures: 10000, minSamples: 10000 } } } }
          """)
      let screen = try await Screen(place, columns: 200, rows: 60, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      try await server.setFaults(#"{"status": {"code": 503, "on": "calls"}}"#)
      for _ in 0..<4 { _ = try await program.call("alpha", "echo", #"{"message": "a"}"#) }
      let split = try await program.picture(where: "probes and calls disagree") {
        $0["alpha"]?.health.status == "disagreeing"
      }
      let words = split["alpha"]?.health.disagreement
      #expect(words?.contains("503, 503, 503") == true, "\(words ?? "nothing")")
      try await screen.shows("≠ split")
      try await server.setFaults("{}")
      for _ in 0..<4 { _ = try await program.call("alpha", "echo", #"{"message": "a"}"#) }
      try await program.picture(where: "they agree again") {
        $0["alpha"]?.health.status == "healthy"
      }
    }
  }
}
