import Engine
import FleetModel
import Foundation
import Synchronization
import Testing

@testable import Adapters

/// What the Redis store says and does when the server is not as it should be.
struct RedisTroubleTests {
  private func store(_ address: RedisAddress) throws -> RedisDeadLetterStore {
    try RedisDeadLetterStore(address, wallClock: { Timestamp(millisecondsSinceEpoch: 1_000_000) })
  }

  private func failure(_ store: RedisDeadLetterStore) async -> String {
    do {
      _ = try await store.add(letter(9000))
      return "it worked"
    } catch {
      return error.message
    }
  }

  /// Until the store's pause between two tries is over.
  private func added(_ letter: DeadLetter, to store: RedisDeadLetterStore) async throws {
    let begin = ContinuousClock.now
    while true {
      do {
        _ = try await store.add(letter)
        return
      } catch {
        guard ContinuousClock.now - begin < .seconds(60) else { throw error }
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }

  @Test func `TLS is refused with what to do instead`() {
    let address = RedisAddress(.network("redis.example", port: 6380), usesTLS: true)
    #expect {
      try RedisDeadLetterStore(address)
    } throws: { error in
      let text = (error as? DeadLetterStoreError)?.message ?? ""
      return text.contains("rediss://redis.example:6380/0") && text.contains("tunnel")
    }
  }

  @Test func `a server that is not there is named, and not asked again at once`() async throws {
    let port = RedisServer.freePort()
    let store = try store(RedisAddress(.network("127.0.0.1", port: port)))
    let first = await failure(store)
    #expect(first.contains("redis://127.0.0.1:\(port)/0: Connection refused; check"))
    #expect(await failure(store) == first)
    let missing = try self.store(RedisAddress(.socket(path: "/nowhere/redis.sock"), database: 2))
    #expect(await failure(missing).contains("unix:///nowhere/redis.sock#2: No such file"))
  }

  @Test func `the password is needed, is checked, and is never told`() async throws {
    let server = try await RedisServer.start(password: "hunter2")
    var address = server.address()
    try await store(address).add([letter(1)])
    address.password = Secret("hunter3")
    let wrong = await failure(try store(address))
    #expect(wrong.contains("does not know this user with this password"))
    address.password = nil
    #expect(await failure(try store(address)).contains("asks for a password"))
    try server.run("ACL", "SETUSER", "ann", "on", ">s3cret", "~mcp*", "+@all")
    (address.user, address.password) = ("ann", Secret("s3cret"))
    #expect(try await store(address).add(letter(2)).isNew)
    address.password = Secret("s4cret")
    #expect(await failure(try store(address)).contains("s4cret") == false)
    // The server repeats what it does not understand.
    #expect(
      RedisError.refused("ERR unknown command `AUTH`, with args beginning with: `s4cret`")
        .advice(address).contains("s4cret") == false)
    try server.run("ACL", "SETUSER", "bob", "on", ">pw", "~mcp*", "+@all", "-@scripting")
    (address.user, address.password) = ("bob", Secret("pw"))
    #expect(await failure(try store(address)).contains("needs the scripting commands"))
  }

  @Test func `a database number and a socket are heeded`() async throws {
    let server = try await RedisServer.start()
    try await store(server.address(database: 3)).add([letter(1)])
    #expect(try server.run("DBSIZE", database: 0).number == 0)
    #expect(try server.run("DBSIZE", database: 3).number > 0)
    let local = try store(RedisAddress(.socket(path: server.socket), database: 3))
    #expect(try await local.list() == [letter(1)])
    #expect(local.place == "unix://\(server.socket)#3")
    #expect(await failure(try store(server.address(database: 5000))).contains("REDIS_DB"))
  }

  @Test func `what is no Redis server is told`() async throws {
    let (listener, port) = try RedisServer.listener()
    Thread.detachNewThread {
      let peer = accept(listener, nil, nil)
      let answer = "HTTP/1.1 400 Bad Request\r\n\r\n"
      _ = answer.withCString { send(peer, $0, answer.utf8.count, 0) }
      // The client closes first, so that the answer is not lost.
      var byte: UInt8 = 0
      while recv(peer, &byte, 1, 0) > 0 {}
      close(peer)
      close(listener)
    }
    let text = await failure(try store(RedisAddress(.network("127.0.0.1", port: port))))
    #expect(text.contains("is no Redis server"))
  }

  @Test func `a server that hangs fails in time, and is used again afterwards`() async throws {
    let server = try await RedisServer.start()
    let store = try store(server.address())
    try await store.add([letter(1)])
    server.signal(SIGSTOP)
    #expect(await failure(store).contains("does not answer within 2 s"))
    // Meanwhile a new connection is no better.
    #expect(await failure(store).contains("does not answer within 2 s"))
    server.signal(SIGCONT)
    try await added(letter(2), to: store)
    // What it did not answer it may have done.
    #expect(Set(try await store.list().map(\.id)).isSuperset(of: [letter(1).id, letter(2).id]))
  }

