import CHiredis
import FleetModel
import Glibc

/// One open connection to a Redis server; confined to the thread that made it, which it blocks.
final class RedisConnection {
  /// To connect, and for the answers to what was asked at once.
  static let timeout = Duration.seconds(2)
  static let leastVersion = "6.2"

  private let context: UnsafeMutablePointer<redisContext>
  private var digests: [LetterScript: String] = [:]
  /// As the server's settings were when they were last read.
  private(set) var durability = RedisConnection.durability([])

  /// Connects, logs in, chooses the database and brings the scripts.
  init(_ address: RedisAddress) throws(RedisError) {
    let limit = Int(Self.timeout.seconds * 1000)
    let opened =
      switch address.host {
      case .network(let host, let port): chiredis_connect(host, Int32(port), limit)
      case .socket(let path): chiredis_connect_unix(path, limit)
      }
    guard let opened else { throw .cannotConnect("no memory") }
    context = opened
    guard opened.pointee.err == 0 else {
      let reason = String(cString: chiredis_error(opened))
      throw .cannotConnect(reason.isEmpty ? "no answer" : reason)
    }
    chiredis_set_timeout(opened, limit)
    try greet(address)
  }

  deinit { redisFree(context) }

  /// Sends all at once and reads the answers, in the order of the commands.
  ///
  /// - Parameter onReply: called with each answer as it comes; those after an error never come.
  func run(
    _ commands: some Sequence<RedisCommand>, onReply: (RedisReply) -> Void
  ) throws(RedisError) {
    var count = 0
    for command in commands {
      let bytes = command.wireForm(digest: command.script.flatMap { digests[$0] })
      let result = bytes.withUnsafeBytes {
        redisAppendFormattedCommand(context, $0.baseAddress, $0.count)
      }
      guard result == REDIS_OK else { throw failure() }
      count += 1
    }
    let begin = ContinuousClock.now
    for _ in 0..<count { onReply(try nextReply(before: begin + Self.timeout)) }
  }

  func run(_ commands: [RedisCommand]) throws(RedisError) -> [RedisReply] {
    var replies: [RedisReply] = []
    try run(commands) { replies.append($0) }
    return replies
  }

  /// After the server has forgotten its scripts.
  func loadScripts() throws(RedisError) {
    let scripts = LetterScript.allCases
    let replies = try run(scripts.map { RedisCommand("SCRIPT", "LOAD", $0.source) })
    for (script, reply) in zip(scripts, replies) {
      if case .error(let words) = reply { throw .refused(words) }
      digests[script] = reply.text
    }
  }

  private func greet(_ address: RedisAddress) throws(RedisError) {
    if let password = address.password?.value {
      let login =
        address.user.map { RedisCommand("AUTH", $0, password) } ?? RedisCommand("AUTH", password)
      try insist(login)
    }
    if address.database != 0 { try insist(RedisCommand("SELECT", String(address.database))) }
    let replies = try run([
      RedisCommand("INFO", "server"), RedisCommand("CLIENT", "SETNAME", "mcpdash"),
    ])
    // A user that may not ask for the version or the settings is one that may do no harm either.
    if case .error(let words) = replies[0], !words.hasPrefix("NOPERM") { throw .refused(words) }
    if let version = Self.version(in: replies[0].text), Self.isTooOld(version) {
      throw .tooOld(version: version)
    }
    try readSettings()
    try loadScripts()
  }

  func readSettings() throws(RedisError) {
    let replies = try run(
      ["append*", "maxmemory*", "save"].map { RedisCommand("CONFIG", "GET", $0) })
    durability = Self.durability(replies.flatMap(\.elements).map(\.text))
  }

  private func insist(_ command: RedisCommand) throws(RedisError) {
    if case .error(let words)? = try run([command]).first { throw .refused(words) }
  }

  static func version(in info: String) -> String? {
    info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("redis_version:") }
      .map { String($0.dropFirst("redis_version:".count)) }
  }

  static func isTooOld(_ version: String) -> Bool {
    let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
    return numbers.lexicographicallyPrecedes([6, 2])
  }

  /// - Parameter settings: name, value, …; empty where the server does not tell.
  static func durability(_ settings: [String]) -> DeadLetterDurability {
    var values: [String: String] = [:]
    for index in stride(from: 0, to: settings.count - 1, by: 2) {
      values[settings[index]] = settings[index + 1]
    }
    let kept = keeping(values)
    guard let policy = values["maxmemory-policy"], policy != "noeviction",
      values["maxmemory"] != "0"
    else { return kept }
    let risk =
      "Redis drops letters when its memory is full: set maxmemory-policy noeviction"
      + " (it is \(policy))"
    return DeadLetterDurability(.lossy, kept.grade == .lossy ? "\(kept.text); \(risk)" : risk)
  }

  private static func keeping(_ values: [String: String]) -> DeadLetterDurability {
    switch (values["appendonly"], values["appendfsync"]) {
    case ("no", _):
      DeadLetterDurability(
        .lossy,
        "Redis keeps the queue in memory only"
          + (values["save"] == "" ? "" : " until its next snapshot") + ": set appendonly yes")
    case ("yes", "always"):
      DeadLetterDurability(.durable, "Redis has each letter on its disk before it acknowledges it")
    case ("yes", "everysec"):
      DeadLetterDurability(
        .almost,
        "Redis may lose the last second when its machine fails: appendfsync always would not")
    case ("yes", "no"):
      DeadLetterDurability(
        .lossy,
        "Redis leaves it to its system when letters reach the disk: set appendfsync always")
    default:
      DeadLetterDurability(.unknown, "Redis does not tell its settings (CONFIG GET)")
    }
  }

  /// hiredis's own limit is one for each read: an answer that comes in many small pieces would
  /// have any time.
  private func nextReply(before end: ContinuousClock.Instant) throws(RedisError) -> RedisReply {
    while true {
      var reply: UnsafeMutableRawPointer?
      guard redisGetReplyFromReader(context, &reply) == REDIS_OK else { throw failure() }
      if let reply {
        defer { freeReplyObject(reply) }
        return RedisReply(reply.assumingMemoryBound(to: redisReply.self))
      }
      guard ContinuousClock.now < end else { throw .timeout }
      var isSent: Int32 = 0
      while isSent == 0 {
        guard redisBufferWrite(context, &isSent) == REDIS_OK else { throw failure() }
      }
      guard redisBufferRead(context) == REDIS_OK else { throw failure() }
    }
  }

  /// Right after a call that failed: the system's own error is still there.
  private func failure() -> RedisError {
    if chiredis_timed_out(context) != 0 { return .timeout }
    return context.pointee.err == REDIS_ERR_PROTOCOL
      ? .notRedis : .lost(String(cString: chiredis_error(context)))
  }
}
