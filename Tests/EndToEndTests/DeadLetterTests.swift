import Foundation
import Testing

extension EndToEnd {
  /// What could not be delivered, on either store, and two programs on one queue.
  @Suite struct DeadLetters {
    @Test func `a letter lies in Redis as the Go client reads it, and leaves when delivered`()
      async throws
    {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server, redis)
      let (program, screen) = (stage.program, try await stage.start())
      let ids = try await stage.fail(1)

      #expect(try await redis.command("ZRANGE", "mcp:dlq:list", "0", "-1") == ids[0])
      let text = try await redis.command("GET", "mcp:dlq:\(ids[0])")
      let entry = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect(entry["id"] as? String == ids[0])
      #expect(entry["operation"] as? String == "call_tool")
      #expect(entry["request_body"] is [String: Any])
      for field in ["client_id", "endpoint", "last_error", "created_at", "last_attempt"] {
        #expect(entry[field] is String, "\(field) of \(text)")
      }
      #expect(entry["retry_count"] is Int)

      let replay = try await program.run(["dlq", "replay", "--all", "--force"])
      #expect(replay.status == 0, "\(replay)")
      #expect(try await server.counters().keys == [ids[0]: 1])
      #expect(try await program.letters().isEmpty)
      #expect(try await redis.command("ZCARD", "mcp:dlq:list") == "0")
      try await screen.shows("alpha")
    }

    @Test func `a letter of the Go client is listed, and sent once`() async throws {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let server = try await FaultyServer(in: place)
      let id = "call_tool-client-1-1234567890"
      let entry = """
        {"id":"\(id)","client_id":"client-1","operation":"call_tool","endpoint":"\(server.url)",\
        "request_body":{"name":"counter","arguments":{}},"last_error":"connection refused",\
        "retry_count":3,"created_at":"2026-11-20T10:00:00Z","last_attempt":"2026-11-20T10:00:09Z"}
        """
      _ = try await redis.command("SET", "mcp:dlq:\(id)", entry, "EX", "604800")
      _ = try await redis.command("ZADD", "mcp:dlq:list", "1795168809", id)
      _ = try await redis.command("SET", "mcp:dlq:broken", "no JSON at all")
      _ = try await redis.command("ZADD", "mcp:dlq:list", "1795168810", "broken")
      let stage = try LetterStage(place, server, redis)
      let (program, screen) = (stage.program, try await stage.start())

      let listed = try await program.run(["dlq", "list", "--json"])
      #expect(listed.status == 0, "\(listed)")
      #expect(listed.output.contains(id))
      #expect(listed.output.contains("broken"))
      let timid = try await program.run(["dlq", "replay", id])
      #expect(timid.status != 0, "it may have run: \(timid)")
      let forced = try await program.run(["dlq", "replay", id, "--force"])
      #expect(forced.status == 0, "\(forced)")
      #expect(try await server.counters().counter == 1)
      let again = try await program.run(["dlq", "replay", id, "--force"])
      #expect(again.status != 0, "\(again)")
      #expect(try await server.counters().counter == 1)
      try await screen.shows("alpha")
    }

