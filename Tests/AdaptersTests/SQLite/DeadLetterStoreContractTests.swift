import Engine
import FleetModel
import Testing

/// What every dead-letter store must do.
struct DeadLetterStoreContractTests {
  private let bench = StoreBench()

  private func lease(_ length: Duration = .seconds(60)) -> Timestamp { bench.now + length }

  @Test(arguments: StoreKind.allCases)
  func `a letter comes back as it was added`(kind: StoreKind) async throws {
    let store = try kind.make(bench)
    var plain = letter(2)
    plain.target = nil
    plain.attempts = []
    plain.params = .emptyObject
    plain.replayCount = 3
    try await store.add(letter(1, delivery: .unknown, isIdempotent: true))
    try await store.add(plain)
    let listed = try await store.list(.all, limit: 10)
    #expect(listed == [plain, letter(1, delivery: .unknown, isIdempotent: true)])
  }

  @Test(arguments: StoreKind.allCases)
  func `adding an id twice keeps one row, the first (pitfall 37)`(kind: StoreKind) async throws {
    let store = try kind.make(bench)
    try await store.add(letter(1))
    try await store.add(letter(1, server: "other"))
    #expect(try await store.list(.all, limit: 10) == [letter(1)])
  }

  @Test(arguments: StoreKind.allCases)
  func `a listing is newest first, limited, and of what was selected`(kind: StoreKind)
    async throws
  {
    let store = try kind.make(bench)
    for number in [3, 1, 4, 2] as [UInt64] {
      try await store.add(letter(number, server: number % 2 == 0 ? "even" : "odd"))
    }
    func numbers(_ selection: DeadLetterSelection, limit: Int = 10) async throws -> [UInt64] {
      try await store.list(selection, limit: limit).map(\.id.low)
    }
    #expect(try await numbers(.all) == [4, 3, 2, 1])
    #expect(try await numbers(.all, limit: 2) == [4, 3])
    #expect(try await numbers(.server(ServerID("even"))) == [4, 2])
    #expect(try await numbers(.ids([letter(3).id, letter(9).id, letter(1).id])) == [3, 1])
    #expect(try await numbers(.all, limit: 0) == [])
    #expect(try await numbers(.ids([])) == [])
  }

  @Test(arguments: StoreKind.allCases)
  func `an expired letter is neither listed nor claimed nor counted`(kind: StoreKind)
    async throws
  {
    let store = try kind.make(bench)
    try await store.add(letter(1, timeToLive: .seconds(10)))
    try await store.add(letter(2, timeToLive: .seconds(20)))
    bench.now = letter(1).createdAt + .seconds(10)
    #expect(try await store.list(.all, limit: 10).map(\.id.low) == [2])
    let claim = try await store.claim(
      .all, force: true, now: bench.now, leaseUntil: lease())
    #expect(claim.letters.map(\.id.low) == [2])
    #expect(try await store.tally(now: bench.now, recentLimit: 10).total == 1)
  }

