import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// The fleet follows its files while the program runs.
  @Suite struct ReloadTests {
    /// What SIGHUP is answered with, whether anything changed or not.
    private static let answer = "configuration read again"

    /// The program with two servers of the handshake era, each of which counts its sessions.
    private struct Stage {
      let place: Workplace
      let alpha: FaultyServer
      let beta: FaultyServer
      let program: Program

      init() async throws {
        place = try Workplace()
        alpha = try await FaultyServer(in: place, ["--era", "handshake"])
        beta = try await FaultyServer(in: place, ["--era", "handshake"])
        program = try Program(place, configuration: "{}")
        try write(["alpha": alpha])
      }

      /// Replaces the file as editors do: a new one takes the old one's name.
      func write(_ servers: [String: FaultyServer], more: String = "") throws {
        var fleet = TestFleet()
        for (name, server) in servers.sorted(by: { $0.key < $1.key }) {
          fleet.http(name, server.url)
        }
        let new = try place.write("mcpdash.json5.new", fleet.text + more)
        #expect(rename(new, place.path("mcpdash.json5")) == 0)
      }

      func connected(_ names: String...) async throws -> FleetPicture {
        try await program.picture(where: "\(names) are there and connected") { picture in
          picture.servers.map(\.id) == names && picture.servers.allSatisfy(\.isConnected)
        }
      }
    }

    @Test func `a server that did not change keeps its connections and counters`() async throws {
      let stage = try await Stage()
      let screen = try await Screen(stage.place, command: stage.program.commandLine)
      _ = try await stage.connected("alpha")
      for _ in 0..<3 {
        let outcome = try await stage.program.call("alpha", "echo", #"{"message": "x"}"#)
        #expect(outcome.kind == "success")
      }
      try await stage.program.picture(where: "its calls are counted") {
        $0["alpha"]?.calls.success == 3
      }
      let sessions = try await stage.alpha.counters().initializations

      try stage.write(["alpha": stage.alpha, "beta": stage.beta])
      let wider = try await stage.connected("alpha", "beta")
      #expect(wider["alpha"]?.calls.success == 3)
      #expect(try await stage.alpha.counters().initializations == sessions)
      try await screen.shows("beta")

      try stage.write(["beta": stage.beta])
      _ = try await stage.connected("beta")
      #expect(try await stage.program.call("beta", "echo", #"{"message": "x"}"#).kind == "success")
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }

    @Test func `a broken text is told, and everything goes on`() async throws {
      let stage = try await Stage()
      let screen = try await Screen(stage.place, command: stage.program.commandLine)
      _ = try await stage.connected("alpha")
      try stage.write(["beta": stage.beta], more: "}")
      let picture = try await stage.program.picture(where: "the mistake is told") {
        $0.notices.contains { $0.severity == "error" && $0.text.contains("mcpdash.json5:") }
      }
      #expect(picture.servers.map(\.id) == ["alpha"])
      #expect(try await stage.program.call("alpha", "echo", #"{"message": "x"}"#).kind == "success")
      try stage.write(["beta": stage.beta])
      _ = try await stage.connected("beta")
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }

    @Test func `SIGHUP reads the files again, and the end of the terminal ends`() async throws {
      let stage = try await Stage()
      let screen = try await Screen(stage.place, command: stage.program.commandLine)
      _ = try await stage.connected("alpha")
      try await screen.signalProgram(SIGHUP)
      let picture = try await stage.program.picture(where: "it was read again") {
        $0.notices.contains { $0.text.hasPrefix(Self.answer) }
      }
      #expect(picture["alpha"]?.isConnected == true)
      let program = try await screen.programPID()
      try await screen.hangUp()
      try await eventually("the program ends with its terminal") { !ChildProcess.isAlive(program) }
      // In order: its socket is gone too.
      #expect(!FileManager.default.fileExists(atPath: stage.place.path("state/control.sock")))
    }

    @Test func `without a dashboard it is the same`() async throws {
      let stage = try await Stage()
      let words = ["snapshot", "--format", "json", "--wait", "1", "--every", "0.3"]
      let child = try stage.place.start(
        "snapshots", try Prerequisite.mcpdash.found(), stage.program.arguments + words)
      func picture(_ what: String, _ holds: (FleetPicture) -> Bool) async throws -> FleetPicture {
        try await eventually("\(what): \(child.errors)") {
          let line = child.output.split(separator: "\n").last { $0.hasSuffix("}") }
          return try line.map { try FleetPicture(json: String($0)) }.flatMap {
            holds($0) ? $0 : nil
          }
        }
      }
      _ = try await picture("alpha is connected") { $0["alpha"]?.isConnected == true }
      child.send(SIGHUP)
      _ = try await picture("it was read again") {
        $0.notices.contains { $0.text.hasPrefix(Self.answer) }
      }
      let sessions = try await stage.alpha.counters().initializations
      try stage.write(["alpha": stage.alpha, "beta": stage.beta])
      _ = try await picture("beta is connected") { $0["beta"]?.isConnected == true }
      #expect(try await stage.alpha.counters().initializations == sessions)
      child.send(SIGTERM)
      _ = try await eventually("it ends") { child.status }
    }

    @Test func `without a dashboard it ends with its terminal, too`() async throws {
      let stage = try await Stage()
      let words = ["snapshot", "--format", "json", "--wait", "0", "--every", "0.3"]
      // To a file, for writing to a terminal that is gone would end it as well.
      let output = stage.place.path("out")
      let line = (stage.program.commandLine + words).joined(separator: " ")
      let screen = try await Screen(
        stage.place, command: ["/bin/sh", "-c", "exec \(line) >\(output)"])
      func lines() -> Int {
        let bytes = FileManager.default.contents(atPath: output) ?? Data()
        return bytes.count { $0 == UInt8(ascii: "\n") }
      }
      try await eventually("it prints") { lines() > 0 }
      let program = try await screen.programPID()
      try await screen.signalProgram(SIGHUP)
      let before = lines()
      try await eventually("it prints more") { lines() > before + 2 }
      try await screen.hangUp()
      try await eventually("the program ends with its terminal") { !ChildProcess.isAlive(program) }
    }

    @Test func `every program's servers are found, with where they are`() async throws {
      let place = try Workplace()
      for directory in [".vscode", ".cursor", ".config/Claude"] {
        try FileManager.default.createDirectory(
          atPath: place.path(directory), withIntermediateDirectories: true)
      }
      try place.write("mcpdash.json5", "{servers: {own: {command: 'own'}}}")
      try place.write(".mcp.json", #"{"mcpServers": {"code": {"command": "code"}}}"#)
      try place.write(".vscode/mcp.json", "{\"servers\": {\"vs\": {\"url\": \"http://vs/mcp\"},},}")
      try place.write(".cursor/mcp.json", #"{"mcpServers": {"own": {"command": "other"}}}"#)
      try place.write("fastmcp.json", #"{"fast": {"url": "http://fast/sse"}}"#)
      try place.write(
        ".claude.json",
        #"{"projects": {"\#(place.directory.path)": {"mcpServers": {"here": {"command": "h"}}}}}"#)
      try place.write(
        ".config/Claude/claude_desktop_config.json", #"{"mcpServers": {"desk": {"command": "d"}}}"#)
      let result = try await Program.run(["servers"], in: place)
      #expect(result.status == 0, "\(result.errors)")
      let names = ["own", "code", "vs", "own (cursor)", "fast", "here", "desk"]
      let lines = result.output.split(separator: "\n").dropFirst()
      #expect(lines.count == names.count)
      for (line, name) in zip(lines, names) { #expect(line.hasPrefix(name + "  "), "\(line)") }
      let quiet = try await Program.run(["--no-discovery", "servers"], in: place)
      #expect(quiet.output.split(separator: "\n").count == 2)
    }
  }
}
