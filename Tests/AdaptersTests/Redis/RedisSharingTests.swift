import Engine
import FleetModel
import Foundation
import Testing
import Wire

@testable import Adapters

/// The queue in Redis as the Go client of the bridge sees it and writes it.
struct RedisSharingTests {
  private let bench = StoreBench()
  private let now = Timestamp(millisecondsSinceEpoch: 1_790_000_000_000)

  init() { bench.now = now }

  private func store() async throws -> RedisDeadLetterStore {
    try RedisDeadLetterStore(
      await bench.redis().address(database: bench.redisDatabase),
      wallClock: { [bench] in bench.now })
  }

  @discardableResult
  private func run(_ words: String...) async throws -> RedisReply {
    try await bench.redis().run(words, database: bench.redisDatabase)
  }

  /// As the Go client adds it: two commands.
  private func addForeign(
    _ id: String, operation: String = "call_tool", client: String = "client-1", age: Int = 0,
    lifetime: Int = 604_800
  ) async throws {
    let time = now + .seconds(-age)
    try await run(
      "SET", "mcp:dlq:" + id,
      """
      {"id":"\(id)","client_id":"\(client)","operation":"\(operation)",\
      "endpoint":"http://localhost:8000/api/\(operation)",\
      "request_body":{"client_id":"\(client)","tool_name":"search","arguments":{"q":1.50}},\
      "last_error":"connection refused","retry_count":3,"created_at":"\(time.rfc3339)",\
      "last_attempt":"\(time.rfc3339)"}
      """, "EX", String(lifetime))
    try await run(
      "ZADD", "mcp:dlq:list", String(time.millisecondsSinceEpoch / 1000), id)
  }