    @Test func `a Redis that dies takes no letter with it, and is told of`() async throws {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server, redis)
      let (program, screen) = (stage.program, try await stage.start())
      let early = try await stage.fail(2)
      redis.kill()
      let late = try await stage.fail(3, keptIn: "memory")
      try await screen.shows("3 letters wait")
      try await redis.restart()
      try await program.picture(where: "all letters are there", within: .seconds(60)) {
        $0.deadLetters.size == 5 && $0.deadLetters.spilled == 0
      }
      let ids = try await program.letters().map(\.id)
      #expect(Set(ids) == Set(early + late))
    }

    @Test func `a Redis that hangs does not keep the program from ending, nor its letters`()
      async throws
    {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server, redis)
      let screen = try await stage.start()
      let early = try await stage.fail(1)
      redis.pause()
      defer { redis.goOn() }
      let late = try await stage.fail(2, keptIn: "memory")
      try await screen.press("q")
      #expect(try await screen.status(within: .seconds(20)) == 0)

      redis.goOn()
      let nextScreen = try await stage.start()
      try await stage.program.picture(where: "all letters are there") {
        $0.deadLetters.size == 3 && $0.deadLetters.spilled == 0
      }
      #expect(Set(try await stage.program.letters().map(\.id)) == Set(early + late))
      try await nextScreen.shows("alpha")
    }

    @Test func `a Redis that may lose letters is told of wherever the store is`() async throws {
      let place = try Workplace()
      let redis = try await RedisServer(in: place, isDurable: false)
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server, redis)
      let (program, screen) = (stage.program, try await stage.start())
      let picture = try await program.picture(where: "the store has told") {
        $0.deadLetters.durability != nil
      }
      #expect(picture.deadLetters.durability?.grade == "lossy")
      let warnings = picture.notices.filter { $0.text.contains("dead letters may be lost: Redis") }
      #expect(warnings.map(\.severity) == ["warning"])
      for words in [["check"], ["dlq", "stats"], ["--redis", redis.address, "dlq", "stats"]] {
        let told = try await program.run(words)
        #expect(told.status == 0, "\(told)")
        #expect(told.output.contains("keeps the queue in memory only"), "\(told)")
      }
      try await screen.press("d")
      try await screen.shows("which may lose them")
    }

    @Test func `a thousand letters are imported at once, on either store`() async throws {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let program = try Program(place, configuration: TestFleet().text)
      let lines = (0..<1000).map {
        #"{"id":"go-\#($0)","client_id":"c","operation":"call_tool","request_body":{"tool_name":"t"}}"#
      }
      let file = try place.write("letters.jsonl", lines.joined(separator: "\n"))
      for store in [[], ["--redis", redis.address]] {
        let result = try await program.run(store + ["dlq", "import", file])
        #expect(result.output == "1000 new, 0 known already\n", "\(result)")
      }
    }

    @Test func `what Redis cannot hold is told with its line, and the rest is imported`()
      async throws
    {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let lines = ["one", "list", "two"].map {
        #"{"id":"\#($0)","client_id":"c","operation":"call_tool","request_body":{"tool_name":"t"}}"#
      }
      let file = try place.write("letters.jsonl", lines.joined(separator: "\n"))
      let result = try await Program.run(
        ["--redis", redis.address, "dlq", "import", file], in: place)
      #expect(result.status == 65, "\(result)")
      #expect(result.output == "2 new, 0 known already, 1 bad line passed over\n")
      #expect(result.errors.contains("line 2 is passed over: no letter can be named `list`"))
    }

    @Test func `two programs on one queue run no letter twice`() async throws {
      let places = try [Workplace(), Workplace()]
      let redis = try await RedisServer(in: places[0], isDurable: false)
      let server = try await FaultyServer(in: places[0])
      let stages = try places.map { try LetterStage($0, server, redis) }
      let (first, second) = (stages[0].program, stages[1].program)
      let screens = [try await stages[0].start(), try await stages[1].start()]
      let ids = try await stages[0].fail(30)
      #expect(Set(try await second.letters().map(\.id)) == Set(ids))

      let replay = ["dlq", "replay", "--all", "--force", "--pace", "1000"]
      let other = try places[1].start(
        "replay", try Prerequisite.mcpdash.found(), second.arguments + replay)
      _ = try await first.run(replay, within: .seconds(60))
      try await eventually("the other replay's end") { other.status != nil }

      let once = Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) })
      #expect(try await server.counters().keys == once)
      #expect(try await first.letters().isEmpty)
      for screen in screens { try await screen.shows("alpha") }
    }

    @Test func `a queue moves from SQLite to Redis`() async throws {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server)
      let (program, screen) = (stage.program, try await stage.start())
      let ids = try await stage.fail(3)
      try await screen.press("q")
      #expect(try await screen.status() == 0)

      let exported = try await program.run(["dlq", "export"])
      #expect(exported.status == 0, "\(exported)")
      let file = try place.write("letters.jsonl", exported.output)
      let onRedis = try LetterStage(place, server, redis).program
      for _ in 0..<2 {
        let imported = try await onRedis.run(["dlq", "import", file])
        #expect(imported.status == 0, "\(imported)")
      }
      #expect(Set(try await onRedis.letters().map(\.id)) == Set(ids))
      #expect(try await redis.command("ZCARD", "mcp:dlq:list") == "3")
    }

    @Test func `the screen sends a letter of Redis again`() async throws {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server, redis)
      let (program, screen) = (stage.program, try await stage.start())
      let ids = try await stage.fail(1)
      try await program.picture(where: "one dead letter") { $0.deadLetters.size == 1 }
      try await screen.press("d")
      try await screen.shows("counter")
      try await screen.press("R")
      try await screen.shows("it may have run")
      try await screen.press("F")
      try await program.picture(where: "it is delivered") { $0.deadLetters.size == 0 }
      #expect(try await server.counters().keys == [ids[0]: 1])
      try await screen.press("q")
      try await screen.press("q")
    }

    @Test func `a purge asks for a word, and a dry run sends nothing`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(place, server)
      let (program, screen) = (stage.program, try await stage.start())
      _ = try await stage.fail(2)
      let dry = try await program.run(["dlq", "replay", "--all", "--force", "--dry-run"])
      #expect(dry.status == 0, "\(dry)")
      #expect(try await server.counters().counter == 0)
      let silent = try await program.run(["dlq", "purge", "--server", "alpha"])
      #expect(silent.status != 0, "\(silent)")
      #expect(try await program.letters().count == 2)
      let purged = try await program.run(["dlq", "purge", "--server", "alpha", "--yes"])
      #expect(purged.status == 0, "\(purged)")
      #expect(try await program.letters().isEmpty)
      try await screen.shows("alpha")
    }
  }
}
