import FleetModel
import Synchronization
import Testing

@testable import Engine

@Suite struct `A replay` {
  private let start = Timestamp(millisecondsSinceEpoch: 1_795_230_245_678)

  private func replay(
    _ store: LetterBox, force: Bool = false, _ reply: @escaping @Sendable (Call) async -> Reply
  ) async throws -> ReplayCount {
    try await Replayer().replay(
      ReplayOrder(.all, isForced: force), store: store, longestCall: .seconds(300), clock: { [start] in start },
      call: { Outcome(call: $0.id, reply: await reply($0)) })
  }

  @Test func `delivers every letter once, oldest first`() async throws {
    let store = LetterBox(count: 20, at: start)
    let count = try await replay(store) { _ in .success(.emptyObject) }
    #expect(count == ReplayCount(delivered: 20))
    #expect(await store.letters.isEmpty)
  }

  @Test func `meets each letter once, even if all fail again (pitfall 36)`() async throws {
    let store = LetterBox(count: 30, at: start)
    let sent = Mutex<[CallID]>([])
    let count = try await replay(store) { call in
      sent.withLock { $0.append(call.id) }
      return .failure(Failure(.httpStatus(503), "HTTP 503", delivery: .refused))
    }
    #expect(count == ReplayCount(failed: 30))
    let ids = await store.letters.map(\.id.call)
    #expect(sent.withLock { $0.sorted() } == ids.sorted())
  }

  @Test func `does not meet what arrives while it runs (pitfall 36)`() async throws {
    let store = LetterBox(count: 10, at: start)
    let late = LetterBox(count: 5, at: start + .seconds(3600))
    let count = try await replay(store) { _ in
      for letter in await late.letters { _ = await store.add(letter) }
      return .success(.emptyObject)
    }
    #expect(count == ReplayCount(delivered: 10))
  }

  @Test func `holds its letters as long as the longest call, and a minute`() async throws {
    let store = LetterBox(count: 1, at: start)
    _ = try await replay(store) { _ in .success(.emptyObject) }
    #expect(await store.leases == [start + .seconds(360)])
  }

  @Test func `counts the letters that another replay has`() async throws {
    let store = LetterBox(count: 3, at: start)
    await store.lendAll()
    #expect(try await replay(store) { _ in .success(.emptyObject) } == ReplayCount(taken: 3))
  }

  @Test func `whose engine stops leaves the letters alone that it has not come to`() async throws {
    let store = LetterBox(count: 30, at: start)
    let stopped = Failure(.shuttingDown, "the engine is shutting down", delivery: .unknown)
    _ = try await replay(store) { _ in .failure(stopped) }
    let letters = await store.letters
    #expect(letters.allSatisfy { $0.state == .pending && $0.errorKind == "429" })
    #expect(letters.count { $0.delivery == .unknown } == Replayer.batchLimit)
  }

  @Test func `whose caller is gone leaves the letters alone that it has not come to`() async {
    let store = LetterBox(count: 30, at: start)
    let running = Task {
      try await replay(store) { _ in
        withUnsafeCurrentTask { $0?.cancel() }
        return .failure(Failure(.cancelled, "the caller gave up", delivery: .unknown))
      }
    }
    running.cancel()
    _ = await running.result
    let letters = await store.letters
    #expect(letters.allSatisfy { $0.state == .pending })
    // It may have begun before it was cancelled, and then ends with what it has begun.
    #expect(letters.count { $0.delivery == .unknown } <= Replayer.batchLimit)
  }
}

/// Dead letters in memory.
private actor LetterBox: DeadLetterStore {
  private(set) var letters: [DeadLetter]
  private(set) var leases: [Timestamp] = []

  init(count: Int, at time: Timestamp) {
    var random = SplitMix64(seed: 1)
    letters = (0..<count).map { number in
      DeadLetter(
        id: DeadLetterID(CallID(at: time + .seconds(number), using: &random)),
        server: ServerID("bank"),
        client: "test", method: "tools/call", target: "pay", params: .emptyObject,
        errorKind: "429", errorMessage: "busy", delivery: .refused, isIdempotent: false,
        attempts: [], createdAt: time, lastAttemptAt: time, expiresAt: time + .seconds(86_400))
    }
  }

  func lendAll() {
    for index in letters.indices { letters[index].state = .replaying }
  }

  nonisolated let place = "memory"

  func add(_ letter: DeadLetter) -> DeadLetterAddition {
    letters.append(letter)
    return DeadLetterAddition(isNew: true)
  }

  func page(
    _ selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) -> DeadLetterPage {
    DeadLetterPage(letters: letters.reversed())
  }

  func count(_ selection: DeadLetterSelection) -> Int { letters.count }

  func statistics() -> DeadLetterStatistics { DeadLetterStatistics() }

  func claim(
    _ ids: [DeadLetterID], by owner: String, isForced: Bool, until leaseUntil: Timestamp
  ) -> DeadLetterClaim {
    leases.append(leaseUntil)
    var claimed: [DeadLetter] = []
    for index in letters.indices
    where ids.contains(letters[index].id) && letters[index].state == .pending {
      letters[index].state = .replaying
      claimed.append(letters[index])
    }
    return DeadLetterClaim(letters: claimed, skippedUnsafe: 0)
  }

  func complete(_ letter: DeadLetter, by owner: String) {
    letters.removeAll { $0.id == letter.id }
  }

  func giveBack(_ letter: DeadLetter, by owner: String) {
    for index in letters.indices where letters[index].id == letter.id { letters[index] = letter }
  }

  func delete(_ selection: DeadLetterSelection) -> Int { 0 }

  func revise(_ id: DeadLetterID, params: JSONText) -> Bool { false }

  func discard(_ selection: DeadLetterSelection) -> Int { 0 }

  func sweep() -> Int { 0 }

  func tally(recentLimit: Int) -> DeadLetterTally { DeadLetterTally() }

  func close() {}
}
