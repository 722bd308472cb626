import Foundation
import Testing

extension EndToEnd {
  /// A long replay that somebody ends: what is on the wire is waited for, and nothing runs twice.
  @Suite struct DeadLetterReplays {
    private let replay = ["dlq", "replay", "--all", "--force"]

    /// The stage, its dashboard, and thirty letters whose server takes its time for each.
    private func begin(
      _ test: (LetterStage, [String]) async throws -> Void
    ) async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server)
      let screen = try await stage.start()
      let ids = try await stage.fail(30)
      try await server.setFaults(#"{"latency": 700}"#)
      try await test(stage, ids)
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }

    /// The first batch has run at the server, and none of it has its answer.
    private func isOnTheWire(_ stage: LetterStage) async throws {
      try await eventually(
        "a letter is on the wire", asking: { try await !stage.server.counters().keys.isEmpty })
    }

    /// Expects what holds however a replay ended: nobody holds a letter, the server has run each at
    /// most once, and those that it ran are done.
    ///
    /// - Returns: how many are done.
    @discardableResult
    private func expectOrder(_ stage: LetterStage, _ ids: [String]) async throws -> Int {
      let states = try await stage.states()
      let ran = try await stage.server.counters()
      #expect(states["replaying"] == nil, "\(states)")
      #expect(Set((states["pending"] ?? []) + (states["done"] ?? [])) == Set(ids))
      #expect(ran.repeats == 0 && ran.keys.values.allSatisfy { $0 == 1 })
      #expect(Set(ran.keys.keys) == Set(states["done"] ?? []))
      return states["done"]?.count ?? 0
    }

    /// And what was left is delivered by the next one.
    private func expectRest(_ stage: LetterStage, _ ids: [String]) async throws {
      try await stage.server.setFaults("{}")
      let rest = try await stage.program.run(replay + ["--pace", "0"])
      #expect(rest.status == 0, "\(rest)")
      #expect(try await expectOrder(stage, ids) == ids.count)
    }

    @Test func `Ctrl-C waits for what is on the wire and leaves the rest`() async throws {
      try await begin { stage, ids in
        let terminal = try await Screen(
          stage.place, columns: 100, command: stage.program.commandLine + replay)
        try await isOnTheWire(stage)
        try await terminal.press("C-c")
        try await terminal.shows("what is on the wire is waited for")
        #expect(try await terminal.status() == 130)
        let done = try await expectOrder(stage, ids)
        #expect(0 < done && done < ids.count)
        try await terminal.shows("\(done) delivered, \(ids.count - done) left, stopped")
        try await expectRest(stage, ids)
      }
    }

    @Test func `without a dashboard the command sends by itself, and Ctrl-C ends it the same`()
      async throws
    {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server)
      let screen = try await stage.start()
      let ids = try await stage.fail(30)
      try await server.setFaults(#"{"latency": 700}"#)
      try await screen.press("q")
      #expect(try await screen.status() == 0)
      let terminal = try await Screen(
        place, columns: 100, command: stage.program.commandLine + replay)
      try await isOnTheWire(stage)
      try await terminal.press("C-c")
      #expect(try await terminal.status() == 130)
      let done = try await expectOrder(stage, ids)
      #expect(0 < done && done < ids.count)
      try await terminal.shows("\(done) delivered, \(ids.count - done) left, stopped")
      try await expectRest(stage, ids)
    }

    @Test func `a replay is stopped from another terminal`() async throws {
      try await begin { stage, ids in
        let child = try stage.place.start(
          "replay", try Prerequisite.mcpdash.found(), stage.program.arguments + replay)
        try await isOnTheWire(stage)
        let unknown = try await stage.program.run(["dlq", "stop", "77"])
        #expect(unknown.output.contains("no replay 77 runs"), "\(unknown)")
        let stop = try await stage.program.run(["dlq", "stop", "1"])
        #expect(stop.status == 0 && stop.output.contains("replay 1 stops"), "\(stop)")
        let status = try await eventually("the replay's end") { child.status }
        #expect(status == 1, "letters are left: \(child.errors)")
        let done = try await expectOrder(stage, ids)
        #expect(
          child.output == "\(done) delivered, \(ids.count - done) left, stopped\n")
        try await expectRest(stage, ids)
      }
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func `a replay whose command was ended is stopped by the engine`(signal: Int32) async throws {
      try await begin { stage, ids in
        let child = try stage.place.start(
          "replay", try Prerequisite.mcpdash.found(), stage.program.arguments + replay)
        try await isOnTheWire(stage)
        child.send(signal)
        let status = try await eventually("the command's end") { child.status }
        #expect(status == 128 + signal)
        // The engine has nothing to stop any more as soon as the last answer is there.
        try await eventually("no replay runs") {
          try await stage.program.run(["dlq", "stop", "--all"]).output.contains("no replay runs")
        }
        let done = try await expectOrder(stage, ids)
        #expect(0 < done && done < ids.count)
        try await expectRest(stage, ids)
      }
    }

    @Test func `a replay ends in order with its engine`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server)
      let screen = try await stage.start()
      let ids = try await stage.fail(30)
      try await server.setFaults(#"{"latency": 700}"#)
      let child = try place.start(
        "replay", try Prerequisite.mcpdash.found(), stage.program.arguments + replay)
      try await isOnTheWire(stage)
      try await screen.signalProgram(SIGTERM)
      #expect(try await screen.status() == 143)
      _ = try await eventually("the command's end") { child.status }
      let done = try await expectOrder(stage, ids)
      #expect(0 < done && done < ids.count)
      let again = try await stage.start()
      try await expectRest(stage, ids)
      try await again.press("q")
      #expect(try await again.status() == 0)
    }
  }
}
