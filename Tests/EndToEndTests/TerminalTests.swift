import Glibc
import Testing

extension EndToEnd {
  /// Terminals of every kind, and none at all.
  @Suite struct Terminals {
    @Test func `a terminal too small shows a notice and grows into the dashboard`() async throws {
      let place = try Workplace()
      let program = try Program(place, configuration: try idleFleet())
      let screen = try await Screen(place, columns: 10, rows: 3, command: program.commandLine)
      try await program.picture(where: "the engine runs") { $0.servers.count == 1 }
      #expect(!(try await screen.text()).allSatisfy(\.isWhitespace))
      try await screen.resize(columns: 80, rows: 24)
      try await screen.shows("alpha")
      try await screen.resize(columns: 10, rows: 3)
      try await screen.resize(columns: 200, rows: 60)
      try await screen.shows("alpha")
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }

    @Test func `a terminal that cannot move its cursor is refused`() async throws {
      let place = try Workplace()
      let program = try Program(place, configuration: try idleFleet())
      let screen = try await Screen(
        place, command: program.commandLine, environment: ["TERM": "dumb"])
      #expect(try await screen.status() != 0)
      #expect(try await screen.text().contains("dumb"))
    }

    @Test func `without a terminal it names the commands that need none`() async throws {
      let place = try Workplace()
      let program = try Program(place, configuration: try idleFleet())
      let result = try await program.run([])
      #expect(result.isReadableComplaint, "\(result)")
      #expect(result.errors.contains("snapshot"), "\(result.errors)")
    }

    @Test func `the demonstration prints its fleet where there is no terminal`() async throws {
      let place = try Workplace()
      let result = try await Program.run(["demo"], in: place, within: .seconds(60))
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.split(separator: "\n").count > 3)
      #expect(!result.output.contains("\u{1B}"))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal ends it and the terminal is as before`(signal: Int32) async throws {
      let place = try Workplace()
      let program = try Program(place, configuration: try idleFleet())
      let screen = try await Screen(place, command: program.commandLine)
      try await screen.shows("alpha")
      #expect(try await screen.property("#{alternate_on}") == "1")
      try await screen.signalProgram(signal)
      _ = try await screen.status()
      #expect(try await screen.property("#{alternate_on} #{cursor_flag}") == "0 1")
      #expect(try await screen.property("#{mouse_any_flag}") == "0")
    }

    /// One server that is never there.
    private func idleFleet() throws -> String {
      var fleet = TestFleet()
      fleet.http("alpha", "http://127.0.0.1:\(try Workplace.freePort())/mcp")
      return fleet.text
    }
  }
}
