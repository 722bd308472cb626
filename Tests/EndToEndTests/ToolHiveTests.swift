import Foundation
import Testing

extension EndToEnd {
  /// The program beside a ToolHive that comes, goes and moves.
  @Suite struct ToolHive {
    /// A directory, a range of ports of its own, and a ToolHive with its state.
    private struct Stage {
      let place: Workplace
      let first: Int
      let state: StandInState
      var range: [String] {
        [
          "--toolhive-start-port-scan", String(first), "--toolhive-end-port-scan",
          String(first + 9), "--toolhive-poll", "0.5", "--no-discovery",
        ]
      }

      init() throws {
        place = try Workplace()
        first = try Workplace.freePorts(10)
        state = StandInState("toolhive.json", in: place)
      }

      func toolHive(on offset: Int, _ more: String...) async throws -> StandIn {
        try await StandIn("toolhive.py", on: first + offset, [state.path] + more, in: place)
      }

      /// A dashboard's engine with the flags, and a door to it.
      func program(_ flags: [String], configuration: String = "{}") throws -> Program {
        try Program(place, configuration: configuration, flags: range + flags)
      }
    }

    private static func workload(_ server: FaultyServer, status: String = "running") -> String {
      """
      {"name": "w\(server.port)", "url": "\(server.url)#w", "port": \(server.port),
       "transport_type": "stdio", "proxy_mode": "streamable-http", "status": "\(status)",
       "package": "ghcr.io/x/y", "group": "default", "tool_type": "mcp"}
      """
    }

    @Test
    func `workloads are servers, and when ToolHive moves they stay with all their counters`()
      async throws
    {
      let stage = try Stage()
      let (one, two) = (
        try await FaultyServer(in: stage.place), try await FaultyServer(in: stage.place)
      )
      try stage.state.write(
        "{\"workloads\": [\(Self.workload(one)), \(Self.workload(two, status: "stopped"))]}")
      let toolHive = try await stage.toolHive(on: 1)
      let program = try stage.program(["--toolhive-port", String(stage.first + 1)])
      let screen = try await Screen(stage.place, columns: 160, command: program.commandLine)
      let name = "w\(one.port)"
      try await program.picture(where: "the workload is connected") {
        $0.servers.map(\.id) == [name] && $0[name]?.isConnected == true
      }
      for _ in 0..<3 { #expect(try await program.call(name, "whoami").kind == "success") }
      let before = try await one.counters()

      toolHive.kill()
      let moved = try await stage.toolHive(on: 7)
      let picture = try await program.picture(where: "it was found again") {
        $0.notices.contains {
          $0.text == "Successfully rediscovered ToolHive on new port"
            + " old_port=\(stage.first + 1) new_port=\(stage.first + 7)"
        }
      }
      let texts = picture.notices.map(\.text)
      #expect(
        texts.contains(
          "ToolHive connection failed attempt=1 max_retries=100 error=\"Connection refused\""
            + " backoff_seconds=1.0"))
      #expect(
        texts.contains(
          "Attempting to rediscover ToolHive port previous_port=\(stage.first + 1)"))
      #expect(
        texts.contains(
          "Port rediscovery successful, retrying immediately new_port=\(stage.first + 7)"))
      try await eventually("the new one is looked at again and again") {
        moved.requests.count { $0 == "GET /api/v1beta/workloads?all=true" } >= 3
      }
      #expect(picture[name]?.calls.success == 3)
      #expect(picture[name]?.isConnected == true)
      #expect(try await one.counters().initializations == before.initializations)

