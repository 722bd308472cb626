import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// Servers from PyPI, of both eras, over HTTP and over stdio.
  @Suite struct RealServers {
    /// What must be told of one of them.
    private struct Expected {
      var transport: String
      var era: String
      var version: String
      var tools: Int
      var refuses = false
    }

    private static let probes = [
      ("echo", #"{ text: "hello" }"#), ("boom", "{}"), ("nothing", "{}"),
    ]

    @Test func `a snapshot tells the truth about servers that others wrote`() async throws {
      let place = try Workplace()
      let modern = try FixtureServer(.modern, in: place)
      let handshake = try FixtureServer(.handshake, in: place)
      let fastmcp = try FixtureServer(.fastmcp, in: place)
      for server in [modern, handshake, fastmcp] { try await server.ready() }
      var fleet = TestFleet()
      fleet.http("modern", modern.url)
      fleet.http("handshake", handshake.url)
      fleet.http("fastmcp", fastmcp.url)
      fleet.stdio(
        "modern-stdio", try Prerequisite.currentPython.found(),
        [Prerequisite.script("modern_server.py"), "stdio"])
      fleet.stdio(
        "handshake-stdio", try Prerequisite.handshakePython.found(),
        [Prerequisite.script("handshake_server.py"), "stdio"])
      fleet.stdio("time", try Prerequisite.timeServer.found(), [])
      for name in ["modern", "modern-stdio"] {
        fleet.probe(name, Self.probes + [("refuse", "{}")])
      }
      for name in ["handshake", "fastmcp", "handshake-stdio"] { fleet.probe(name, Self.probes) }
      fleet.probe(
        "time",
        [("get_current_time", #"{ timezone: "UTC" }"#), ("nothing", "{}")])
      let program = try Program(place, configuration: fleet.text)

      let picture = try await program.picture(wait: 10)

      let newest = "2026-07-28"
      let expected: [String: Expected] = [
        "modern": .init(transport: "http", era: "modern", version: newest, tools: 4, refuses: true),
        "handshake": .init(
          transport: "http", era: "handshake", version: "2025-11-25", tools: 3),
        "fastmcp": .init(transport: "http", era: "modern", version: newest, tools: 3),
        "modern-stdio": .init(
          transport: "stdio", era: "modern", version: newest, tools: 4, refuses: true),
        "handshake-stdio": .init(
          transport: "stdio", era: "handshake", version: "2025-11-25", tools: 3),
        "time": .init(transport: "stdio", era: "modern", version: newest, tools: 2, refuses: true),
      ]
      #expect(Set(picture.servers.map(\.id)) == Set(expected.keys))
      for server in picture.servers {
        let wanted = try #require(expected[server.id])
        let context = Comment(rawValue: "\(server)")
        #expect(server.isConnected, context)
        #expect(server.transport == wanted.transport, context)
        #expect(server.era == wanted.era, context)
        #expect(server.protocolVersion == wanted.version, context)
        #expect(server.toolCount == wanted.tools, context)
        #expect(server.breaker.state == "closed", context)
        #expect(server.health.status == "healthy", context)
        #expect(server.calls.success > 0, context)
        // The time server answers an unknown tool with a JSON-RPC error, the others with `isError`.
        #expect((server.calls.toolError > 0) == (server.id != "time"), context)
        #expect((server.calls.protocolError > 0) == wanted.refuses, context)
        #expect(server.calls.transportFailure == 0, context)
      }
    }

    @Test(arguments: [FixtureServer.Kind.modern, .handshake])
    func `a killed server opens its breaker and comes back by itself`(
      kind: FixtureServer.Kind
    ) async throws {
      let place = try Workplace()
      let doomed = try FixtureServer(kind, in: place)
      let other = try FixtureServer(.fastmcp, in: place)
      try await doomed.ready()
      try await other.ready()
      var fleet = TestFleet()
      fleet.http("doomed", doomed.url)
      fleet.http("other", other.url)
      for name in ["doomed", "other"] { fleet.probe(name, [("echo", #"{ text: "hello" }"#)]) }
      let program = try Program(place, configuration: fleet.text)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "both answer") {
        $0.servers.count == 2 && $0.servers.allSatisfy { $0.calls.success > 0 }
      }

      doomed.kill()
      let dead = try await program.picture(where: "the breaker is open") {
        $0["doomed"]?.breaker.state == "open"
      }
      #expect((dead["doomed"]?.calls.transportFailure ?? 0) > 0)
      #expect(dead["other"]?.breaker.state == "closed")
      #expect(dead["other"]?.isConnected == true)
      try await program.picture(where: "it is unhealthy and not connected") {
        $0["doomed"]?.health.status == "unhealthy" && $0["doomed"]?.isConnected == false
      }

      try await doomed.restart()
      let before = dead["doomed"]?.calls.success ?? 0
      try await program.picture(where: "it is closed, healthy and answers again") {
        guard let server = $0["doomed"] else { return false }
        return server.breaker.state == "closed" && server.health.status == "healthy"
          && server.isConnected && server.calls.success > before
      }
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }

    @Test func `a killed child process is started again`() async throws {
      let place = try Workplace()
      var fleet = TestFleet()
      fleet.stdio(
        "child", try Prerequisite.currentPython.found(),
        [Prerequisite.script("modern_server.py"), "stdio"])
      fleet.probe("child", [("echo", #"{ text: "hello" }"#)])
      let program = try Program(place, configuration: fleet.text)
      let screen = try await Screen(place, command: program.commandLine)
      let before = try await program.picture(where: "the child answers") {
        ($0["child"]?.calls.success ?? 0) > 0
      }

      let child = try await children(of: "modern_server.py", in: place)
      try #require(child.count == 1)
      kill(child[0], SIGKILL)

      try await program.picture(where: "the child answers again") {
        ($0["child"]?.calls.success ?? 0) > (before["child"]?.calls.success ?? 0) + 1
      }
      #expect(try await children(of: "modern_server.py", in: place) != child)
      try await screen.press("q")
      #expect(try await screen.status() == 0)
      #expect(try await children(of: "modern_server.py", in: place).isEmpty)
    }

    /// Processes of this test that run the script: they were started in its own directory.
    private func children(of script: String, in place: Workplace) async throws -> [pid_t] {
      let search = try place.start(
        "pgrep-\(UUID().uuidString.prefix(8))", try Prerequisite.pgrep.found(), ["-f", script])
      _ = try await eventually("the end of pgrep") { search.status }
      return search.output.split(separator: "\n").compactMap { pid_t($0) }.filter {
        let directory = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/\($0)/cwd")
        return directory.map { $0 == place.directory.path } ?? false
      }
    }
  }
}
