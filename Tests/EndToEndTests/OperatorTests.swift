import Testing

extension EndToEnd {
  /// An operator's fingers on the real program: what they do shows on the screen and in the engine.
  @Suite struct Operator {
    struct Terminal: Sendable, CustomTestStringConvertible {
      let columns: Int
      let rows: Int

      var testDescription: String { "\(columns)x\(rows)" }
    }

    static let terminals = [Terminal(columns: 80, rows: 24), Terminal(columns: 200, rows: 60)]

    @Test(arguments: terminals)
    func `trips and resets a breaker`(terminal: Terminal) async throws {
      let place = try Workplace()
      let server = try FixtureServer(.modern, in: place)
      try await server.ready()
      var fleet = TestFleet()
      fleet.http("alpha", server.url)
      let program = try Program(place, configuration: fleet.text)
      let screen = try await Screen(
        place, columns: terminal.columns, rows: terminal.rows, command: program.commandLine)
      try await screen.shows("alpha")
      try await screen.shows("closed")
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }

      try await screen.press("o")
      try await screen.shows("(Enter)")
      #expect(try await program.picture()["alpha"]?.breaker.state == "closed")
      try await screen.press("Enter")
      try await program.picture(where: "the breaker is forced open") {
        $0["alpha"]?.breaker.state == "forcedOpen"
      }
      try await screen.shows("■")
      let refused = try await program.run(["call", "alpha", "echo", #"{"text":"hello"}"#])
      #expect(refused.status != 0)
      #expect(refused.errors.contains("breaker"))

      try await screen.press("r")
      try await screen.shows("(y)")
      try await screen.press("y")
      try await program.picture(where: "the breaker is closed") {
        $0["alpha"]?.breaker.state == "closed"
      }
      try await screen.shows("closed")
      let served = try await program.run(["call", "alpha", "echo", #"{"text":"hello"}"#])
      #expect(served.status == 0)
      #expect(served.output.contains("hello"))
      try await screen.press("q")
      #expect(try await screen.status() == 0)
      #expect(try await screen.property("#{alternate_on} #{cursor_flag}") == "0 1")
    }

    @Test(arguments: terminals)
    func `replays a dead letter`(terminal: Terminal) async throws {
      let place = try Workplace()
      let server = try FixtureServer(.modern, in: place)
      try await server.ready()
      var fleet = TestFleet()
      fleet.tryTimeout = "1s"
      fleet.http("alpha", server.url)
      let program = try Program(place, configuration: fleet.text)
      let screen = try await Screen(
        place, columns: terminal.columns, rows: terminal.rows, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }

      server.freeze()
      let lost = try await program.run(["call", "alpha", "add", #"{"a":1,"b":2}"#])
      #expect(lost.status != 0)
      server.thaw()
      try await program.picture(where: "one dead letter") { $0.deadLetters.size == 1 }
      let recovered = try await program.picture(where: "it answers again") {
        $0["alpha"]?.isConnected == true && $0["alpha"]?.breaker.state == "closed"
          && $0["alpha"]?.health.status == "healthy"
      }

      try await screen.press("R")
      try await screen.shows("(y)")
      #expect(try await program.picture().deadLetters.size == 1)
      try await screen.press("y")
      try await program.picture(where: "the letter is delivered") {
        $0.deadLetters.size == 0
          && ($0["alpha"]?.calls.success ?? 0) > (recovered["alpha"]?.calls.success ?? 0)
      }
      try await screen.shows("delivered")
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }

    @Test func `says no by escape, and nothing happens`() async throws {
      let place = try Workplace()
      let server = try FixtureServer(.modern, in: place)
      try await server.ready()
      var fleet = TestFleet()
      fleet.http("alpha", server.url)
      let program = try Program(place, configuration: fleet.text)
      let screen = try await Screen(place, command: program.commandLine)
      try await screen.shows("closed")

      try await screen.press("o")
      try await screen.shows("(Enter)")
      try await screen.press("Escape")
      try await screen.press("?")
      let help = try await screen.shows("help")
      #expect(!help.contains("(Enter)"))
      #expect(try await program.picture()["alpha"]?.breaker.state == "closed")
    }
  }
}
