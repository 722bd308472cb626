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
  /// The adds that go out next; nil while nobody adds.
  private var openBatch: RedisBatch?
  /// How many more entries the list has than we know of, after all of them were looked at.
  var knownSurplus = 0

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
    return try await add(RedisBatch.Item(letter: stored, entry: entry, token: Self.token()))
  }

  private func add(
    _ item: RedisBatch.Item
  ) async throws(DeadLetterStoreError) -> DeadLetterAddition {
    let result: RedisBatch.Outcome
    if let batch = openBatch, batch.items.count < RedisBatch.limit {
      let place = batch.join(item)
      // A task that prefers an executor may suspend before the body: the batch can be over by then.
      result = await withCheckedContinuation { waiter in batch.wait(waiter, at: place) }
    } else {
      let batch = RedisBatch(item)
      openBatch = batch
      // Whoever waits for the thread already runs before this goes on, and joins the batch.
      await Task.yield()
      if openBatch === batch { openBatch = nil }
      let results = commit(batch.items)
      batch.end(results)
      result = results[0]
    }
    return try result.get()
  }

  private func commit(_ items: [RedisBatch.Item]) -> [RedisBatch.Outcome] {
    let commands = items.map { item in
      var command = command(.add)
      command.add(item.letter.id.text)
      command.add(item.letter.state.rawValue)
      command.add(item.token)
      command.add(entryLimit)
      command.add(item.entry)
      command.add(fieldsOf: item.letter, size: item.entry.count)
      return command
    }
    do throws(DeadLetterStoreError) {
      return try askEach(commands).map { reply in
        if case .error(let words) = reply { return .failure(error(.refused(words))) }
        return .success(DeadLetterAddition(isNew: reply[0].number == 1, dropped: reply[1].number))
      }
    } catch {
      return items.map { _ in .failure(error) }
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
