import Foundation
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

    /// A server that takes no hint: it reads on when its input has ended, and ignores SIGTERM.
    private static let stubborn = """
      import json, os, signal, sys, time
      signal.signal(signal.SIGTERM, signal.SIG_IGN)
      open("child.pid", "w").write(str(os.getpid()))
      for line in sys.stdin:
        question = json.loads(line)
        method = question.get("method")
        answer = {"jsonrpc": "2.0", "id": question.get("id")}
        if method == "initialize":
          answer["result"] = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                              "serverInfo": {"name": "stubborn", "version": "1"}}
        elif method == "tools/list":
          answer["result"] = {"tools": [{"name": "pay", "inputSchema": {"type": "object"}}]}
        elif method == "server/discover":
          answer["error"] = {"code": -32601, "message": "no"}
        else:
          open("asked", "a").write(str(method))
          continue
        print(json.dumps(answer), flush=True)
      time.sleep(600)
      """

    /// Ctrl-C gives the call up, SIGTERM does not.
    @Test(arguments: [SIGINT, SIGTERM])
    func `a command that a signal ends leaves no child behind, and keeps what nobody gave up`(
      signal: Int32
    ) async throws {
      let place = try Workplace()
      let script = try place.write("stubborn.py", Self.stubborn)
      let python = try Prerequisite.currentPython.found()
      let program = try Program(
        place,
        configuration: """
          { servers: { alpha: { command: "\(python)", args: ["\(script)"] } } }
          """)
      let command = try place.start(
        "call", try Prerequisite.mcpdash.found(), program.arguments + ["call", "alpha", "pay"])
      func note(_ name: String) -> String {
        String(
          decoding: FileManager.default.contents(atPath: place.path(name)) ?? Data(), as: UTF8.self)
      }
      try await eventually("the call is on the wire") { note("asked").contains("tools/call") }
      let child = try #require(pid_t(note("child.pid")))

      command.send(signal)

      let status = try await eventually("it ends", within: .seconds(15)) { command.status }
      #expect(status == 128 + signal, "\(command.errors)")
      #expect(!ChildProcess.isAlive(child))
      let letters = try await program.letters().map(\.unsafeToReplay)
      #expect(letters == (signal == SIGTERM ? [true] : []))
      if signal == SIGINT { #expect(note("asked").contains("notifications/cancelled")) }
    }
  }
}
