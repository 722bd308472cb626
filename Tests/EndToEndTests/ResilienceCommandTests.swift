import Testing

extension EndToEnd {
  /// What an operator asks of a running engine, from another terminal.
  @Suite struct ResilienceCommands {
    @Test func `statistics tell tries, retries and what they saved`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let program = try Program(
        place, configuration: #"{ servers: { alpha: { url: "\#(server.url)" } } }"#)
      let alone = try await program.run(["stats"])
      #expect(alone.status == 5, "\(alone)")
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      try await server.setFaults(#"{"status": {"code": 503, "on": "calls", "next": 2}}"#)
      let outcome = try await program.call("alpha", "echo", #"{"message": "a"}"#)
      #expect(outcome.attempts.map(\.result) == ["503", "503", "ok"])
      try await program.picture(where: "it is counted") { $0["alpha"]?.retries.total == 2 }

      let text = try await program.run(["stats", "alpha"])
      #expect(text.status == 0)
      let row = text.output.split(separator: "\n").first { $0.contains("echo") } ?? ""
      let words = row.split(separator: " ")
      #expect(words == ["echo", "1", "3", "3.00", "2", "1", "0", words.last ?? ""], "\(text)")
      let json = try await program.run(["stats", "alpha", "--json"])
      #expect(json.output.contains(#""successesAfterRetry":1"#), "\(json)")
      let unknown = try await program.run(["stats", "alpa"])
      #expect(unknown.isReadableComplaint)
      #expect(unknown.errors.contains("alpha"))
      try await screen.shows("alpha")
    }

    @Test func `the cache is listed and cleared`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let program = try Program(
        place, configuration: #"{ servers: { alpha: { url: "\#(server.url)" } } }"#)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "its tools are known") { $0["alpha"]?.toolCount != nil }
      #expect(try await program.run(["tools", "alpha"]).output.contains("counter"))
      #expect(try await program.run(["cache", "list"]).output.contains("tools/list"))
      #expect(try await program.run(["cache", "clear", "alpha", "tools/list"]).status == 0)
      #expect(try await !program.run(["cache", "list", "alpha"]).output.contains("tools/list"))
      #expect(try await program.run(["tools", "alpha"]).output.contains("counter"))
      #expect(try await program.run(["cache", "clear"]).status == 0)
      try await screen.shows("alpha")
    }

    @Test func `reconnecting by hand opens new sessions and disturbs no call`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place, ["--era", "handshake"])
      let program = try Program(
        place, configuration: #"{ servers: { alpha: { url: "\#(server.url)" } } }"#)
      let screen = try await Screen(place, columns: 200, rows: 60, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      let sleeper = try program.begin("alpha", "sleep", #"{"milliseconds": 1500}"#)
      try await program.picture(where: "it is on the wire") { $0["alpha"]?.pool.active == 1 }
      let before = try await server.counters().initializations

      #expect(try await program.run(["reconnect", "alpha"]).status == 0)

      let next = try await program.call("alpha", "counter")
      #expect(next.attempts.map(\.result) == ["ok"], "\(next)")
      #expect(try await program.outcome(of: sleeper).attempts.map(\.result) == ["ok"])
      #expect(try await server.counters().initializations > before)
      #expect(try await program.picture().deadLetters.size == 0)
      try await screen.shows("reconnecting by hand")
    }
  }
}
