import CLinux
package import Engine
package import FleetModel
import Glibc

/// Dead letters in one SQLite file, which several processes may share.
///
/// Every change is on the disk before the call returns. Adds that arrive while the disk is busy go
/// into one transaction, so that an outage with thousands of letters costs a few fsyncs.
package actor SQLiteDeadLetterStore: DeadLetterStore {
  /// Letters one file holds; the oldest go when there are more.
  package static let entryLimit = 100_000

  private typealias Schema = DeadLetterSchema

  private let thread: BlockingThread
  private let connection: SQLiteConnection
  private nonisolated let path: String
  private let entryLimit: Int
  private let wallClock: @Sendable () -> Timestamp
  /// The adds that the next commit will carry; nil while nobody adds.
  private var openBatch: Batch?

  /// Letters one transaction carries at most.
  private static let batchLimit = 1000

  private final class Batch {
    typealias Waiter = CheckedContinuation<DeadLetterStoreError?, Never>

    private enum State {
      /// One for each letter but the first, whose own task commits them all.
      case open([Waiter])
      case committed(DeadLetterStoreError?)
    }

    var letters: [DeadLetter]
    private var state = State.open([])

    init(_ letter: DeadLetter) { letters = [letter] }

    func wait(_ waiter: Waiter) {
      switch state {
      case .open(let waiters): state = .open(waiters + [waiter])
      case .committed(let failure): waiter.resume(returning: failure)
      }
    }

    func end(_ failure: DeadLetterStoreError?) {
      guard case .open(let waiters) = state else {
        preconditionFailure("a batch is committed once")
      }
      state = .committed(failure)
      for waiter in waiters { waiter.resume(returning: failure) }
    }
  }

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }

  /// Opens the file, or creates it with its directories for the owner alone; blocks meanwhile.
  package init(
    path: String, entryLimit: Int = SQLiteDeadLetterStore.entryLimit,
    wallClock: @escaping @Sendable () -> Timestamp = SQLiteDeadLetterStore.systemTime
  ) throws(DeadLetterStoreError) {
    precondition(entryLimit > 0, "a store has room for a letter")
    do throws(SQLiteError) {
      connection = try SQLiteConnection(path: path)
      try Self.prepareSchema(connection)
    } catch {
      throw DeadLetterStoreError("dead letters: " + error.advice(file: path))
    }
    self.path = path
    self.entryLimit = entryLimit
    self.wallClock = wallClock
    thread = BlockingThread()
  }

  deinit { thread.stop() }

  package nonisolated var place: String { path }

  package func add(
    _ letter: DeadLetter
  ) async throws(DeadLetterStoreError) -> DeadLetterAddition {
    let failure: DeadLetterStoreError?
    if let batch = openBatch, batch.letters.count < Self.batchLimit {
      batch.letters.append(letter)
      // A task that prefers an executor may suspend before the body: the batch can be over by then.
      failure = await withCheckedContinuation { waiter in batch.wait(waiter) }
    } else {
      let batch = Batch(letter)
      openBatch = batch
      // Whoever waits for the thread already runs before this goes on, and joins the batch.
      await Task.yield()
      if openBatch === batch { openBatch = nil }
      failure = commit(batch.letters)
      batch.end(failure)
    }
    if let failure { throw failure }
    return DeadLetterAddition(isNew: true)
  }

  package func page(
    _ selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) throws(DeadLetterStoreError) -> DeadLetterPage {
    let now = wallClock()
    return DeadLetterPage(
      letters: try ask { connection throws(SQLiteError) in
        try read(connection, selection, now: now, limit: limit)
      })
  }

  package func count(_ selection: DeadLetterSelection) throws(DeadLetterStoreError) -> Int {
    try page(selection, after: nil, limit: entryLimit).letters.count
  }

  package func statistics() throws(DeadLetterStoreError) -> DeadLetterStatistics {
    var statistics = DeadLetterStatistics()
    statistics.total = try count(.all)
    return statistics
  }

  package func claim(
    _ ids: [DeadLetterID], by owner: String, isForced force: Bool, until leaseUntil: Timestamp
  ) throws(DeadLetterStoreError) -> DeadLetterClaim {
    let (now, selection) = (wallClock(), DeadLetterSelection.ids(ids))
    return try change { connection throws(SQLiteError) in
      try connection.statement(Schema.releaseExpiredLeases).run(.time(now))
      let rows = try connection.statement(Schema.claim(selection)).rows(
        Schema.value(selection), .time(now), .integer(force ? 1 : 0), .text(owner),
        .time(leaseUntil)
      ) { DeadLetterRow($0) }
      var letters: [DeadLetter] = []
      for row in rows {
        if row.isReadable {
          letters.append(row.letter(now: now))
        } else {
          try connection.statement(Schema.unclaim).run(.integer(row.number))
        }
      }
      letters.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
      var skipped = 0
      if !force {
        skipped =
          try connection.statement(Schema.countUnsafe(selection)).rows(
            Schema.value(selection), .time(now)
          ) { Int($0.integer(0)) }.first ?? 0
      }
      return DeadLetterClaim(letters: letters, skippedUnsafe: skipped)
    }
  }

  package func revise(
    _ id: DeadLetterID, params: JSONText
  ) throws(DeadLetterStoreError) -> Bool { false }

  package func discard(_ selection: DeadLetterSelection) throws(DeadLetterStoreError) -> Int {
    try delete(selection)
  }

  package func sweep() throws(DeadLetterStoreError) -> Int { 0 }

  package func close() {}

  package func complete(_ letter: DeadLetter, by owner: String) throws(DeadLetterStoreError) {
    try change { connection throws(SQLiteError) in
      _ = try connection.statement(Schema.complete).run(.text(letter.id.text))
    }
  }

  package func giveBack(_ letter: DeadLetter, by owner: String) throws(DeadLetterStoreError) {
    try change { connection throws(SQLiteError) in
      _ = try connection.statement(Schema.giveBack).run(
        .text(letter.id.description), .text(letter.errorKind), .text(letter.errorMessage),
        .text(letter.delivery.rawValue), .text(DeadLetterRow.json(of: letter.attempts).bytes),
        .time(letter.lastAttemptAt), .time(letter.expiresAt), .integer(Int64(letter.replayCount)),
        .text(owner))
    }
  }

  package func delete(_ selection: DeadLetterSelection) throws(DeadLetterStoreError) -> Int {
    try change { connection throws(SQLiteError) in
      try connection.statement(Schema.delete(selection)).run(Schema.value(selection))
    }
  }

  package func tally(recentLimit: Int) throws(DeadLetterStoreError) -> DeadLetterTally {
    let now = wallClock()
    return try change { connection throws(SQLiteError) in
      try connection.statement(Schema.deleteExpired).run(.time(now))
      try connection.statement(Schema.releaseExpiredLeases).run(.time(now))
      var tally = DeadLetterTally()
      let counts = try connection.statement(Schema.tally).rows {
        (
          DeadLetterTally.ServerCount(
            server: ServerID($0.text(0) ?? ""), count: Int($0.integer(1))),
          Timestamp(millisecondsSinceEpoch: $0.integer(2))
        )
      }
      tally.byServer = counts.map(\.0)
      tally.total = tally.byServer.reduce(0) { $0 + $1.count }
      tally.oldest = counts.map(\.1).min()
      tally.recent = try read(connection, .all, now: now, limit: recentLimit)
      return tally
    }
  }

  /// The system's civil time.
  package static let systemTime: @Sendable () -> Timestamp = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(
      millisecondsSinceEpoch: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// Makes the tables of a new file; of an old one checks that it is ours and can be read.
  private static func prepareSchema(_ connection: SQLiteConnection) throws(SQLiteError) {
    func number(_ sql: String) throws(SQLiteError) -> Int64 {
      try connection.statement(sql).rows { $0.integer(0) }.first ?? 0
    }
    try connection.transaction { () throws(SQLiteError) in
      let version = try number("PRAGMA user_version")
      if try number("SELECT count(*) FROM sqlite_schema") == 0, version == 0 {
        return try connection.execute(Schema.creation)
      }
      guard try number("PRAGMA application_id") == Schema.applicationID else {
        throw SQLiteError(code: SQLiteError.foreignFile, message: "")
      }
      guard version == Schema.version else {
        throw SQLiteError(
          code: SQLiteError.newerSchema,
          message: "schema \(version), this one knows \(Schema.version)")
      }
    }
  }

  private func commit(_ letters: [DeadLetter]) -> DeadLetterStoreError? {
    do throws(DeadLetterStoreError) {
      try change { connection throws(SQLiteError) in
        let insert = try connection.statement(Schema.insert)
        for letter in letters { try DeadLetterRow.insert(letter, with: insert) }
        try connection.statement(Schema.trim).run(.integer(Int64(entryLimit)))
      }
      return nil
    } catch {
      return error
    }
  }

  private func read(
    _ connection: SQLiteConnection, _ selection: DeadLetterSelection, now: Timestamp, limit: Int
  ) throws(SQLiteError) -> [DeadLetter] {
    try connection.statement(Schema.list(selection)).rows(
      Schema.value(selection), .time(now), .integer(Int64(max(0, limit)))
    ) { DeadLetterRow($0).letter(now: now) }
  }

  private func change<Result>(
    _ body: (SQLiteConnection) throws(SQLiteError) -> Result
  ) throws(DeadLetterStoreError) -> Result {
    try ask { connection throws(SQLiteError) in
      try connection.transaction { () throws(SQLiteError) in try body(connection) }
    }
  }

  private func ask<Result>(
    _ body: (SQLiteConnection) throws(SQLiteError) -> Result
  ) throws(DeadLetterStoreError) -> Result {
    do throws(SQLiteError) { return try body(connection) } catch {
      throw DeadLetterStoreError("dead letters: " + error.advice(file: path))
    }
  }
}