  @Test func `entries of the Go client are listed, found, counted and shown`() async throws {
    let store = try await store()
    try await addForeign("call_tool-client-1-1", age: 30)
    try await addForeign(
      "list_tools-client-2-2", operation: "list_tools", client: "client-2", age: 20)
    try await addForeign("connect-client-1-3", operation: "connect", age: 10)
    let listed = try await store.list()
    #expect(
      listed.map(\.id.text)
        == ["connect-client-1-3", "list_tools-client-2-2", "call_tool-client-1-1"])
    let call = try #require(listed.last)
    #expect(call.params.text == #"{"name":"search","arguments":{"q":1.50}}"#)
    #expect(call.method == "tools/call" && call.target == "search" && call.fault == nil)
    #expect(call.expiresAt > now + .seconds(604_000) && call.expiresAt <= now + .seconds(604_800))
    #expect(try await store.count(.matching(DeadLetterFilter(client: "client-1"))) == 2)
    #expect(
      try await store.list(.matching(DeadLetterFilter(operation: "tools/list"))).map(\.client)
        == ["client-2"])
    #expect(try await store.list(.matching(DeadLetterFilter(text: "SEARCH"))).count == 2)
    let statistics = try await store.statistics()
    #expect(statistics.byOperation.map(\.name) == ["connect", "tools/call", "tools/list"])
    #expect(try await store.tally(recentLimit: 1).total == 3)
  }

  @Test func `an entry that the Go client adds later is seen at once`() async throws {
    let store = try await store()
    try await store.add([letter(1)].map { late($0) })
    for number in 0..<40 {
      try await addForeign("foreign-\(number)", age: number)
      #expect(try await store.count(.all) == number + 2)
    }
  }

  @Test func `what we add is what the Go client reads`() async throws {
    let store = try await store()
    let own = late(letter(7))
    try await store.add([own])
    let text = try await run("GET", "mcp:dlq:" + own.id.text).text
    let entry = try JSONView(Array(text.utf8))
    #expect(entry.member("operation")?.string == "call_tool")
    #expect(entry.member("client_id")?.string == "agent")
    let left = try await run("PTTL", "mcp:dlq:" + own.id.text).number
    #expect(left > 3_500_000 && left <= 3_600_000)
    let listed = try await run("ZRANGE", "mcp:dlq:list", "0", "-1", "WITHSCORES")
    #expect(
      listed.elements.map(\.text)
        == [own.id.text, String(own.lastAttemptAt.millisecondsSinceEpoch / 1000)])
  }

  @Test func `who claims an entry takes it out of the Go client's reach until it is pending again`()
    async throws
  {
    let store = try await store()
    try await addForeign("f")
    let id = DeadLetterID("f")
    let claim = try await store.claim([id], by: "me", isForced: true, until: bench.lease())
    let claimed = try #require(claim.letters.first)
    #expect(try await run("EXISTS", "mcp:dlq:f", "mcp:dlq:list").number == 0)
    var failed = claimed
    failed.errorMessage = "again"
    failed.replayCount = 1
    try await store.giveBack(failed, by: "me")
    #expect(try await run("GET", "mcp:dlq:f").text.contains(#""last_error":"again""#))
    #expect(try await run("ZSCORE", "mcp:dlq:list", "f").text == "1790000000")
    #expect(try await run("PTTL", "mcp:dlq:f").number > 600_000_000)
    #expect(try await store.list() == [failed.with { ($0.state, $0.lease) = (.pending, nil) }])
    // A lease that ends brings it back too.
    _ = try await store.claim([id], by: "me", isForced: true, until: bench.lease())
    bench.now = bench.lease()
    #expect(try await store.sweep() == 0)
    #expect(try await run("EXISTS", "mcp:dlq:f", "mcp:dlq:list").number == 2)
    _ = try await store.claim([id], by: "me", isForced: true, until: bench.lease())
    try await store.complete(failed, by: "me")
    #expect(try await run("EXISTS", "mcp:dlq:f", "mcp:dlq:list").number == 0)
    #expect(try await store.list().map(\.state) == [.done])
  }

  @Test func `what the Go client deletes is gone`() async throws {
    let store = try await store()
    try await store.add((1...150).map { late(letter($0)) })
    let gone = letter(70).id.text
    try await run("DEL", "mcp:dlq:" + gone)
    try await run("ZREM", "mcp:dlq:list", gone)
    #expect(try await store.count(.all) == 149)
    #expect(try await store.list().map(\.id.text).contains(gone) == false)
    // Its value alone: it is noticed when it is read, and by the sweep.
    try await run("DEL", "mcp:dlq:" + letter(71).id.text)
    #expect(try await store.list().count == 148)
    try await run("DEL", "mcp:dlq:" + letter(72).id.text)
    _ = try await store.sweep()
    #expect(try await store.count(.all) == 147)
    #expect(try await run("ZCARD", "mcp:dlq:list").number == 147)
  }

  @Test func `ids whose value has expired are swept from the Go client's list (pitfall 40)`()
    async throws
  {
    let store = try await store()
    try await store.add([late(letter(1))])
    for number in 0..<300 {
      try await run("ZADD", "mcp:dlq:list", String(number), "dangling-\(number)")
    }
    #expect(try await store.count(.all) == 1)
    #expect(try await run("ZCARD", "mcp:dlq:list").number == 1)
  }

  @Test func `an entry of the Go client expires with its own time`() async throws {
    let store = try await store()
    try await addForeign("f")
    #expect(try await store.count(.all) == 1)
    // As if its time had come on the server.
    try await run("PEXPIRE", "mcp:dlq:f", "1")
    while try await run("EXISTS", "mcp:dlq:f").number == 1 { await Task.yield() }
    #expect(try await store.list() == [])
    #expect(try await store.count(.all) == 0)
    // One that got more time in between lives on.
    try await addForeign("g", lifetime: 60)
    #expect(try await store.count(.all) == 1)
    try await run("EXPIRE", "mcp:dlq:g", "1000")
    bench.now = now + .seconds(500)
    #expect(try await store.list().map { $0.expiresAt >= bench.now } == [true])
  }

  @Test func `foreign values of any kind are letters with a fault, and the others are seen`()
    async throws
  {
    let store = try await store()
    try await addForeign("good", age: 5)
    try await run("SET", "mcp:dlq:array", "[1,2]")
    try await run("SET", "mcp:dlq:broken", #"{"operation":"#)
    try await run("SET", "mcp:dlq:number", "12")
    try await run("SET", "mcp:dlq:empty", "")
    try await run("RPUSH", "mcp:dlq:queue", "a", "b")
    try await run("HSET", "mcp:dlq:hash", "a", "b")
    let odd = ["array", "broken", "number", "empty", "queue", "hash"]
    for id in odd { try await run("ZADD", "mcp:dlq:list", "1790000000", id) }
    let listed = try await store.list()
    #expect(Set(listed.map(\.id.text)) == Set(odd + ["good"]))
    #expect(listed.filter { $0.fault == nil }.map(\.id.text) == ["good"])
    #expect(listed.filter { $0.fault != nil }.map(\.errorKind) == odd.map { _ in "unreadable" })
    #expect(try await store.count(.all) == 7)
    let ids = listed.map(\.id)
    let claim = try await store.claim(ids, by: "me", isForced: true, until: bench.lease())
    #expect(claim.letters.map(\.id.text) == ["good"])
    #expect(
      try await store.delete(
        .matching(DeadLetterFilter(kind: DeadLetter.unreadableKind))) == 6)
    #expect(try await store.list().map(\.id.text) == ["good"])
    #expect(try await run("EXISTS", "mcp:dlq:queue", "mcp:dlq:hash").number == 0)
  }

  @Test func `numbers that no number of ours can hold stop no listing`() async throws {
    let store = try await store()
    let scores = ["inf", "-inf", "1e300", "-1e300", "9223372036854775807", "-5"]
    for score in scores {
      try await addForeign(score)
      try await run("ZADD", "mcp:dlq:list", score, score)
    }
    let listed = try await store.list()
    #expect(Set(listed.map(\.id.text)) == Set(scores))
    #expect(listed.allSatisfy { $0.fault == nil && $0.createdAt == now })
    for (number, value) in ["nan", "inf", "1e300", "word"].enumerated() {
      try await run("HSET", "mcpdash:dlq:letter:" + scores[number], "created", value)
    }
    #expect(Set(try await store.list().map(\.id.text)) == Set(scores))
    #expect(try await store.statistics().total == scores.count)
  }

  @Test func `a foreign endpoint is kept without its credentials`() async throws {
    let store = try await store()
    try await run(
      "SET", "mcp:dlq:a",
      #"{"operation":"list_tools","endpoint":"http://ann:hunter2@bridge:8000/api/list_tools"}"#)
    try await run("ZADD", "mcp:dlq:list", "1790000000", "a")
    let letter = try #require(try await store.list().first)
    #expect(letter.endpoint == "http://bridge:8000/api/list_tools")
    #expect(letter.server == ServerID("bridge:8000"))
  }

  @Test func `names that are no ids of ours have another one here`() async throws {
    let store = try await store()
    let long = String(repeating: "n", count: 600)
    try await addForeign(long)
    try await addForeign("", age: 1)
    try await run("ZADD", "mcp:dlq:list", "1790000000", "list")
    let listed = try await store.list()
    #expect(listed.map { $0.id.text.hasPrefix("unnamed-") } == [true, true])
    #expect(listed.map(\.fault) == [nil, nil])
    #expect(try await store.count(.all) == 2)
    let claim = try await store.claim(
      listed.map(\.id), by: "me", isForced: true, until: bench.lease())
    #expect(claim.letters.count == 2)
    #expect(try await run("EXISTS", "mcp:dlq:" + long).number == 0)
    for letter in claim.letters { try await store.giveBack(letter, by: "me") }
    #expect(try await run("EXISTS", "mcp:dlq:" + long).number == 1)
    #expect(try await store.delete(.all) == 2)
    #expect(try await run("EXISTS", "mcp:dlq:" + long, "mcp:dlq:list").number == 0)
  }

  @Test func `a letter named as the list is refused, and keeps out none that come with it`()
    async throws
  {
    let store = try await store()
    let list = late(letter(1)).with { $0.id = DeadLetterID("list") }
    let intake = try await store.take([late(letter(2)), list, late(letter(3))], now: now)
    #expect(intake.new == 2)
    #expect(intake.refused.map(\.id) == [list.id])
    #expect(intake.refused.first?.reason.contains("no letter can be named `list`") == true)
    #expect(try await store.count(.all) == 2)
    // Nobody has such a letter, and asking for it harms nothing.
    #expect(try await store.list(.ids([list.id])) == [])
    #expect(
      try await store.claim([list.id], by: "me", isForced: true, until: bench.lease()).letters
        == [])
    #expect(try await store.revise(list.id, params: .emptyObject) == false)
    #expect(try await store.discard(.ids([list.id])) == 0)
    #expect(try await store.delete(.ids([list.id])) == 0)
    #expect(try await run("ZCARD", "mcp:dlq:list").number == 2)
  }

  @Test func `an entry that the Go client has written over is found as it is now`() async throws {
    let store = try await store()
    let letters = (1...60).map { late(letter($0, delivery: .notSent)) }
    try await store.add(letters)
    // More of them than one look at the list sees.
    for own in letters.prefix(40) {
      try await addForeign(own.id.text, client: "client-9", age: -9)
    }
    let filter = DeadLetterFilter(client: "client-9")
    #expect(try await store.count(.matching(filter)) == 40)
    #expect(try await store.list(.matching(DeadLetterFilter(client: "agent"))).count == 20)
    #expect(
      try await store.list(.matching(filter)).map(\.delivery)
        == [Delivery](repeating: .unknown, count: 40))
    #expect(try await store.statistics().total == 60)
    let claim = try await store.claim(
      letters.map(\.id), by: "me", isForced: false, until: bench.lease())
    #expect(claim.letters.count == 20 && claim.skippedUnsafe == 40, "they may have run")
    _ = try await store.delete(.everything)
    #expect(try await run("GET", "mcpdash:dlq:bytes").text == "0")
  }

  @Test func `an entry written over in the second of its last attempt is noticed by its length`()
    async throws
  {
    let store = try await store()
    let own = late(letter(1))
    try await store.add([own])
    try await addForeign(own.id.text, client: "client-9")
    try await run(
      "ZADD", "mcp:dlq:list", String(own.lastAttemptAt.millisecondsSinceEpoch / 1000), own.id.text)
    #expect(try await store.count(.matching(DeadLetterFilter(client: "client-9"))) == 1)
  }

  @Test func `a place in the list between two seconds is no change`() async throws {
    let store = try await store()
    try await addForeign("f")
    try await run("ZADD", "mcp:dlq:list", "1790000000.5", "f")
    #expect(try await store.count(.all) == 1)
    let claim = try await store.claim(
      [DeadLetterID("f")], by: "me", isForced: true, until: bench.lease())
    #expect(claim.letters.count == 1)
    for letter in claim.letters { try await store.giveBack(letter, by: "me") }
    #expect(try await run("HEXISTS", "mcpdash:dlq:letter:f", "score").number == 0)
    #expect(try await run("ZSCORE", "mcp:dlq:list", "f").text == "1790000000")
  }

  @Test func `a lease that ends puts its entry into the Go client's list in the same step`()
    async throws
  {
    let store = try await store()
    try await addForeign("f")
    _ = try await store.claim(
      [DeadLetterID("f")], by: "me", isForced: true, until: bench.lease())
    // The script alone: the store itself would look at the list afterwards, and mend it.
    let session = RedisSession(
      try await bench.redis().address(database: bench.redisDatabase))
    var settle = RedisCommand(LetterScript.settle)
    settle.add(bench.lease().millisecondsSinceEpoch)
    #expect(try session.run([settle])[0][0].number == 0)
    #expect(try await run("ZSCORE", "mcp:dlq:list", "f").text == "1790000000")
    #expect(try await run("EXISTS", "mcp:dlq:f").number == 1)
  }

  @Test func `nothing is left of letters that were deleted, whatever became of them`()
    async throws
  {
    let store = try await store()
    try await store.add((1...120).map { late(letter($0, server: "s\($0 % 7)")) })
    for number in 0..<20 { try await addForeign("f\(number)", age: number) }
    let ids = try await store.list().map(\.id)
    let claim = try await store.claim(
      Array(ids[..<60]), by: "me", isForced: true, until: bench.lease())
    for (index, letter) in claim.letters.enumerated() {
      if index % 3 == 0 { try await store.complete(letter, by: "me") }
      if index % 3 == 1 { try await store.giveBack(letter, by: "me") }
    }
    _ = try await store.discard(.ids(Array(ids[60..<90])))
    _ = try await store.revise(ids[100], params: .emptyObject)
    #expect(try await store.delete(.everything) == 140)
    let keys = try await run("KEYS", "*").elements.map(\.text)
    // What the changes came to is remembered for some seconds.
    #expect(keys.filter { !$0.hasPrefix("mcpdash:dlq:result:") } == ["mcpdash:dlq:bytes"])
    #expect(try await run("GET", "mcpdash:dlq:bytes").text == "0")
  }

  @Test func `letters whose index was lost are found again`() async throws {
    let store = try await store()
    try await store.add((1...5).map { late(letter($0)) })
    let letters = try await store.list()
    for key in try await run("KEYS", "mcpdash:dlq:*").elements.map(\.text) {
      try await run("DEL", key)
    }
    #expect(try await store.list().map(\.id) == letters.map(\.id))
    #expect(try await store.list().map(\.params) == letters.map(\.params))
    #expect(try await store.add(late(letter(3))).isNew == false)
  }

  /// In the time of this test's clock.
  private func late(_ letter: DeadLetter) -> DeadLetter {
    letter.with {
      $0.createdAt = $0.createdAt + .milliseconds(now.millisecondsSinceEpoch - 1_000_000)
      $0.lastAttemptAt = $0.createdAt
      $0.expiresAt = now + .seconds(3600)
    }
  }
}
