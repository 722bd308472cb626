import Testing

extension EndToEnd {
  /// Breakers held by hand: who, why and how long, on the screen and in the engine.
  @Suite struct ResilienceOverrides {
    private func program(in place: Workplace, _ server: FaultyServer) throws -> Program {
      try Program(
        place,
        configuration: """
          { servers: { alpha: { url: "\(server.url)" } },
            policies: { "*": { retry: { retries: 0 }, breaker: { openFor: "1h" } } } }
          """)
    }

    @Test func `a breaker held open says who, why and how long, and ends by itself`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let program = try program(in: place, server)
      let screen = try await Screen(place, columns: 200, rows: 60, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }

      let held = try await program.run([
        "breaker", "open", "alpha", "--for", "3s", "--reason", "moving house", "--owner", "ann",
      ])
      #expect(held.status == 0, "\(held)")
      let refused = try await program.call("alpha", "echo", #"{"message": "hello"}"#)
      #expect(refused.failure?.kind == "breaker open")
      #expect(refused.failure?.message.contains("ann: moving house") == true, "\(refused)")
      let picture = try await program.picture(where: "it is held open") {
        $0["alpha"]?.breaker.override != nil
      }
      let override = try #require(picture["alpha"]?.breaker.override)
      #expect(picture["alpha"]?.breaker.state == "forcedOpen")
      #expect(override.kind == "open")
      #expect([override.owner, override.reason] == ["ann", "moving house"])
      #expect(override.until != nil)
      let text = try await screen.shows("ann: moving house")
      #expect(text.contains(/FORCED 0:0\d ann/), "\(text)")

      let after = try await program.picture(where: "it ended by itself") {
        $0["alpha"]?.breaker.override == nil
      }
      #expect(after["alpha"]?.breaker.state == "halfOpen")
      for _ in 0..<2 {
        #expect(try await program.call("alpha", "echo", #"{"message": "a"}"#).kind == "success")
      }
      let closed = try await program.picture(where: "it is closed") {
        $0["alpha"]?.breaker.state == "closed"
      }
      let said = closed.notices.filter { $0.text.contains("by ann for 3 s: moving house") }
      #expect(said.count == 2, "\(closed.notices)")
      #expect(
        closed["alpha"]?.breaker.transitions.map(\.to) == ["forcedOpen", "halfOpen", "closed"])
      try await screen.shows("is over")
    }

    @Test func `a breaker switched off lets failures pass, and then counts from zero`() async throws
    {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let program = try program(in: place, server)
      let screen = try await Screen(place, columns: 200, rows: 60, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      try await server.setFaults(#"{"status": {"code": 503, "on": "calls"}}"#)

      #expect(try await program.run(["breaker", "disable", "alpha", "--for", "3s"]).status == 0)
      for _ in 0..<8 { #expect(try await program.call("alpha", "counter").attempts.count == 1) }
      try await program.picture(where: "it is off") { $0["alpha"]?.breaker.state == "disabled" }
      let over = try await program.picture(where: "it is on again") {
        $0["alpha"]?.breaker.override == nil
      }
      #expect(over["alpha"]?.breaker.state == "closed")
      for _ in 0..<6 { _ = try await program.call("alpha", "counter") }
      try await program.picture(where: "it opened") { $0["alpha"]?.breaker.state == "open" }
      #expect(try await server.counters().calls == 13)
      try await screen.shows("open")
    }

    @Test func `a breaker held closed counts on, and a reset forgets it all`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let program = try program(in: place, server)
      let screen = try await Screen(place, columns: 200, rows: 60, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      try await server.setFaults(#"{"status": {"code": 503, "on": "calls"}}"#)

      #expect(
        try await program.run(["breaker", "close", "alpha", "--for", "0", "--owner", "bob"]).status
          == 0)
      for _ in 0..<8 { #expect(try await program.call("alpha", "counter").attempts.count == 1) }
      let held = try await program.picture(where: "it is held closed") {
        $0["alpha"]?.breaker.override?.kind == "closed"
      }
      #expect(held["alpha"]?.breaker.override?.until == nil)
      try await screen.shows("bob")
      #expect(try await program.run(["breaker", "reset", "alpha"]).status == 0)
      let reset = try await program.picture(where: "nobody holds it") {
        $0["alpha"]?.breaker.override == nil
      }
      #expect(reset["alpha"]?.breaker.state == "closed")
      for _ in 0..<4 { _ = try await program.call("alpha", "counter") }
      #expect(try await program.picture()["alpha"]?.breaker.state == "closed")
      _ = try await program.call("alpha", "counter")
      try await program.picture(where: "it opened") { $0["alpha"]?.breaker.state == "open" }
    }

    @Test func `a replay that an open breaker refuses leaves a letter its cause`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let program = try program(in: place, server)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      try await server.setFaults(#"{"status": {"code": 503, "on": "calls"}}"#)
      _ = try await program.call("alpha", "counter")
      let before = try await program.letters()
      #expect(before.map(\.server) == ["alpha"])
      #expect(try await program.run(["breaker", "open", "alpha"]).status == 0)

      let replay = try await program.run(["dlq", "replay", "--all", "--force"])

      #expect(replay.status == 1, "\(replay)")
      let after = try await program.letters()
      #expect(after.map(\.errorMessage) == before.map(\.errorMessage))
      #expect(after.map(\.state) == ["pending"])
      try await server.setFaults("{}")
      #expect(try await program.run(["breaker", "reset", "alpha"]).status == 0)
      #expect(try await program.run(["dlq", "replay", "--all", "--force"]).status == 0)
      #expect(try await program.letters().isEmpty)
      #expect(try await server.counters().keys == [before[0].id: 1])
      try await screen.shows("delivered")
    }
  }
}
