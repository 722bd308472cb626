import Foundation
import Testing

extension EndToEnd {
  /// Libraries of others in all the modes that they serve, each with its whole surface.
  @Suite struct RealModes {
    enum Library: String, CaseIterable, Sendable {
      case mcp1, mcp2, fastmcp

      var python: Prerequisite { self == .mcp1 ? .handshakePython : .currentPython }
      var era: String { self == .mcp1 ? "handshake" : "modern" }

      /// In the handshake era a question needs a stream to the client: neither a stateless server nor
      /// one that answers a call in JSON has it. The newer libraries' tool asks in the modern way only.
      func asks(in mode: String) -> Bool {
        self == .mcp1 ? !mode.hasPrefix("stateless") && !mode.hasSuffix("json") : mode != "sse"
      }

      /// Whether it can tell of a new tool: 1.x by the stream of a session, 2.x by its subscriptions.
      func announces(in mode: String) -> Bool {
        self == .mcp1 ? !mode.hasPrefix("stateless") : mode != "sse"
      }
    }

    private static let modes = [
      "stateless-json", "stateless-sse", "stateful-json", "stateful-sse", "sse",
    ]

    /// All modes of a library, each a server of its own.
    private struct Stage {
      let place: Workplace
      let program: Program
      let names = RealModes.modes + ["stdio"]

      init(_ library: Library) async throws {
        place = try Workplace()
        var fleet = TestFleet()
        for mode in RealModes.modes {
          let port = try Workplace.freePort()
          let server = try place.start(
            mode, try library.python.found(),
            [Prerequisite.script("mode_server.py"), library.rawValue, mode, String(port)])
          try await eventually("\(library) is ready in \(mode): \(server.errors)") {
            server.output.contains("ready ")
          }
          fleet.http(mode, "http://127.0.0.1:\(port)/\(mode == "sse" ? "sse" : "mcp")")
        }
        fleet.stdio(
          "stdio", try library.python.found(),
          [Prerequisite.script("mode_server.py"), library.rawValue, "stdio"])
        program = try Program(place, configuration: fleet.text)
      }

      /// The first text of an answer.
      func say(_ server: String, _ tool: String, _ arguments: String) async throws -> String? {
        let result = try await program.run(["call", "--json", server, tool, arguments])
        return try CallOutcome(json: result.output).text
      }
    }

    @Test(arguments: Library.allCases)
    func `every mode of a library of others is spoken to in its own way`(
      _ library: Library
    ) async throws {
      let stage = try await Stage(library)
      let screen = try await Screen(stage.place, command: stage.program.commandLine)
      let picture = try await stage.program.picture(where: "all modes are connected") {
        $0.servers.count == 6 && $0.servers.allSatisfy { $0.isConnected && $0.toolCount == 4 }
      }
      for server in picture.servers {
        let transport = ["sse", "stdio"].contains(server.id) ? server.id : "http"
        #expect(server.transport == transport, "\(server.id)")
        #expect(server.era == (server.id == "sse" ? "handshake" : library.era), "\(server.id)")
      }

      for name in stage.names {
        #expect(try await stage.say(name, "echo", #"{"text":"ü"}"#) == "ü", "\(name)")
        if library.asks(in: name) {
          #expect(try await stage.say(name, "ask", "{}") == "you said decline", "\(name)")
        }
        let slow = try await stage.program.run(["call", name, "slow", #"{"steps":2}"#])
        #expect(slow.output.contains("done"), "\(name): \(slow.errors)")
        if !name.hasSuffix("json") {
          #expect(slow.errors.contains("step 2"), "\(name): \(slow.errors)")
        }
      }
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }

    @Test(arguments: [Library.mcp1, .mcp2])
    func `a tool that appears is listed where the server can say so`(
      _ library: Library
    ) async throws {
      let stage = try await Stage(library)
      let screen = try await Screen(stage.place, command: stage.program.commandLine)
      try await stage.program.picture(where: "all modes are connected") {
        $0.servers.count == 6 && $0.servers.allSatisfy { $0.toolCount == 4 }
      }
      let speakers = stage.names.filter(library.announces(in:))
      for name in speakers {
        #expect(try await stage.say(name, "grow", "{}") == "grown", "\(name)")
      }

      try await stage.program.picture(where: "the new tools are listed") { picture in
        speakers.allSatisfy { picture[$0]?.toolCount == 5 }
      }
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }
  }
}
