import Testing

extension EndToEnd {
  /// Servers that break the rules harm neither the program nor their neighbours.
  @Suite struct HostileServers {
    /// A debug build with two servers needs a third of it.
    static let memoryLimitKilobytes = 300_000

    @Test(arguments: [RogueMode.silent, .garbage, .flood])
    func `a rogue is not connected, and its neighbour does not notice`(
      mode: RogueMode
    ) async throws {
      let place = try Workplace()
      let neighbour = try FixtureServer(.modern, in: place)
      try await neighbour.ready()
      var fleet = TestFleet()
      fleet.http("web", try await mode.start(in: place))
      fleet.stdio(
        "pipe", try Prerequisite.currentPython.found(),
        [Prerequisite.script("rogue_server.py"), "stdio", mode.rawValue])
      fleet.http("neighbour", neighbour.url)
      fleet.probe("neighbour", [("echo", #"{ text: "hello" }"#)])
      let program = try Program(place, configuration: fleet.text)

      let result = try await program.run(["snapshot", "--format", "json", "--wait", "4"])

      #expect(result.status == 0, "\(result.errors)")
      #expect(result.peakKilobytes < Self.memoryLimitKilobytes)
      let picture = try FleetPicture(json: result.output)
      for name in ["web", "pipe"] {
        #expect(picture[name]?.isConnected == false)
        #expect(picture[name]?.health.status != "healthy")
      }
      #expect(picture["neighbour"]?.isConnected == true)
      #expect((picture["neighbour"]?.calls.success ?? 0) > 0)
      #expect(picture["neighbour"]?.calls.transportFailure == 0)
    }

    @Test(arguments: ["json", "text"])
    func `escapes of a server never reach a pipe`(format: String) async throws {
      let place = try Workplace()
      let program = try Program(place, configuration: try await escapingFleet(in: place).text)
      let result = try await program.run(["snapshot", "--format", format, "--wait", "5"])
      #expect(result.status == 0, "\(result.errors)")
      for text in [result.output, result.errors] {
        #expect(!text.unicodeScalars.contains { Self.isControl($0) }, "\(text.debugDescription)")
      }
    }

    @Test func `escapes of a server never reach the terminal`() async throws {
      let place = try Workplace()
      let program = try Program(place, configuration: try await escapingFleet(in: place).text)
      let screen = try await Screen(place, columns: 120, rows: 40, command: program.commandLine)
      try await program.picture(where: "both were called") {
        $0.servers.allSatisfy { $0.calls.protocolError > 2 }
      }
      let text = try await screen.shows("pipe")
      #expect(text.contains("web"))
      #expect(try await screen.property("#{pane_title}") != "owned")
      try await screen.press("Enter")
      try await screen.press("Escape")
      try await screen.shows("pipe")
      #expect(try await screen.property("#{pane_title}") != "owned")
    }

    private func escapingFleet(in place: Workplace) async throws -> TestFleet {
      var fleet = TestFleet()
      fleet.http("web", try await RogueMode.escapes.start(in: place))
      fleet.stdio(
        "pipe", try Prerequisite.currentPython.found(),
        [Prerequisite.script("rogue_server.py"), "stdio", "escapes"])
      for name in ["web", "pipe"] { fleet.probe(name, [("echo", "{}")]) }
      return fleet
    }

    /// C0 except the newline, C1, and the marks that turn the direction of text.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.value {
      case 0x0A: false
      case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
      default: false
      }
    }
  }
}