  @Test func `an answer that comes byte by byte has no more time than any other`() async throws {
    let (listener, port) = try RedisServer.listener()
    let isOver = Atomic(false)
    let peer = Thread {
      let peer = accept(listener, nil, nil)
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      _ = recv(peer, &bytes, bytes.count, 0)
      _ = "$100000\r\n".withCString { send(peer, $0, 9, 0) }
      for _ in 0..<100_000 where !isOver.load(ordering: .relaxed) {
        guard send(peer, "x", 1, Int32(MSG_NOSIGNAL)) == 1 else { break }
        usleep(20_000)
      }
      close(peer)
      close(listener)
    }
    peer.start()
    defer { isOver.store(true, ordering: .relaxed) }
    let text = await failure(try store(RedisAddress(.network("127.0.0.1", port: port))))
    #expect(text.contains("does not answer within 2 s"))
  }

  @Test func `the store connects again after the server was killed`() async throws {
    let server = try await RedisServer.start()
    let store = try store(server.address())
    try await store.add([letter(1)])
    server.kill()
    let text = await failure(store)
    #expect(text.contains("Connection refused") || text.contains("closed the connection"))
    try await server.start()
    try await added(letter(2), to: store)
    // It had no append-only file: the first one is gone with it, as `durability` says.
    #expect(try await store.list().map(\.id) == [letter(2).id])
    #expect(await store.durability?.grade == .lossy)
  }

  @Test func `every letter acknowledged is there after the server was killed`() async throws {
    let server = try await RedisServer.start("--appendonly", "yes", "--appendfsync", "always")
    let store = try store(server.address())
    var acknowledged: Set<DeadLetterID> = []
    for round in 0..<12 as Range<UInt64> {
      acknowledged.formUnion(
        await withTaskGroup(of: DeadLetterID?.self) { group in
          for number in 0..<200 as Range<UInt64> {
            group.addTask {
              let letter = letter(round * 1000 + number)
              // Those that are under way when it is killed fail.
              return try? await store.add(letter).isNew ? letter.id : nil
            }
          }
          var known: [DeadLetterID] = []
          var count = 0
          for await id in group {
            count += 1
            if let id { known.append(id) }
            if count == Int(round * 15 + 1) { server.kill() }
          }
          return known
        })
      server.kill()
      try await server.start()
      try await added(letter(round * 1000 + 999), to: store)
      acknowledged.insert(letter(round * 1000 + 999).id)
      let kept = try await store.list(limit: 10_000).map(\.id)
      #expect(acknowledged.isSubset(of: kept))
      #expect(Set(kept).count == kept.count)
      #expect(try await store.count(.all) == kept.count)
    }
    #expect(acknowledged.count > 100)
    #expect(await store.durability?.grade == .durable)
  }

  @Test func `a broken connection is mended without anybody noticing`() async throws {
    let server = try await RedisServer.start()
    let store = try store(server.address())
    for number in 0..<20 as Range<UInt64> {
      try await store.add([letter(number)])
      try server.run("CLIENT", "KILL", "TYPE", "normal")
      #expect(try await store.count(.all) == Int(number) + 1)
      try server.run("SCRIPT", "FLUSH")
    }
  }

