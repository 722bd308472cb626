import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// A store that does not work: what it does not take waits in memory, and in a file between two
  /// runs.
  @Suite struct DeadLetterSpills {
    private func mode(of path: String) throws -> mode_t {
      var status = stat()
      try #require(stat(path, &status) == 0)
      return status.st_mode & 0o777
    }

    private func end(_ screen: Screen) async throws {
      try await screen.signalProgram(SIGTERM)
      #expect(try await screen.status(within: .seconds(20)) == 143)
    }

    /// Expects all of the letters in the store, once, and nothing in the file.
    private func expectTaken(_ stage: LetterStage, _ ids: [String]) async throws {
      try await stage.program.picture(where: "all letters are in the store") {
        $0.deadLetters.size == ids.count && $0.deadLetters.spilled == 0
      }
      #expect(try await stage.program.letters().map(\.id).sorted() == ids.sorted())
      #expect(stage.spillFile() == nil)
    }

    /// Letters that are left in the file by a run whose store has failed.
    private func leave(
      _ count: Int, by stage: LetterStage, _ screen: Screen
    ) async throws -> [String] {
      let before = stage.spillFile()?.count ?? 0
      let ids = try await stage.fail(count, keptIn: "memory")
      try await stage.program.picture(where: "they wait in memory") {
        $0.deadLetters.spilled == before + count
      }
      try await end(screen)
      let lines = try #require(stage.spillFile())
      #expect(lines.count == before + count)
      for id in ids { #expect(lines.contains { $0.contains(#""id":"\#(id)""#) }) }
      #expect(try mode(of: stage.place.path(LetterStage.spillPath)) == 0o600)
      return ids
    }

    @Test func `what a dead Redis did not take is taken by the next run`() async throws {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server, redis)
      let screen = try await stage.start()
      let early = try await stage.fail(2)
      redis.kill()
      let late = try await leave(3, by: stage, screen)
      // The next run meets the same trouble, and adds to them.
      let latest = try await leave(1, by: stage, stage.start())
      try await redis.restart()
      let healed = try await stage.start()
      try await expectTaken(stage, early + late + latest)
      try await end(healed)
      #expect(try await redis.command("ZCARD", "mcp:dlq:list") == "6")
    }

    @Test func `what a locked file did not take is taken by the next run`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server)
      let screen = try await stage.start()
      let early = try await stage.fail(2)
      let script = """
        import sqlite3, sys, time
        file = sqlite3.connect(sys.argv[1], isolation_level=None)
        file.execute("BEGIN IMMEDIATE")
        print("locked", flush=True)
        time.sleep(600)
        """
      let lock = try place.start(
        "lock", try Prerequisite.currentPython.found(),
        ["-c", script, place.path("state/dead-letters.sqlite3")])
      try await eventually("the file is locked: \(lock.errors)") { lock.output == "locked\n" }
      let late = try await leave(3, by: stage, screen)
      lock.stop()
      let next = try await stage.start()
      try await expectTaken(stage, early + late)
      try await end(next)
    }

    @Test func `commands that end at the same time leave all of their letters`() async throws {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server, redis)
      try await server.setFaults(#"{"status": {"code": 503, "on": "calls"}}"#)
      redis.kill()
      // There is no state directory yet either.
      let calls = try (0..<5).map { number in
        try place.start(
          "call-\(number)", try Prerequisite.mcpdash.found(),
          stage.program.arguments + ["call", "alpha", "counter", "--json"])
      }
      var ids: [String] = []
      for call in calls {
        let status = try await eventually("the call's end") { call.status }
        #expect(status == 4 && !call.errors.contains("lost"), "\(call.errors)")
        ids.append(try CallOutcome(json: call.output).id)
      }
      #expect(stage.spillFile()?.count == 5)
      try await redis.restart()
      // Any run takes them, a short one too.
      try await server.setFaults("{}")
      #expect(try await stage.program.run(["call", "alpha", "counter"]).status == 0)
      #expect(stage.spillFile() == nil)
      #expect(try await stage.program.letters().map(\.id).sorted() == ids.sorted())
    }

    @Test func `what is no letter stays in the file, and is told`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server)
      let screen = try await stage.start()
      let ids = try await stage.fail(2)
      let exported = try await stage.program.run(["dlq", "export"]).output
      #expect(try await stage.program.run(["dlq", "purge", "--all", "--yes"]).status == 0)
      try await end(screen)
      let whole = exported.split(separator: "\n").map(String.init)
      try #require(whole.count == 2)
      let half = String(whole[0].prefix(whole[0].utf8.count / 2))
      let strange = ["hello, fleet", #"{"version": 99, "id": "from-the-future"}"#, half]
      try place.write(
        LetterStage.spillPath, ([strange[0]] + whole + strange[1...]).joined(separator: "\n"))

      for _ in 0..<2 {
        let screen = try await stage.start()
        try await stage.program.picture(where: "the whole ones are in the store") {
          $0.deadLetters.size == 2 && $0.deadLetters.spilled == 0
        }
        #expect(try await stage.program.letters().map(\.id).sorted() == ids.sorted())
        let words = "3 lines of \(place.path(LetterStage.spillPath)) cannot be read"
        let picture = try await stage.program.picture()
        #expect(picture.notices.contains { $0.severity == "error" && $0.text.hasPrefix(words) })
        #expect(stage.spillFile() == strange)
        try await end(screen)
      }
      #expect(stage.spillFile() == strange)
    }

    @Test func `a full disk changes no answer, and has all letters when there is room`()
      async throws
    {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let disk = try TinyDisk(in: place)
      let stage = try LetterStage(
        place, server, settings: #"path: "\#(disk.file("letters.sqlite3"))""#)
      let screen = try await stage.start(disk.wrap)
      disk.find(by: try await screen.programPID())
      let early = try await stage.fail(2)
      try disk.fill()
      let late = try await stage.fail(3, keptIn: "memory")
      // A good answer is as good as ever.
      #expect(try await stage.program.call("alpha", "counter").kind == "success")
      let picture = try await stage.program.picture(where: "they wait in memory") {
        $0.deadLetters.spilled == 3
      }
      #expect(
        picture.notices.contains {
          $0.severity == "error" && $0.text.contains("the dead-letter store does not work")
            && $0.text.contains("no room is left")
        }, "\(picture.notices)")
      try await screen.shows("3 letters wait")
      #expect(try await stage.program.letters().map(\.id).sorted() == early.sorted())
      try disk.free()
      try await expectTaken(stage, early + late)
      let replay = try await stage.program.run(["dlq", "replay", "--all", "--force"])
      #expect(replay.status == 0, "\(replay)")
      let ran = try await server.counters()
      #expect(ran.repeats == 0 && Set(early + late).isSubset(of: ran.keys.keys))
      try await end(screen)
    }

    @Test func `what a full disk did not take outlives the program`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let disk = try TinyDisk(in: place)
      let stage = try LetterStage(
        place, server, settings: #"path: "\#(disk.file("letters.sqlite3"))""#)
      let screen = try await stage.start(disk.wrap)
      disk.find(by: try await screen.programPID())
      try disk.fill()
      let ids = try await leave(3, by: stage, screen)
      // The tiny disk went with the program: this one's file is on the machine's own.
      let next = try await stage.start()
      try await expectTaken(stage, ids)
      try await end(next)
    }
  }
}
