import CHiredis
import FleetModel
import Glibc
import Wire

/// The bare library: what the store's script does to keep a letter, as single commands, pipelined.
final class RawRedis {
  private let context: UnsafeMutablePointer<redisContext>
  private var sent = 0

  /// For each letter.
  static let commandCount = 18

  init(port: Int, database: Int) throws(BenchmarkError) {
    guard let context = chiredis_connect("127.0.0.1", Int32(port), 2000),
      context.pointee.err == 0
    else { throw .neverHappened("a connection to redis-server") }
    self.context = context
    append(["SELECT", String(database)])
    try readAll()
  }

  deinit { redisFree(context) }

  static func answers(port: Int) -> Bool {
    guard let context = chiredis_connect("127.0.0.1", Int32(port), 2000) else { return false }
    defer { redisFree(context) }
    return context.pointee.err == 0
  }

  /// All of them in one pipeline.
  func add(_ letters: ArraySlice<DeadLetter>) throws(BenchmarkError) {
    for letter in letters { append(letter) }
    try readAll()
  }

  private func append(_ letter: DeadLetter) {
    let id = letter.id.text
    let time = String(letter.createdAt.millisecondsSinceEpoch)
    let end = String(letter.expiresAt.millisecondsSinceEpoch)
    let attempted = String(letter.lastAttemptAt.millisecondsSinceEpoch / 1000)
    let entry = LetterCodec.encode(letter).text
    let names = [
      "operation:" + letter.method, "client:" + letter.client, "server:" + letter.server.name,
      "kind:" + letter.errorKind, "delivery:" + letter.delivery.rawValue,
    ]
    append(["ZRANGEBYSCORE", "raw:expiry", "-inf", "1", "LIMIT", "0", "50"])
    append(["ZRANGEBYSCORE", "raw:leases", "-inf", "1", "LIMIT", "0", "50"])
    append(["HMGET", "raw:letter:" + id, "created", "added"])
    append(["SET", "raw:" + id, entry, "PX", "604800000", "NX"])
    append(["ZADD", "raw:list", "NX", attempted, id])
    append([
      "HSET", "raw:letter:" + id, "created", time, "expires", end, "attempted", attempted, "state",
      "pending", "idempotent", "0", "bytes", String(entry.utf8.count), "target",
      letter.target ?? "", "operation", letter.method, "client", letter.client, "server",
      letter.server.name, "kind", letter.errorKind, "delivery", letter.delivery.rawValue, "added",
      "t",
    ])
    append(["ZADD", "raw:open", time, id])
    for name in names { append(["ZADD", "raw:open:" + name, time, id]) }
    append(["SADD", "raw:names"] + names)
    append(["ZADD", "raw:expiry", end, id])
    append(["INCRBY", "raw:bytes", String(entry.utf8.count)])
    for shelf in ["open", "done", "discarded"] { append(["ZCARD", "raw:" + shelf]) }
  }

  private func append(_ words: [String]) {
    let copies = words.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    var pointers = copies.map { UnsafePointer($0) }
    let lengths = words.map(\.utf8.count)
    redisAppendCommandArgv(context, Int32(words.count), &pointers, lengths)
    sent += 1
  }

  private func readAll() throws(BenchmarkError) {
    for _ in 0..<sent {
      var reply: UnsafeMutableRawPointer?
      guard redisGetReply(context, &reply) == REDIS_OK, let reply else {
        throw .neverHappened("an answer of redis-server")
      }
      freeReplyObject(reply)
    }
    sent = 0
  }
}