  @Test(arguments: StoreKind.allCases)
  func `a claim takes the oldest first and nobody gets them again`(kind: StoreKind)
    async throws
  {
    let store = try kind.make(bench)
    for number in [2, 3, 1] as [UInt64] { try await store.add(letter(number)) }
    let first = try await store.claim(
      .ids([letter(1).id, letter(2).id]), force: false, now: bench.now, leaseUntil: lease())
    #expect(first.letters.map(\.id.low) == [1, 2])
    #expect(first.letters.allSatisfy { $0.state == .replaying })
    let second = try await store.claim(
      .all, force: false, now: bench.now, leaseUntil: lease())
    #expect(second.letters.map(\.id.low) == [3])
    #expect(
      try await store.list(.all, limit: 9).map(\.state) == [.replaying, .replaying, .replaying])
  }

  @Test(arguments: StoreKind.allCases)
  func `what may have executed is claimed only by force, unless it is idempotent`(
    kind: StoreKind
  ) async throws {
    let store = try kind.make(bench)
    try await store.add(letter(1, delivery: .notSent))
    try await store.add(letter(2, delivery: .unknown))
    try await store.add(letter(3, delivery: .executed))
    try await store.add(letter(4, delivery: .unknown, isIdempotent: true))
    try await store.add(letter(5, delivery: .refused))
    let careful = try await store.claim(.all, force: false, now: bench.now, leaseUntil: lease())
    #expect(careful.letters.map(\.id.low) == [1, 4, 5])
    #expect(careful.skippedUnsafe == 2)
    let forced = try await store.claim(.all, force: true, now: bench.now, leaseUntil: lease())
    #expect(forced.letters.map(\.id.low) == [2, 3])
    #expect(forced.skippedUnsafe == 0)
  }

  @Test(arguments: StoreKind.allCases)
  func `a delivered letter is gone, and is not sent again (pitfall 39)`(kind: StoreKind)
    async throws
  {
    let store = try kind.make(bench)
    try await store.add(letter(1))
    _ = try await store.claim(.all, force: false, now: bench.now, leaseUntil: lease())
    try await store.complete(letter(1).id)
    #expect(try await store.list(.all, limit: 10).isEmpty)
    let again = try await store.claim(.all, force: true, now: bench.now, leaseUntil: lease())
    #expect(again.letters.isEmpty)
  }

  @Test(arguments: StoreKind.allCases)
  func `a letter given back is pending with its longer history`(kind: StoreKind) async throws {
    let store = try kind.make(bench)
    try await store.add(letter(1))
    let claim = try await store.claim(.all, force: false, now: bench.now, leaseUntil: lease())
    var failed = try #require(claim.letters.first)
    failed.attempts.append(
      Attempt(startedAt: bench.now, duration: .seconds(1), result: "reset", backoff: .zero))
    failed.errorKind = "reset"
    failed.delivery = .unknown
    failed.replayCount += 1
    failed.lastAttemptAt = bench.now
    try await store.giveBack(failed)
    failed.state = .pending
    #expect(try await store.list(.all, limit: 10) == [failed])
  }

  @Test(arguments: StoreKind.allCases)
  func `a letter deleted while it is replayed does not come back (pitfall 39)`(kind: StoreKind)
    async throws
  {
    let store = try kind.make(bench)
    try await store.add(letter(1))
    let claim = try await store.claim(.all, force: false, now: bench.now, leaseUntil: lease())
    #expect(try await store.delete(.all) == 1)
    try await store.giveBack(try #require(claim.letters.first))
    #expect(try await store.list(.all, limit: 10).isEmpty)
  }

  @Test(arguments: StoreKind.allCases)
  func `a lease that ends makes its letter pending, as one that may have executed`(
    kind: StoreKind
  ) async throws {
    let store = try kind.make(bench)
    try await store.add(letter(1, delivery: .notSent))
    _ = try await store.claim(.all, force: false, now: bench.now, leaseUntil: lease())
    bench.now = lease()
    let listed = try #require(try await store.list(.all, limit: 1).first)
    #expect(listed.state == .pending)
    #expect(listed.delivery == .unknown)
    let careful = try await store.claim(.all, force: false, now: bench.now, leaseUntil: lease())
    #expect(careful.letters.isEmpty)
    #expect(careful.skippedUnsafe == 1)
    let forced = try await store.claim(.all, force: true, now: bench.now, leaseUntil: lease())
    #expect(forced.letters.map(\.delivery) == [.unknown])
  }

  @Test(arguments: StoreKind.allCases)
  func `a letter given back too late leaves the next claimant's lease alone`(kind: StoreKind)
    async throws
  {
    let (late, next) = (try kind.make(bench), try kind.make(bench))
    try await late.add(letter(1))
    let claim = try await late.claim(.all, force: false, now: bench.now, leaseUntil: lease())
    bench.now = lease()
    _ = try await next.claim(.all, force: true, now: bench.now, leaseUntil: lease())
    try await late.giveBack(try #require(claim.letters.first))
    #expect(try await next.list(.all, limit: 10).map(\.state) == [.replaying])
  }

  @Test(arguments: StoreKind.allCases)
  func `deleting counts what it deleted and leaves the rest`(kind: StoreKind) async throws {
    let store = try kind.make(bench)
    for number in 1...6 as ClosedRange<UInt64> {
      try await store.add(letter(number, server: number <= 2 ? "a" : "b"))
    }
    #expect(try await store.delete(.ids([letter(3).id, letter(9).id])) == 1)
    #expect(try await store.delete(.server(ServerID("a"))) == 2)
    #expect(try await store.list(.all, limit: 10).map(\.id.low) == [6, 5, 4])
    #expect(try await store.delete(.all) == 3)
    #expect(try await store.delete(.all) == 0)
  }

  @Test(arguments: StoreKind.allCases)
  func `the tally counts by server, with the oldest and the newest`(kind: StoreKind)
    async throws
  {
    let store = try kind.make(bench)
    #expect(try await store.tally(now: bench.now, recentLimit: 2) == DeadLetterTally())
    for number in 1...5 as ClosedRange<UInt64> {
      try await store.add(letter(number, server: number % 2 == 0 ? "b" : "a"))
    }
    let tally = try await store.tally(now: bench.now, recentLimit: 2)
    #expect(tally.total == 5)
    #expect(
      tally.byServer == [
        .init(server: ServerID("a"), count: 3), .init(server: ServerID("b"), count: 2),
      ])
    #expect(tally.oldest == letter(1).createdAt)
    #expect(
      tally.recent
        == [letter(5), letter(4, server: "b")].map { expected in
          var expected = expected
          expected.server = ServerID(expected.id.low % 2 == 0 ? "b" : "a")
          return expected
        })
  }

  @Test(arguments: StoreKind.allCases)
  func `a full store drops its oldest`(kind: StoreKind) async throws {
    let store = try kind.make(bench, entryLimit: 3)
    for number in 1...5 as ClosedRange<UInt64> { try await store.add(letter(number)) }
    #expect(try await store.list(.all, limit: 10).map(\.id.low) == [5, 4, 3])
  }

  @Test(arguments: StoreKind.allCases)
  func `of many claimants at once each letter has exactly one (pitfall 39)`(kind: StoreKind)
    async throws
  {
    let stores = try (0..<4).map { _ in try kind.make(bench) }
    let count: UInt64 = 60
    try await withThrowingTaskGroup { group in
      for number in 0..<count {
        let store = stores[Int(number) % stores.count]
        group.addTask { try await store.add(letter(number)) }
      }
      try await group.waitForAll()
    }
    let (now, lease) = (bench.now, lease())
    let claimed = try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for turn in 0..<24 {
        let store = stores[turn % stores.count]
        let ids = (0..<count).filter { $0 % 5 != UInt64(turn % 5) }.map { letter($0).id }
        group.addTask {
          try await store.claim(.ids(ids), force: false, now: now, leaseUntil: lease)
            .letters.map(\.id.low)
        }
      }
      var all: [UInt64] = []
      for try await part in group { all += part }
      return all
    }
    #expect(claimed.sorted() == Array(0..<count))
  }
}
