import Testing

extension EndToEnd {
  /// What a server asks us to wait is waited.
  @Suite struct ResilienceRetryAfter {
    @Test(arguments: ["seconds", "date"])
    func `the time that a 429 names lies between the tries`(form: String) async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let program = try Program(
        place, configuration: #"{ servers: { alpha: { url: "\#(server.url)" } } }"#)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      try await server.setFaults(
        #"{"rateLimited": {"next": 2, "retryAfter": 2, "as": "\#(form)"}}"#)

      let outcome = try await program.call("alpha", "counter")

      #expect(outcome.kind == "success", "\(outcome)")
      #expect(outcome.attempts.map(\.result) == ["429", "429", "ok"])
      let starts = try outcome.attempts.map { try $0.start }
      for (earlier, later) in zip(starts, starts.dropFirst()) {
        // A date has whole seconds, so that of two up to one is lost.
        #expect(later - earlier >= (form == "date" ? 0.99 : 1.99), "\(outcome)")
        #expect(later - earlier < 6, "\(outcome)")
      }
      #expect(try await server.counters().counter == 1)
      try await program.picture(where: "the statistics say so") {
        $0["alpha"]?.operations.first { $0.name == "tools/call counter" }?.retryAfterHonoured == 2
      }
      try await screen.shows("alpha")
    }

    @Test func `a longer time than the limit is not waited for`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let program = try Program(
        place, configuration: #"{ servers: { alpha: { url: "\#(server.url)" } } }"#)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      try await server.setFaults(#"{"rateLimited": {"retryAfter": 3600}}"#)
      let outcome = try await program.call("alpha", "counter", within: .seconds(10))
      #expect(outcome.attempts.map(\.result) == ["429"])
      #expect(outcome.failure?.delivery == "refused")
      #expect(outcome.deadLettered)
      try await screen.shows("alpha")
    }
  }
}
