import Testing

extension EndToEnd {
  /// What an operator gets wrong is answered in words and with a status, never with a crash.
  @Suite struct BadInput {
    struct Example: Sendable, CustomTestStringConvertible {
      let testDescription: String
      let text: String
      /// What the message must name.
      let named: String
    }

    @Test(arguments: [
      Example(testDescription: "an empty file", text: "", named: "mcpdash.json5"),
      Example(testDescription: "no JSON", text: "\u{0}\u{1}\u{FFFD}", named: "mcpdash.json5"),
      Example(testDescription: "cut short", text: "{\n  mcpServers: {\n", named: "mcpdash.json5:3"),
      Example(testDescription: "a wrong root", text: "[1, 2]", named: "mcpdash.json5"),
      Example(testDescription: "no servers", text: "{}", named: "server"),
      Example(
        testDescription: "a server of the wrong shape", text: "{ mcpServers: { alpha: 7 } }",
        named: "alpha"),
      Example(
        testDescription: "a duration without a unit",
        text: """
          { mcpServers: { alpha: { url: "http://127.0.0.1:1/mcp" } },
            policies: { alpha: { breaker: { openFor: "soon" } } } }
          """, named: "openFor"),
    ])
    func `a configuration that cannot be used is refused with its place`(
      example: Example
    ) async throws {
      let place = try Workplace()
      let program = try Program(place, configuration: example.text)
      let result = try await program.run(["snapshot", "--wait", "1"])
      #expect(result.isReadableComplaint, "\(result)")
      #expect(result.errors.contains(example.named), "\(result.errors)")
      #expect(result.output.isEmpty)
    }

    @Test func `an unknown key is named with its place`() async throws {
      let place = try Workplace()
      let program = try Program(
        place,
        configuration: """
          { mcpServers: { alpha: { url: "http://127.0.0.1:1/mcp" } },
            policies: { "*": { braker: { openFor: "2s" } } } }
          """)
      let result = try await program.run(["snapshot", "--wait", "1"])
      #expect(result.errors.contains("mcpdash.json5:2"), "\(result.errors)")
      #expect(result.errors.contains("braker"), "\(result.errors)")
    }

    @Test func `a mistake about all servers is told and stops none`() async throws {
      let place = try Workplace()
      let program = try Program(
        place,
        configuration: """
          { mcpServers: { alpha: { url: "http://127.0.0.1:1/mcp" } },
            defaults: { breaker: { openFor: "soon" } } }
          """)
      let result = try await program.run(["snapshot", "--wait", "1"])
      #expect(result.errors.contains("mcpdash.json5:2"), "\(result.errors)")
      #expect(result.errors.contains("openFor"), "\(result.errors)")
      #expect(result.output.contains("alpha"), "\(result.output)")
    }

    @Test func `without any configuration it says where it looked`() async throws {
      let place = try Workplace()
      let result = try await Program.run(["snapshot", "--wait", "1"], in: place)
      #expect(result.isReadableComplaint, "\(result)")
      #expect(result.errors.contains("--config"), "\(result.errors)")
    }

    @Test func `a file that is not there is named`() async throws {
      let place = try Workplace()
      let result = try await Program.run(["--config", "nowhere.json", "snapshot"], in: place)
      #expect(result.isReadableComplaint, "\(result)")
      #expect(result.errors.contains("nowhere.json"), "\(result.errors)")
    }

    @Test(arguments: [
      (["snapshto"], "snapshot"), (["snapshot", "--fromat", "json"], "--format"),
      (["snapshot", "--format", "yaml"], "json"), (["snapshot", "--wait", "long"], "--wait"),
    ])
    func `a mistyped word is answered with the nearest right one`(
      words: [String], right: String
    ) async throws {
      let place = try Workplace()
      let result = try await Program.run(words, in: place)
      #expect(result.isReadableComplaint, "\(result)")
      #expect(result.errors.contains(right), "\(result.errors)")
      #expect(result.output.isEmpty)
    }

    @Test func `a server that nobody runs is shown as what it is`() async throws {
      let place = try Workplace()
      var fleet = TestFleet()
      fleet.http("alpha", "http://127.0.0.1:\(try Workplace.freePort())/mcp")
      fleet.stdio("beta", place.path("no-such-program"), [])
      let program = try Program(place, configuration: fleet.text)
      let picture = try await program.picture(wait: 3)
      #expect(picture.servers.map(\.id) == ["alpha", "beta"])
      for server in picture.servers {
        #expect(!server.isConnected)
        #expect(server.era == "unknown")
        #expect(server.toolCount == nil)
        #expect(server.health.status != "healthy")
      }
    }
  }
}
