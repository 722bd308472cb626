import Glibc
import Testing

extension EndToEnd {
  /// The way out while calls are on the wire.
  @Suite struct ResilienceQuitting {
    enum Way: Sendable, CaseIterable { case key, signal }

    /// Patience with calls, the letter, the terminal; a busy machine.
    private static let limit = Duration.seconds(6)

    @Test(arguments: Way.allCases)
    func `what may have run when the operator leaves is a dead letter that says so`(
      way: Way
    ) async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let program = try Program(
        place, configuration: #"{ servers: { alpha: { url: "\#(server.url)" } } }"#)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      try await server.setFaults(#"{"hang": {"on": "calls"}}"#)
      let write = try program.begin("alpha", "counter")
      let read = try program.begin("alpha", "echo", #"{"message": "hello"}"#)
      try await program.picture(where: "both are on the wire") { $0["alpha"]?.pool.active == 2 }

      switch way {
      case .key: try await screen.press("q")
      case .signal: try await screen.signalProgram(SIGTERM)
      }

      let asked = try await program.outcome(of: read, within: Self.limit)
      #expect(asked.failure?.kind == "shutting down", "\(asked)")
      let outcome = try await program.outcome(of: write, within: Self.limit)
      #expect(outcome.failure?.delivery == "unknown", "\(outcome)")
      #expect(outcome.deadLettered)
      _ = try await screen.status(within: Self.limit)
      let letters = try await program.letters()
      #expect(Set(letters.map(\.id)) == [asked.id, outcome.id])
      #expect(letters.filter(\.unsafeToReplay).map(\.id) == [outcome.id])
    }
  }
}
