import Engine
import FleetModel
import Synchronization

/// The store in memory, on good days and bad ones.
final class MoodyStore: DeadLetterStore {
  enum Mood { case well, failing, hanging }

  private struct State {
    var mood = Mood.well
    var held: [CheckedContinuation<Void, Never>] = []
    var closeCount = 0
  }

  let inner: MemoryDeadLetterStore
  let place = "moody"
  private let state = Mutex(State())

  init(_ inner: MemoryDeadLetterStore) { self.inner = inner }

  /// Whatever hangs goes on when this is set.
  var mood: Mood {
    get { state.withLock { $0.mood } }
    set {
      let held = state.withLock { state in
        state.mood = newValue
        defer { state.held = [] }
        return state.held
      }
      for continuation in held { continuation.resume() }
    }
  }

  var closeCount: Int { state.withLock { $0.closeCount } }

  private func check() async throws(DeadLetterStoreError) {
    await withCheckedContinuation { continuation in
      let isHeld = state.withLock { state in
        if state.mood == .hanging { state.held.append(continuation) }
        return state.mood == .hanging
      }
      if !isHeld { continuation.resume() }
    }
    if mood == .failing { throw DeadLetterStoreError("the disk is full") }
  }

  func add(_ letter: DeadLetter) async throws(DeadLetterStoreError) -> DeadLetterAddition {
    try await check()
    return await inner.add(letter)
  }

  func page(
    _ selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(DeadLetterStoreError) -> DeadLetterPage {
    try await check()
    return await inner.page(selection, after: cursor, limit: limit)
  }

  func count(_ selection: DeadLetterSelection) async throws(DeadLetterStoreError) -> Int {
    await inner.count(selection)
  }

  func statistics() async throws(DeadLetterStoreError) -> DeadLetterStatistics {
    await inner.statistics()
  }

  func claim(
    _ ids: [DeadLetterID], by owner: String, isForced: Bool, until: Timestamp
  ) async throws(DeadLetterStoreError) -> DeadLetterClaim {
    await inner.claim(ids, by: owner, isForced: isForced, until: until)
  }

  func complete(_ letter: DeadLetter, by owner: String) async throws(DeadLetterStoreError) {
    try await check()
    await inner.complete(letter, by: owner)
  }

  func giveBack(_ letter: DeadLetter, by owner: String) async throws(DeadLetterStoreError) {
    await inner.giveBack(letter, by: owner)
  }

  func revise(
    _ id: DeadLetterID, params: JSONText
  ) async throws(DeadLetterStoreError) -> Bool { await inner.revise(id, params: params) }

  func discard(_ selection: DeadLetterSelection) async throws(DeadLetterStoreError) -> Int {
    await inner.discard(selection)
  }

  func delete(_ selection: DeadLetterSelection) async throws(DeadLetterStoreError) -> Int {
    await inner.delete(selection)
  }

  func sweep() async throws(DeadLetterStoreError) -> Int {
    try await check()
    return await inner.sweep()
  }

  func tally(recentLimit: Int) async throws(DeadLetterStoreError) -> DeadLetterTally {
    try await check()
    return await inner.tally(recentLimit: recentLimit)
  }

  func close() async { state.withLock { $0.closeCount += 1 } }
}