  @Test func `a change whose answer was lost is as good as once when it is repeated`()
    async throws
  {
    let server = try await RedisServer.start()
    let session = RedisSession(server.address())
    let (first, entry) = (letter(1), Array("{}".utf8))
    func add(token: String) -> RedisCommand {
      var command = RedisCommand(LetterScript.add)
      for word in ["1000000", first.id.text, "pending", token, "10"] { command.add(word) }
      command.add(entry)
      command.add(fieldsOf: first, size: entry.count)
      return command
    }
    #expect(
      try session.run([add(token: "a"), add(token: "a"), add(token: "b")]).map { $0[0].number } == [
        1, 1, 0,
      ])
    func claim(token: String) -> RedisCommand {
      var command = RedisCommand(LetterScript.claim)
      for word in ["1000000", "me", "2000000", "1", token, first.id.text] { command.add(word) }
      return command
    }
    let replies = try session.run([claim(token: "a"), claim(token: "a"), claim(token: "b")])
    #expect(replies.map { $0[1].elements.count } == [1, 1, 0])
  }

  @Test func `two engines that race for the same letters share them`() async throws {
    let server = try await RedisServer.start()
    let stores = [try store(server.address()), try store(server.address())]
    let ids = (0..<200 as Range<UInt64>).map { letter($0).id }
    try await stores[0].add((0..<200).map { letter($0) })
    let claimed = try await withThrowingTaskGroup(of: [DeadLetterID].self) { group in
      for (index, store) in stores.enumerated() {
        for part in 0..<20 {
          group.addTask {
            try await store.claim(
              Array(ids[part * 10..<part * 10 + 10]), by: "engine \(index)", isForced: true,
              until: Timestamp(millisecondsSinceEpoch: 2_000_000)
            ).letters.map(\.id)
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(claimed.count == 200)
    #expect(Set(claimed) == Set(ids))
  }

  @Test(arguments: [
    ("MISCONF Redis is configured to save RDB snapshots", "cannot save to its disk"),
    ("READONLY You can't write against a read only replica.", "read-only replica"),
    ("OOM command not allowed when used memory > 'maxmemory'.", "no memory left"),
    ("LOADING Redis is loading the dataset in memory", "still reading its data"),
    ("MOVED 866 127.0.0.1:7001", "is a cluster"), ("BUSY Redis is busy", "SCRIPT KILL"),
    ("ERR AUTH <password> called without any password configured", "leave REDIS_PASSWORD out"),
    ("WRONGTYPE Operation against a key holding the wrong kind of value", "TYPE mcp:dlq:list"),
    ("ERR something new", "refused: ERR something new"),
  ])
  func `what the server refuses is told with what to do`(words: String, advice: String) {
    let text = RedisError.refused(words).advice(RedisAddress(.network("h", port: 1)))
    #expect(text.contains(advice) && text.contains("redis://h:1/0"))
  }

  @Test func `a server without memory, and a replica, refuse in plain words`() async throws {
    let server = try await RedisServer.start()
    let store = try store(server.address())
    try await store.add([letter(1)])
    try server.run("CONFIG", "SET", "maxmemory", "1")
    #expect(await failure(store).contains("no memory left"))
    try server.run("CONFIG", "SET", "maxmemory", "0")
    try server.run("REPLICAOF", "127.0.0.1", "1")
    #expect(await failure(store).contains("replica"))
  }

  @Test func `versions before 6.2 are too old`() {
    #expect(RedisConnection.isTooOld("5.0.14") && RedisConnection.isTooOld("6.0.16"))
    #expect(!RedisConnection.isTooOld("6.2.0") && !RedisConnection.isTooOld("7.0.15"))
    #expect(!RedisConnection.isTooOld("6.10.1"))
    #expect(RedisConnection.version(in: "# Server\r\nredis_version:7.0.15\r\nx:y") == "7.0.15")
  }

  @Test func `what may be lost is said, and only what is worrying is lossy`() {
    func durability(_ settings: String...) -> DeadLetterDurability {
      RedisConnection.durability(settings)
    }
    let always = ["appendonly", "yes", "appendfsync", "always"]
    #expect(RedisConnection.durability(always).grade == .durable)
    #expect(RedisConnection.durability(always + ["maxmemory", "0"]).grade == .durable)
    #expect(durability().grade == .unknown, "a user may be forbidden to ask")
    let snapshots = durability("appendonly", "no", "save", "3600 1", "appendfsync", "always")
    #expect(snapshots.grade == .lossy && snapshots.text.contains("until its next snapshot"))
    #expect(durability("appendonly", "no", "save", "").words.hasPrefix("lossy: Redis keeps"))
    let second = durability("appendonly", "yes", "appendfsync", "everysec")
    #expect(second.grade == .almost && second.text.contains("last second"))
    #expect(durability("appendonly", "yes", "appendfsync", "no").grade == .lossy)
    let eviction = ["maxmemory-policy", "allkeys-lru", "maxmemory", "100"]
    let evicted = RedisConnection.durability(always + eviction)
    #expect(evicted.grade == .lossy && evicted.text.contains("noeviction (it is allkeys-lru)"))
    #expect(
      RedisConnection.durability(always + ["maxmemory-policy", "noeviction", "maxmemory", "100"])
        .grade == .durable)
  }

  @Test func `settings that change while the server runs are heard of with the next sweep`()
    async throws
  {
    let server = try await RedisServer.start("--appendonly", "yes", "--appendfsync", "always")
    let store = try store(server.address())
    #expect(try await store.statistics().durability?.grade == .durable)
    try server.run("CONFIG", "SET", "appendfsync", "everysec")
    _ = try await store.sweep()
    #expect(try await store.tally(recentLimit: 1).durability?.grade == .almost)
  }

  @Test func `the count of a change whose answer was lost is right when it is repeated`()
    async throws
  {
    let server = try await RedisServer.start()
    try await store(server.address()).add((1...3).map { letter($0) })
    let session = RedisSession(server.address())
    func change(_ script: LetterScript, _ token: String, _ numbers: UInt64...) -> RedisCommand {
      var command = RedisCommand(script)
      for word in ["1000000", token] + numbers.map({ letter($0).id.text }) { command.add(word) }
      return command
    }
    let replies = try session.run([
      change(.discard, "a", 1, 2), change(.discard, "a", 1, 2), change(.discard, "b", 1, 2, 3),
      change(.delete, "c", 1, 2), change(.delete, "c", 1, 2), change(.delete, "d", 1, 2, 3),
    ])
    #expect(replies.map(\.number) == [2, 2, 1, 2, 2, 1])
    #expect(try server.run("PTTL", "mcpdash:dlq:result:c").number > 0, "it goes by itself")
  }

  @Test func `a store that was closed connects no more`() async throws {
    let server = try await RedisServer.start()
    let store = try store(server.address())
    try await store.add([letter(1)])
    await store.close()
    #expect(await failure(store).contains("was given up"))
    #expect(try server.run("CLIENT", "LIST").text.split(separator: "\n").count == 1)
  }
}
