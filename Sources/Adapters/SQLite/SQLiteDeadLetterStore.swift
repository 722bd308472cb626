import CLinux
package import Engine
package import FleetModel
import Glibc

/// Dead letters in one SQLite file, which several processes may share.
///
/// Every change is on the disk before the call returns. Adds that arrive while the disk is busy go
/// into one transaction, so that an outage with thousands of letters costs a few fsyncs.
package actor SQLiteDeadLetterStore: DeadLetterStore {
  package static let durability = DeadLetterDurability(
    .durable, "each letter is on the disk before its call's outcome is told")
  /// Letters one file holds; the oldest go when there are more.
  package static let entryLimit = 100_000

  private let thread: BlockingThread
  /// Nil once the store is closed.
  private(set) var file: DeadLetterFile?
  private nonisolated let path: String
  private let wallClock: @Sendable () -> Timestamp
  /// The adds that the next commit will carry.
  private var openBatch = Batch()

  /// In the order of the letters.
  private struct Batch {
    typealias Waiter = CheckedContinuation<Result<DeadLetterAddition, DeadLetterStoreError>, Never>

    var letters: [DeadLetter] = []
    var waiters: [Waiter] = []
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
      file = try DeadLetterFile(path: path, entryLimit: entryLimit)
    } catch {
      throw DeadLetterStoreError(error.advice(file: path))
    }
    self.path = path
    self.wallClock = wallClock
    thread = BlockingThread()
  }

  deinit { thread.stop() }

  package nonisolated var place: String { path }

  package func add(
    _ letter: DeadLetter
  ) async throws(DeadLetterStoreError) -> DeadLetterAddition {
    try await withCheckedContinuation { (waiter: Batch.Waiter) in
      openBatch.letters.append(letter)
      openBatch.waiters.append(waiter)
      // Whoever waits for the thread already runs before the commit does, and joins the batch.
      if openBatch.letters.count == 1 { Task { commit() } }
    }.get()
  }

  package func page(
    _ selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) throws(DeadLetterStoreError) -> DeadLetterPage {
    try ask { file, now throws(SQLiteError) in
      try file.page(selection, after: cursor, limit: limit, now: now)
    }
  }

  package func count(_ selection: DeadLetterSelection) throws(DeadLetterStoreError) -> Int {
    try ask { file, now throws(SQLiteError) in try file.count(selection, now: now) }
  }

  package func statistics() throws(DeadLetterStoreError) -> DeadLetterStatistics {
    var statistics = try ask { file, now throws(SQLiteError) in try file.statistics(now: now) }
    statistics.durability = Self.durability
    return statistics
  }

  package func claim(
    _ ids: [DeadLetterID], by owner: String, isForced: Bool, until: Timestamp
  ) throws(DeadLetterStoreError) -> DeadLetterClaim {
    try ask { file, now throws(SQLiteError) in
      try file.claim(ids, by: owner, isForced: isForced, until: until, now: now)
    }
  }

  package func complete(_ letter: DeadLetter, by owner: String) throws(DeadLetterStoreError) {
    try ask { file, now throws(SQLiteError) in
      try file.complete(letter, by: owner, now: now)
    }
  }

  package func giveBack(_ letter: DeadLetter, by owner: String) throws(DeadLetterStoreError) {
    try ask { file, now throws(SQLiteError) in
      try file.giveBack(letter, by: owner, now: now)
    }
  }

  package func revise(
    _ id: DeadLetterID, params: JSONText
  ) throws(DeadLetterStoreError) -> Bool {
    try ask { file, now throws(SQLiteError) in try file.revise(id, params: params, now: now) }
  }

  package func discard(_ selection: DeadLetterSelection) throws(DeadLetterStoreError) -> Int {
    try ask { file, now throws(SQLiteError) in try file.discard(selection, now: now) }
  }

  package func delete(_ selection: DeadLetterSelection) throws(DeadLetterStoreError) -> Int {
    try ask { file, now throws(SQLiteError) in try file.delete(selection, now: now) }
  }

  package func sweep() throws(DeadLetterStoreError) -> Int {
    try ask { file, now throws(SQLiteError) in try file.sweep(now: now) }
  }

  package func tally(recentLimit: Int) throws(DeadLetterStoreError) -> DeadLetterTally {
    var tally = try ask { file, now throws(SQLiteError) in
      try file.tally(recentLimit: recentLimit, now: now)
    }
    tally.durability = Self.durability
    return tally
  }

  /// The thread ends with the store itself.
  package func close() { file = nil }

  /// The system's civil time.
  package static let systemTime: @Sendable () -> Timestamp = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(
      millisecondsSinceEpoch: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  private func commit() {
    let batch = openBatch
    openBatch = Batch()
    do throws(DeadLetterStoreError) {
      let additions = try ask { file, now throws(SQLiteError) in
        try file.add(batch.letters, now: now)
      }
      for (waiter, addition) in zip(batch.waiters, additions) {
        waiter.resume(returning: .success(addition))
      }
    } catch {
      for waiter in batch.waiters { waiter.resume(returning: .failure(error)) }
    }
  }

  private func ask<Answer>(
    _ body: (DeadLetterFile, Timestamp) throws(SQLiteError) -> Answer
  ) throws(DeadLetterStoreError) -> Answer {
    guard let file else { throw DeadLetterStoreError("\(path) is closed") }
    do throws(SQLiteError) { return try body(file, wallClock()) } catch {
      throw DeadLetterStoreError(error.advice(file: path))
    }
  }
}
