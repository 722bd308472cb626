import Foundation
import Testing

extension EndToEnd {
  /// What could not be delivered, on either store, and two programs on one queue.
  @Suite struct DeadLetters {
    private func program(
      _ place: Workplace, _ server: FaultyServer, _ redis: RedisServer? = nil
    ) throws -> Program {
      var fleet = TestFleet()
      fleet.http("alpha", server.url)
      let store = redis.map { #"deadLetters: { redis: { address: "\#($0.address)" } }, "# } ?? ""
      return try Program(place, configuration: "{ \(store)" + fleet.text.dropFirst())
    }

    private func start(
      _ place: Workplace, _ server: FaultyServer, _ redis: RedisServer? = nil
    ) async throws -> (Program, Screen) {
      let program = try program(place, server, redis)
      let screen = try await Screen(place, command: program.commandLine)
      try await screen.shows("closed")
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      return (program, screen)
    }

    /// Calls that all fail, each with its letter.
    private func fail(
      _ count: Int, _ program: Program, _ server: FaultyServer
    ) async throws -> [String] {
      #expect(try await program.run(["breaker", "disable", "alpha"]).status == 0)
      try await server.setFaults(#"{"status": {"code": 503, "on": "calls"}}"#)
      let calls = try (0..<count).map { _ in try program.begin("alpha", "counter") }
      var ids: [String] = []
      for call in calls {
        let outcome = try await program.outcome(of: call)
        #expect(outcome.deadLettered, "\(outcome)")
        ids.append(outcome.id)
      }
      try await server.setFaults("{}")
      #expect(try await program.run(["breaker", "reset", "alpha"]).status == 0)
      return ids
    }

    @Test func `a letter lies in Redis as the Go client reads it, and leaves when delivered`()
      async throws
    {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let server = try await FaultyServer(in: place)
      let (program, screen) = try await start(place, server, redis)
      let ids = try await fail(1, program, server)

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
      let (program, screen) = try await start(place, server, redis)

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
      let (program, screen) = try await start(place, server, redis)
      let early = try await fail(2, program, server)
      redis.kill()
      let late = try await fail(3, program, server)
      try await screen.shows("3 letters wait")
      try await redis.restart()
      try await program.picture(where: "all letters are there", within: .seconds(60)) {
        $0.deadLetters.size == 5 && $0.deadLetters.spilled == 0
      }
      let ids = try await program.letters().map(\.id)
      #expect(Set(ids) == Set(early + late))
    }

    @Test func `two programs on one queue run no letter twice`() async throws {
      let places = try [Workplace(), Workplace()]
      let redis = try await RedisServer(in: places[0], isDurable: false)
      let server = try await FaultyServer(in: places[0])
      let (first, firstScreen) = try await start(places[0], server, redis)
      let (second, screen) = try await start(places[1], server, redis)
      let ids = try await fail(30, first, server)
      #expect(Set(try await second.letters().map(\.id)) == Set(ids))

      let replay = ["dlq", "replay", "--all", "--force", "--pace", "1000"]
      let other = try places[1].start(
        "replay", try Prerequisite.mcpdash.found(), second.arguments + replay)
      _ = try await first.run(replay, within: .seconds(60))
      try await eventually("the other replay's end") { other.status != nil }

      let once = Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) })
      #expect(try await server.counters().keys == once)
      #expect(try await first.letters().isEmpty)
      for screen in [firstScreen, screen] { try await screen.shows("alpha") }
    }

    @Test func `a queue moves from SQLite to Redis`() async throws {
      let place = try Workplace()
      let redis = try await RedisServer(in: place)
      let server = try await FaultyServer(in: place)
      let (program, screen) = try await start(place, server)
      let ids = try await fail(3, program, server)
      try await screen.press("q")
      #expect(try await screen.status() == 0)

      let exported = try await program.run(["dlq", "export"])
      #expect(exported.status == 0, "\(exported)")
      let file = try place.write("letters.jsonl", exported.output)
      let onRedis = try self.program(place, server, redis)
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
      let (program, screen) = try await start(place, server, redis)
      let ids = try await fail(1, program, server)
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
      let (program, screen) = try await start(place, server)
      _ = try await fail(2, program, server)
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
