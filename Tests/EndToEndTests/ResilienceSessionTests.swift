import Testing

extension EndToEnd {
  /// Servers of the handshake era that forget their sessions, and answers that are lost.
  @Suite struct ResilienceSessions {
    @Test func `a server that forgot five sessions costs a call one second sending`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place, ["--era", "handshake"])
      let program = try Program(
        place, configuration: #"{ servers: { alpha: { url: "\#(server.url)" } } }"#)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      let sleepers = try (0..<10).map { _ in
        try program.begin("alpha", "sleep", #"{"milliseconds": 500}"#)
      }
      for sleeper in sleepers { #expect(try await program.outcome(of: sleeper).kind == "success") }
      try await program.picture(where: "five sessions are kept") { $0["alpha"]?.pool.idle == 5 }

      try await server.setFaults(#"{"sessionLoss": {"next": 1}}"#)
      let outcome = try await program.call("alpha", "counter")

      #expect(outcome.kind == "success", "\(outcome)")
      #expect(outcome.attempts.map(\.result) == ["session lost", "ok"])
      #expect(try await server.counters().counter == 1)
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }
  }
}