      try stage.state.write(
        "{\"workloads\": [\(Self.workload(one, status: "removing")), \(Self.workload(two))]}")
      try await program.picture(where: "one went, the other came") {
        $0.servers.map(\.id) == ["w\(two.port)"] && $0.servers.first?.isConnected == true
      }
      try await screen.shows("w\(two.port)")
    }

    @Test func `a command finds ToolHive by itself, past an impostor, the highest version first`()
      async throws
    {
      let stage = try Stage()
      let server = try await FaultyServer(in: stage.place)
      try stage.state.write("{\"workloads\": [\(Self.workload(server))]}")
      let impostor = try await stage.toolHive(on: 1, "v99.0.0", "--impostor")
      let old = try await stage.toolHive(on: 3, "v0.9.9")
      let new = try await stage.toolHive(on: 5, "v0.10.0")
      let development = try await stage.toolHive(on: 6, "build-7c3a3077")
      let program = try stage.program(["--toolhive-port", String(stage.first + 1)])
      let result = try await program.run(["call", "w\(server.port)", "whoami"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        result.errors.contains(
          "INFO     Successfully rediscovered ToolHive on new port old_port=\(stage.first + 1)"
            + " new_port=\(stage.first + 5)\n"), "\(result.errors)")
      #expect(new.requests.contains("GET /api/v1beta/workloads?all=true"))
      for other in [old, development] {
        #expect(other.requests == ["GET /api/v1beta/version"])
      }
      #expect(impostor.requests.count { $0 == "GET /api/v1beta/version" } >= 3)
    }

    @Test func `without ToolHive the program says each try and ends with 1`() async throws {
      let stage = try Stage()
      let port = stage.first + 1
      let program = try stage.program([
        "--toolhive-port", String(port), "--toolhive-max-retries", "2",
        "--toolhive-initial-backoff", "0.1",
      ])
      let result = try await program.run(["snapshot", "--every", "500ms"])
      #expect(result.status == 1)
      let failure = "ToolHive connection failed attempt="
      #expect(
        result.errors == """
          WARNING  \(failure)1 max_retries=2 error="Connection refused" backoff_seconds=0.1
          WARNING  Attempting to rediscover ToolHive port previous_port=\(port)
          WARNING  \(failure)2 max_retries=2 error="Connection refused" backoff_seconds=0.0
          ERROR    All retry attempts exhausted. ToolHive is unavailable. total_attempts=2
          CRITICAL ToolHive connection failure - exiting max_retries=2 last_error="Connection refused"
          mcpdash: ToolHive is unavailable: Connection refused

          """)
      let screen = try await Screen(stage.place, command: program.commandLine)
      #expect(try await screen.status(within: .seconds(30)) == 1)
      try await screen.shows("mcpdash: ToolHive is unavailable: Connection refused")
    }

    @Test func `beside a server of a file the loss of ToolHive ends nothing`() async throws {
      let stage = try Stage()
      let server = try await FaultyServer(in: stage.place)
      let program = try stage.program(
        ["--toolhive", "--toolhive-max-retries", "1"],
        configuration: "{ servers: { own: { url: \"\(server.url)\" } } }")
      let result = try await program.run(["snapshot", "-f", "json", "--wait", "3"])
      #expect(result.status == 0)
      #expect(try FleetPicture(json: result.output)["own"]?.isConnected == true)
      #expect(result.errors.contains("All retry attempts exhausted"))
      #expect(!result.errors.contains("exiting"))
    }

    @Test func `a ToolHive that starts while it is waited for is taken`() async throws {
      let stage = try Stage()
      let server = try await FaultyServer(in: stage.place)
      try stage.state.write("{\"workloads\": [\(Self.workload(server))]}")
      let program = try stage.program(["--toolhive", "--toolhive-initial-backoff", "0.5"])
      let screen = try await Screen(stage.place, command: program.commandLine)
      try await program.picture(where: "it was missed") {
        $0.notices.contains { $0.text.hasPrefix("ToolHive connection failed attempt=1") }
      }
      let toolHive = try await stage.toolHive(on: 2)
      try await program.picture(where: "its workload is connected") {
        $0["w\(server.port)"]?.isConnected == true
      }
      #expect(!toolHive.requests.isEmpty)
      try await screen.shows("w\(server.port)")
    }

    @Test func `what ToolHive holds is listed, steered and installed by commands`() async throws {
      let stage = try Stage()
      try stage.state.write(
        #"""
        {"workloads": [{"name": "a", "url": "http://127.0.0.1:1/mcp", "status": "running"},
           {"name": "b", "url": "http://127.0.0.1:2/sse", "status": "stopped",
            "package": "i\u001b[31m", "tool_type": "mcp"}],
         "registry": [{"name": "io.x/fetch", "image": "i/fetch:1", "transport": "stdio",
           "description": "\u001b]0;owned\u0007fetches"}],
         "logs": {"a": "one\n\u001b[2Jtwo\n"}}
        """#)
      let toolHive = try await stage.toolHive(on: 4)
      let program = try stage.program([])
      func run(_ words: String...) async throws -> Program.Result {
        try await program.run(["toolhive"] + words)
      }
      #expect(try await run("list").output.split(separator: "\n").count == 2)
      let all = try await run("list", "--all", "--json")
      #expect(all.output.contains(#""name":"b","status":"stopped""#), "\(all.output)")
      #expect(try await run("show", "b").output.contains("package  i\u{FFFD}[31m"))
      #expect(try await run("logs", "a").output == "one\n\u{FFFD}[2Jtwo\n")
      #expect(try await run("registry").output.contains("io.x/fetch"))
      #expect(try await run("stop", "a").output == "a is being stopped\n")
      #expect(try await run("start", "b", "--json").output.contains(#""name":"b""#))
      #expect(try await run("restart", "b").output == "b is being restarted\n")
      let installed = try await run("install", "fetch")
      #expect(
        installed.output == "io.x/fetch is installed as fetch on port 31337 and is being started\n")
      let created = try stage.state.read()["created"] as? [String: Any]
      #expect(created?["image"] as? String == "i/fetch:1")
      #expect(
        toolHive.requests.filter { $0.hasPrefix("POST") } == [
          "POST /api/v1beta/workloads/a/stop", "POST /api/v1beta/workloads/b/restart",
          "POST /api/v1beta/workloads/b/restart", "POST /api/v1beta/workloads",
        ])
      let unknown = try await run("stop", "bb")
      #expect(unknown.status == 64)
      #expect(unknown.errors.contains("did you mean 'b'?"), "\(unknown.errors)")
      let again = try await run("install", "io.x/fetch")
      #expect(again.status == 1)
      #expect(again.errors.contains("already exists"))
      for result in [try await run("list", "--all"), try await run("registry", "--json")] {
        #expect(!result.output.contains("\u{1B}"))
      }
    }

    @Test func `settings out of range are refused before anything is asked`() async throws {
      let stage = try Stage()
      for (variable, value) in [
        ("TOOLHIVE_MAX_RETRIES", "501"), ("TOOLHIVE_INITIAL_BACKOFF", "0.01"),
        ("TOOLHIVE_MAX_BACKOFF", "301"),
      ] {
        let result = try await Program.run(
          ["snapshot", "--toolhive"], in: stage.place, environment: [variable: value])
        #expect(result.status == 64)
        #expect(result.errors.contains("\(variable): '\(value)' is not"), "\(result.errors)")
      }
    }
  }
}
