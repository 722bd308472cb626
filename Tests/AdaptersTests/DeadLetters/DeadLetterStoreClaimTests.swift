import Engine
import FleetModel
import Testing

/// Who may send a letter again, in every dead-letter store.
struct DeadLetterStoreClaimTests {
  private let bench = StoreBench()

  @Test(arguments: StoreKind.allCases)
  func `a claim takes the oldest first, with a lease that everybody sees`(kind: StoreKind)
    async throws
  {
    let (store, other) = (try await kind.make(bench), try await kind.make(bench))
    try await store.add([2, 3, 1].map { letter($0) })
    let first = try await store.claim([2, 1], by: "anna", until: bench.lease())
    #expect(first.letters.map(\.number) == [1, 2])
    let lease = DeadLetter.Lease(owner: "anna", until: bench.lease())
    let claimed = letter(1).with { ($0.state, $0.lease) = (.replaying, lease) }
    #expect(first.letters.first == claimed)
    #expect(try await other.list(.ids([letter(1).id])) == [claimed])
    #expect(try await other.list().map(\.state) == [.pending, .replaying, .replaying])
  }

  @Test(arguments: StoreKind.allCases)
  func `nobody gets a letter that somebody holds, be it the same owner`(kind: StoreKind)
    async throws
  {
    let (store, other) = (try await kind.make(bench), try await kind.make(bench))
    try await store.add([1, 2, 3].map { letter($0) })
    _ = try await store.claim([1, 2], by: "anna", until: bench.lease())
    #expect(
      try await store.claim([1, 2], by: "anna", until: bench.lease())
        == DeadLetterClaim(letters: [], skippedUnsafe: 0))
    let second = try await other.claim([1, 2, 3, 3, 9], by: "otto", until: bench.lease())
    #expect(second.letters.map(\.number) == [3])
    #expect(second.skippedUnsafe == 0)
    #expect(
      try await store.list().map(\.lease?.owner) == ["otto", "anna", "anna"])
  }

  @Test(arguments: StoreKind.allCases)
  func `what is done or discarded is not claimed`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    try await store.add([
      letter(1).with { $0.state = .done }, letter(2).with { $0.state = .discarded }, letter(3),
    ])
    #expect(try await store.claim([1, 2, 3], until: bench.lease()).letters.map(\.number) == [3])
    #expect(try await store.claim([], until: bench.lease()).letters == [])
  }

  @Test(arguments: StoreKind.allCases)
  func `what may have executed is claimed only by force, unless it is idempotent`(
    kind: StoreKind
  ) async throws {
    let store = try await kind.make(bench)
    try await store.add([
      letter(1, delivery: .notSent), letter(2, delivery: .unknown), letter(3, delivery: .executed),
      letter(4, delivery: .unknown, isIdempotent: true), letter(5, delivery: .refused),
      letter(6, delivery: .executed, isIdempotent: true),
    ])
    let careful = try await store.claim(isForced: false, until: bench.lease())
    #expect(careful.letters.map(\.number) == [1, 4, 5, 6])
    #expect(careful.skippedUnsafe == 2)
    let forced = try await store.claim(isForced: true, until: bench.lease())
    #expect(forced.letters.map(\.number) == [2, 3])
    #expect(forced.skippedUnsafe == 0)
  }

  @Test(arguments: StoreKind.allCases)
  func `a delivered letter is done, and is not sent again (pitfall 39)`(kind: StoreKind)
    async throws
  {
    let store = try await kind.make(bench)
    try await store.add([letter(1), letter(2)])
    let claim = try await store.claim([1], until: bench.lease())
    try await store.complete(try #require(claim.letters.first), by: "me")
    #expect(try await store.numbers(.all) == [2])
    #expect(
      try await store.list(.ids([letter(1).id])) == [letter(1).with { $0.state = .done }])
    #expect(try await store.claim([1], until: bench.lease()).letters.isEmpty)
    // It stays done when its lease would have ended.
    bench.now = bench.lease()
    #expect(try await store.claim([1], until: bench.lease()).letters.isEmpty)
    #expect(try await store.list().map(\.state) == [.pending, .done])
  }

  @Test(arguments: StoreKind.allCases)
  func `a letter given back is pending with all that it brings`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    try await store.add([letter(1), letter(2)])
    let claim = try await store.claim([1], until: bench.lease())
    let failed = try #require(claim.letters.first).with { failed in
      failed.attempts.append(
        Attempt(startedAt: bench.now, duration: .seconds(1), result: "reset", backoff: .zero))
      failed.original = failed.params
      failed.params = JSONText(unchecked: Array(#"{"name":"edited"}"#.utf8))
      failed.errorKind = "reset"
      failed.errorMessage = "connection reset"
      failed.delivery = .unknown
      failed.replayCount += 1
      failed.lastAttemptAt = bench.now
      failed.expiresAt = bench.now + .seconds(5000)
    }
    try await store.giveBack(failed, by: "me")
    let expected = failed.with { ($0.state, $0.lease) = (.pending, nil) }
    #expect(try await store.list(.ids([expected.id])) == [expected])
    #expect(try await store.numbers() == [2, 1])
    // Found by what it is now, and no more by what it was.
    #expect(try await store.numbers(.matching(DeadLetterFilter(kind: "reset"))) == [1])
    #expect(try await store.numbers(.matching(DeadLetterFilter(kind: "503"))) == [2])
    #expect(try await store.claim([1], until: bench.lease()).letters.map(\.number) == [1])
  }

  @Test(arguments: StoreKind.allCases)
  func `who does not hold a letter neither completes it nor gives it back`(kind: StoreKind)
    async throws
  {
    let (store, other) = (try await kind.make(bench), try await kind.make(bench))
    try await store.add([letter(1), letter(2)])
    let claim = try await store.claim([1], by: "anna", until: bench.lease())
    let held = try #require(claim.letters.first)
    let changed = held.with { $0.errorKind = "changed" }
    try await other.complete(held, by: "otto")
    try await other.giveBack(changed, by: "otto")
    try await other.complete(letter(2), by: "otto")
    try await other.giveBack(letter(2).with { $0.errorKind = "changed" }, by: "otto")
    try await other.complete(letter(3), by: "otto")
    try await other.giveBack(letter(3), by: "otto")
    #expect(try await store.list() == [letter(2), held])
    try await store.complete(held, by: "anna")
    try await store.giveBack(held, by: "anna")
    #expect(try await store.list().map(\.state) == [.pending, .done])
  }

  @Test(arguments: StoreKind.allCases)
  func `a letter deleted while it is replayed does not come back (pitfall 39)`(kind: StoreKind)
    async throws
  {
    let store = try await kind.make(bench)
    try await store.add([letter(1), letter(2)])
    let claim = try await store.claim(until: bench.lease())
    #expect(claim.letters.count == 2)
    #expect(try await store.delete(.all) == 2)
    try await store.giveBack(letter(1), by: "me")
    try await store.complete(letter(2), by: "me")
    #expect(try await store.list() == [])
    #expect(try await store.statistics().byState == [])
  }

  @Test(arguments: StoreKind.allCases)
  func `a letter that expires while it is replayed does not come back (pitfall 40)`(
    kind: StoreKind
  ) async throws {
    let store = try await kind.make(bench)
    try await store.add([letter(1, timeToLive: .seconds(10))])
    let claim = try await store.claim(until: bench.lease())
    bench.now = letter(1).createdAt + .seconds(10)
    let held = try #require(claim.letters.first)
    try await store.giveBack(held.with { $0.expiresAt = bench.now + .seconds(60) }, by: "me")
    try await store.complete(held, by: "me")
    #expect(try await store.list() == [])
  }

  @Test(
    arguments: StoreKind.allCases,
    [
      (Delivery.notSent, Delivery.unknown), (.refused, .unknown), (.unknown, .unknown),
      (.executed, .executed),
    ])
  func `a lease that ends makes its letter pending, as one that may have executed`(
    kind: StoreKind, deliveries: (before: Delivery, after: Delivery)
  ) async throws {
    let store = try await kind.make(bench)
    try await store.add([letter(1, delivery: deliveries.before)])
    _ = try await store.claim(until: bench.lease())
    bench.now = bench.lease() + .milliseconds(-1)
    #expect(try await store.list().map(\.state) == [.replaying])
    bench.now = bench.now + .milliseconds(1)
    let ended = letter(1, delivery: deliveries.after)
    #expect(try await store.list() == [ended])
    var filter = DeadLetterFilter(states: [.pending], deliveries: [deliveries.after])
    #expect(try await store.list(.matching(filter)) == [ended])
    #expect(try await store.count(.matching(filter)) == 1)
    filter.states = [.replaying]
    #expect(try await store.list(.matching(filter)) == [])
    #expect(
      try await store.statistics().byDelivery
        == [DeadLetterStatistics.Count(name: deliveries.after.rawValue, count: 1)])
    let careful = try await store.claim(isForced: false, until: bench.lease())
    #expect(careful == DeadLetterClaim(letters: [], skippedUnsafe: 1))
    let forced = try await store.claim(isForced: true, until: bench.lease())
    #expect(forced.letters.map(\.delivery) == [deliveries.after])
  }

  @Test(arguments: StoreKind.allCases)
  func `who comes back too late changes nothing of the next claimant's`(kind: StoreKind)
    async throws
  {
    let (late, next) = (try await kind.make(bench), try await kind.make(bench))
    try await late.add([letter(1)])
    let claim = try await late.claim(by: "late", until: bench.lease())
    let held = try #require(claim.letters.first)
    bench.now = bench.lease()
    // Nobody has it yet: it is pending, and may have executed.
    try await late.giveBack(held.with { $0.errorKind = "late" }, by: "late")
    try await late.complete(held, by: "late")
    #expect(try await next.list() == [letter(1, delivery: .unknown)])
    let second = try await next.claim(by: "next", until: bench.lease())
    try await late.giveBack(held, by: "late")
    try await late.complete(held, by: "late")
    #expect(try await next.list() == second.letters)
    try await next.complete(try #require(second.letters.first), by: "next")
    try await late.giveBack(held, by: "late")
    #expect(try await next.list().map(\.state) == [.done])
  }

  @Test(arguments: StoreKind.allCases)
  func `of many claimants at once each letter has exactly one (pitfall 39)`(kind: StoreKind)
    async throws
  {
    var stores: [any DeadLetterStore] = []
    for _ in 0..<4 { stores.append(try await kind.make(bench)) }
    let count: UInt64 = 60
    try await stores[0].add((0..<count).map { letter($0) })
    let until = bench.lease()
    let claimed = try await withThrowingTaskGroup(of: [(UInt64?, String)].self) { group in
      for turn in 0..<24 {
        let store = stores[turn % stores.count]
        let owner = "owner \(turn)"
        let ids = (0..<count).filter { $0 % 5 != UInt64(turn % 5) }.map { letter($0).id }
        group.addTask {
          try await store.claim(ids, by: owner, isForced: false, until: until)
            .letters.map { ($0.number, owner) }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(claimed.compactMap(\.0).sorted() == Array(0..<count))
    let owners = Dictionary(uniqueKeysWithValues: claimed.map { ($0.0, $0.1) })
    for letter in try await stores[1].list() {
      #expect(letter.lease?.owner == owners[letter.number])
    }
  }
}
