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

    @Test func `what may have run before its reply was lost is not sent twice, what is safe is`()
      async throws
    {
      let place = try Workplace()
      let server = try await FaultyServer(in: place, ["--era", "handshake"])
      let program = try Program(
        place, configuration: #"{ servers: { alpha: { url: "\#(server.url)" } } }"#)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }

      // Refused by a 404: it surely did not run.
      try await server.setFaults(#"{"sessionLoss": {"next": 1}}"#)
      let refused = try await program.call("alpha", "counter")
      #expect(refused.attempts.map(\.result) == ["session lost", "ok"], "\(refused)")
      try await server.setFaults(#"{"reset": {"next": 1, "on": "calls"}}"#)
      let safe = try await program.call("alpha", "echo", #"{"message": "hello"}"#)
      #expect(safe.attempts.map(\.result) == ["reset", "ok"], "\(safe)")

      try await server.setFaults(#"{"reset": {"next": 1, "on": "calls"}}"#)
      let lost = try await program.call("alpha", "counter")
      #expect(lost.attempts.map(\.result) == ["reset"])
      #expect(lost.failure?.delivery == "unknown", "\(lost)")
      let letters = try await program.letters()
      #expect(letters.map(\.id) == [lost.id])
      #expect(letters.map(\.unsafeToReplay) == [true])
      let counters = try await server.counters()
      #expect(counters.keys == [refused.id: 1, lost.id: 1])

      let timid = try await program.run(["dlq", "replay", "--all"])
      #expect(timid.output.contains("may have executed"), "\(timid)")
      #expect(try await server.counters().counter == 2)
      // The operator's own decision, under the same key.
      #expect(try await program.run(["dlq", "replay", "--all", "--force"]).status == 0)
      #expect(try await server.counters().keys == [refused.id: 1, lost.id: 2])
      try await screen.shows("alpha")
    }

    @Test func `a real server of the handshake era that was started anew fails no call`()
      async throws
    {
      let place = try Workplace()
      let server = try FixtureServer(.handshake, in: place)
      try await server.ready()
      let program = try Program(
        place, configuration: #"{ servers: { alpha: { url: "\#(server.url)" } } }"#)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      let several = try (0..<10).map { _ in
        try program.begin("alpha", "echo", #"{"text": "hello"}"#)
      }
      for request in several { #expect(try await program.outcome(of: request).kind == "success") }

      server.kill()
      try await server.restart()
      for _ in 0..<10 {
        let outcome = try await program.call("alpha", "echo", #"{"text": "hello"}"#)
        #expect(outcome.text == "hello", "\(outcome)")
      }
      #expect(try await program.picture().deadLetters.size == 0)
      try await screen.shows("alpha")
    }
  }
}
