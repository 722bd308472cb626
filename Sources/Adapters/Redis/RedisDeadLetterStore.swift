package import Engine
package import FleetModel
import Wire

/// Dead letters in a database of a Redis server, which several engines and Go clients may share.
///
/// A change is one script on the server, and as durable as the server is when its call returns.
/// Adds that arrive while the server is busy go out together. The connection is made at the first
/// use and made again when it is lost.
package actor RedisDeadLetterStore: DeadLetterStore {
  private let thread: BlockingThread
  let session: RedisSession
  private nonisolated let address: RedisAddress
  private let entryLimit: Int
  /// Of entries that do not say when they expire.
  let lifetime: Duration
  private let wallClock: @Sendable () -> Timestamp
  /// The adds that go out next.
  private var waiting: [Newcomer] = []
  /// How many more entries the list has than we know of, after all of them were looked at.
  var knownSurplus = 0

  /// Letters one batch carries at most: a few milliseconds' work for the server.
  private static let batchLimit = 128

  private struct Newcomer {
    var letter: DeadLetter
    var entry: [UInt8]
    var token: String
    var waiter: CheckedContinuation<Result<DeadLetterAddition, DeadLetterStoreError>, Never>
  }

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }

  /// Connects to nothing yet.
  ///
  /// - Throws: for what no server can change: TLS, which the library does not have.
  package init(
    _ address: RedisAddress, entryLimit: Int = DeadLetterPolicy().entryLimit,
    lifetime: Duration = DeadLetterPolicy().lifetime,
    wallClock: @escaping @Sendable () -> Timestamp = SQLiteDeadLetterStore.systemTime
  ) throws(DeadLetterStoreError) {
    precondition(entryLimit > 0, "a store has room for a letter")
    guard !address.usesTLS else {
      throw DeadLetterStoreError(
        "this build cannot speak TLS with \(address): its libhiredis is older than"
          + " 1.0; open a tunnel (stunnel, spiped or ssh -L) and give its end as redis://…")
    }
    self.address = address
    self.entryLimit = entryLimit
    self.lifetime = lifetime
    self.wallClock = wallClock
    session = RedisSession(address)
    thread = BlockingThread()
  }

  deinit { thread.stop() }

  package nonisolated var place: String { address.description }

  /// Nil when the server was not asked anything yet.
  var durability: DeadLetterDurability? { session.durability }

  package func close() { session.close() }

  package nonisolated func add(
    _ letter: DeadLetter
  ) async throws(DeadLetterStoreError) -> DeadLetterAddition {
    guard letter.id.text != "list" else {
      throw DeadLetterStoreError(
        "no letter can be named `list` in Redis: the Go client keeps its list under that name",
        isOfLetter: true)
    }
    var stored = letter
    if stored.state == .replaying { stored.state = .pending }
    stored.lease = nil
    // Outside of the store's one thread.
    let entry = LetterCodec.encode(stored).bytes
    return try await add(stored, entry: entry, token: Self.token())
  }

  private func add(
    _ letter: DeadLetter, entry: [UInt8], token: String
  ) async throws(DeadLetterStoreError) -> DeadLetterAddition {
    try await withCheckedContinuation { waiter in
      waiting.append(Newcomer(letter: letter, entry: entry, token: token, waiter: waiter))
      // Whoever waits for the thread already runs before the batch goes, and joins it.
      if waiting.count == 1 { Task { addWaiting() } }
    }.get()
  }

  private func addWaiting() {
    let batch = waiting.prefix(Self.batchLimit)
    waiting.removeFirst(batch.count)
    if !waiting.isEmpty { Task { addWaiting() } }
    let commands = batch.map { newcomer in
      var command = command(.add)
      command.add(newcomer.letter.id.text)
      command.add(newcomer.letter.state.rawValue)
      command.add(newcomer.token)
      command.add(entryLimit)
      command.add(newcomer.entry)
      command.add(fieldsOf: newcomer.letter, size: newcomer.entry.count)
      return command
    }
    do throws(DeadLetterStoreError) {
      for (newcomer, reply) in zip(batch, try askEach(commands)) {
        if case .error(let words) = reply {
          newcomer.waiter.resume(returning: .failure(error(.refused(words))))
        } else {
          newcomer.waiter.resume(
            returning: .success(
              DeadLetterAddition(isNew: reply[0].number == 1, dropped: reply[1].number)))
        }
      }
    } catch {
      for newcomer in batch { newcomer.waiter.resume(returning: .failure(error)) }
    }
  }

  package func claim(
    _ ids: [DeadLetterID], by owner: String, isForced: Bool, until: Timestamp
  ) async throws(DeadLetterStoreError) -> DeadLetterClaim {
    try await meetStrangers()
    var claim = DeadLetterClaim(letters: [], skippedUnsafe: 0)
    for chunk in Self.chunks(ids) {
      var command = command(.claim)
      command.add(owner)
      command.add(until.millisecondsSinceEpoch)
      command.add(isForced)
      command.add(Self.token())
      for id in chunk { command.add(id.text) }
      let reply = try ask(command)
      claim.skippedUnsafe += reply[0].number
      for row in try read(reply[1]) {
        if row.letter.fault == nil {
          claim.letters.append(row.letter)
        } else {
          // It became unreadable since it was added: it goes back as it is.
          try giveBack(row, by: owner)
        }
      }
      await Task.yield()
    }
    claim.letters.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    return claim
  }

  package func complete(
    _ letter: DeadLetter, by owner: String
  ) throws(DeadLetterStoreError) {
    var command = command(.complete)
    command.add(letter.id.text)
    command.add(owner)
    _ = try ask(command)
  }

  package func giveBack(
    _ letter: DeadLetter, by owner: String
  ) throws(DeadLetterStoreError) {
    var letter = letter
    letter.state = .pending
    letter.lease = nil
    try giveBack(letter, entry: LetterCodec.encode(letter).bytes, by: owner)
  }

  private func giveBack(_ row: LetterRow, by owner: String) throws(DeadLetterStoreError) {
    try giveBack(row.letter, entry: row.entry, by: owner)
  }

  private func giveBack(
    _ letter: DeadLetter, entry: [UInt8], by owner: String
  ) throws(DeadLetterStoreError) {
    var command = command(.giveBack)
    command.add(letter.id.text)
    command.add(owner)
    command.add(entry)
    command.add(fieldsOf: letter, size: entry.count)
    _ = try ask(command)
  }

  package func revise(
    _ id: DeadLetterID, params: JSONText
  ) async throws(DeadLetterStoreError) -> Bool {
    try await meetStrangers()
    // Another engine may revise the same letter in between.
    for _ in 0..<5 {
      guard let row = try fetch([id]).first, row.letter.state == .pending, row.letter.fault == nil
      else { return false }
      var letter = row.letter
      letter.original = letter.original ?? letter.params
      letter.params = params
      var command = command(.rewrite)
      command.add(id.text)
      command.add(row.entry)
      command.add(LetterCodec.encode(letter).bytes)
      switch try ask(command).number {
      case 0: return false
      case 1: return true
      default: continue
      }
    }
    throw DeadLetterStoreError("somebody else keeps changing \(id); try again")
  }

  /// A command with the time, as every script wants it.
  func command(_ script: LetterScript) -> RedisCommand {
    var command = RedisCommand(script)
    command.add(now.millisecondsSinceEpoch)
    return command
  }

  var now: Timestamp { wallClock() }

  func ask(_ command: RedisCommand) throws(DeadLetterStoreError) -> RedisReply {
    let reply = try askEach([command])[0]
    if case .error(let words) = reply { throw error(.refused(words)) }
    return reply
  }

  /// Asks again for those that had much to remove first.
  func askEach(_ commands: [RedisCommand]) throws(DeadLetterStoreError) -> [RedisReply] {
    do throws(RedisError) {
      var replies = try session.run(commands)
      while true {
        let busy = replies.indices.filter { replies[$0] == .integer(-1) }
        guard !busy.isEmpty else { return replies }
        let again = try session.run(busy.map { commands[$0] })
        for (index, reply) in zip(busy, again) { replies[index] = reply }
      }
    } catch {
      throw self.error(error)
    }
  }

  func error(_ error: RedisError) -> DeadLetterStoreError {
    DeadLetterStoreError(error.advice(address))
  }

  /// Each id once, in portions that one script takes.
  static func chunks(_ ids: [DeadLetterID]) -> [ArraySlice<DeadLetterID>] {
    var seen: Set<DeadLetterID> = []
    let ids = ids.filter { seen.insert($0).inserted }
    return stride(from: 0, to: ids.count, by: LetterScript.changeLimit).map {
      ids[$0..<min(ids.count, $0 + LetterScript.changeLimit)]
    }
  }

  /// By which the repetition of a change knows its first try.
  static func token() -> String {
    String(UInt64.random(in: 0...UInt64.max), radix: 36)
  }
}
