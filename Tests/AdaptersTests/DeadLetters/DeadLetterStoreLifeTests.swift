import Engine
import FleetModel
import Testing
import Wire

/// What every dead-letter store must do with a letter from its begin to its end.
struct DeadLetterStoreLifeTests {
  private let bench = StoreBench()

  /// What other programs may call their entries.
  static let foreignIDs = [
    "1732175999-call_tool", "a b", "sl/ash:co.lon", "zürich ☃ 日本", "e\u{301}", "é", "%_*?[x]\\",
    "\"quoted\" 'twice'", "line\nbreak\ttab", "null\0inside", "-1", "1.2", "{}",
    String(repeating: "x", count: 512),
  ]

  @Test(arguments: StoreKind.allCases)
  func `a letter comes back as it was added, with all its fields`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    let bare = letter(1).with {
      $0.target = nil
      $0.attempts = []
      $0.params = .emptyObject
    }
    let full = letter(2, delivery: .unknown, isIdempotent: true).with {
      $0.endpoint = "https://example.org/mcp?ä=1"
      $0.original = JSONText(unchecked: Array(#"{ "name" : "first" }"#.utf8))
      $0.redacted = ["_meta.x", "arguments.list[2].password", "arguments.päss"]
      $0.needsToken = true
      $0.replayCount = 7
      $0.lastAttemptAt = $0.createdAt + .seconds(900)
    }
    let empty = letter(3, server: "").with {
      $0.client = ""
      $0.target = ""
      $0.errorKind = ""
      $0.errorMessage = ""
    }
    let done = letter(4).with { $0.state = .done }
    let discarded = letter(5, delivery: .executed).with { $0.state = .discarded }
    let letters = [bare, full, empty, done, discarded]
    for letter in letters {
      #expect(try await store.add(letter) == DeadLetterAddition(isNew: true))
    }
    #expect(try await store.list() == letters.reversed())
  }

  @Test(arguments: StoreKind.allCases, 1...3 as ClosedRange<UInt64>)
  func `times and attempts survive exactly`(kind: StoreKind, seed: UInt64) async throws {
    let store = try await kind.make(bench)
    var random = SplitMix64(seed: seed)
    // Within the years that RFC 3339 can write; the last is as far from now as a letter may live.
    func time() -> Timestamp {
      Timestamp(millisecondsSinceEpoch: Int64(random.next() % 250_000_000_000_000))
    }
    func text() -> String {
      let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\0", "ü", "😀", "\u{7F}", "\u{2028}"]
      return String(
        String.UnicodeScalarView(
          (0..<random.next() % 9).map { _ in
            Letters.oneOf(scalars, &random)
          }))
    }
    let letters = (0..<20 as Range<UInt64>).map { number in
      letter(number).with { letter in
        letter.createdAt = time()
        letter.lastAttemptAt = time()
        letter.expiresAt = Timestamp(millisecondsSinceEpoch: 250_000_000_000_000)
        letter.errorMessage = text()
        letter.attempts = (0..<random.next() % 101).map { _ in
          Attempt(
            startedAt: time(), duration: .nanoseconds(Int(random.next() >> 2)), result: text(),
            backoff: .nanoseconds(Int(random.next() >> 20)))
        }
      }
    }
    try await store.add(letters)
    let order = letters.sorted { ($1.createdAt, $1.id) < ($0.createdAt, $0.id) }
    #expect(try await store.list() == order)
  }

  @Test(arguments: StoreKind.allCases)
  func `adding an id twice keeps one row, the first (pitfall 37)`(kind: StoreKind) async throws {
    let (store, other) = (try await kind.make(bench), try await kind.make(bench))
    #expect(try await store.add(letter(1)).isNew)
    #expect(try await store.add(letter(1, server: "other")) == DeadLetterAddition(isNew: false))
    #expect(try await other.add(letter(1, server: "third")) == DeadLetterAddition(isNew: false))
    #expect(try await store.list() == [letter(1)])
    _ = try await store.discard(.all)
    #expect(try await store.add(letter(1)).isNew == false)
    #expect(try await store.list().map(\.state) == [.discarded])
  }

  @Test(arguments: StoreKind.allCases)
  func `a letter that was being replayed where it comes from is pending here`(kind: StoreKind)
    async throws
  {
    let store = try await kind.make(bench)
    let moved = letter(1).with {
      $0.state = .replaying
      $0.lease = DeadLetter.Lease(owner: "elsewhere", until: bench.lease())
    }
    try await store.add([moved])
    #expect(try await store.list() == [letter(1)])
    #expect(try await store.claim([1], until: bench.lease()).letters.count == 1)
  }

  @Test(arguments: StoreKind.allCases)
  func `all that several stores add at the same time is kept`(kind: StoreKind) async throws {
    var stores: [any DeadLetterStore] = []
    for _ in 0..<3 { stores.append(try await kind.make(bench, entryLimit: 5000)) }
    let count: UInt64 = 300
    let new = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<count * 2 {
        let store = stores[Int(number) % stores.count]
        // Each twice.
        group.addTask { try await store.add(letter(number / 2)).isNew }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(new == Int(count))
    #expect(try await stores[0].numbers() == (0..<count).reversed().map { $0 })
  }

  @Test(arguments: StoreKind.allCases)
  func `an expired letter is neither seen nor touched`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    try await store.add([
      letter(1, timeToLive: .seconds(10)), letter(2, timeToLive: .seconds(20)),
    ])
    bench.now = letter(1).createdAt + .seconds(10)
    let first = DeadLetterSelection.ids([letter(1).id])
    #expect(try await store.numbers() == [2])
    #expect(try await store.numbers(first) == [])
    #expect(try await store.count(.all) == 1)
    #expect(try await store.statistics().total == 1)
    #expect(try await store.tally(recentLimit: 10).total == 1)
    #expect(try await store.claim([1, 2], until: bench.lease()).letters.map(\.number) == [2])
    #expect(try await store.revise(letter(1).id, params: .emptyObject) == false)
    #expect(try await store.discard(first) == 0)
    #expect(try await store.delete(first) == 0)
  }

  @Test(arguments: StoreKind.allCases)
  func `the id of an expired letter is free again`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    try await store.add([letter(1, timeToLive: .seconds(10))])
    bench.now = letter(1).createdAt + .seconds(10)
    #expect(try await store.add(letter(1, server: "new")).isNew)
    #expect(try await store.list() == [letter(1, server: "new")])
  }

  @Test(arguments: StoreKind.allCases)
  func `a sweep tells of what expired before it, whoever looked meanwhile`(kind: StoreKind)
    async throws
  {
    let store = try await kind.make(bench)
    for number in 1...6 as ClosedRange<UInt64> {
      try await store.add([letter(number, timeToLive: .seconds(Int(number) * 10))])
    }
    bench.now = letter(6).createdAt + .seconds(15)
    #expect(try await store.count(.all) == 5)
    bench.now = letter(6).createdAt + .seconds(35)
    #expect(try await store.list().count == 3)
    try await store.add([letter(7)])
    #expect(try await store.sweep() == 3)
    #expect(try await store.sweep() == 0)
  }

  @Test(arguments: StoreKind.allCases)
  func `a sweep removes what has expired, says how many, and ends leases`(kind: StoreKind)
    async throws
  {
    let store = try await kind.make(bench)
    #expect(try await store.sweep() == 0)
    for number in 1...6 as ClosedRange<UInt64> {
      try await store.add([letter(number, timeToLive: .seconds(number <= 4 ? 10 : 1000))])
    }
    _ = try await store.claim([5], until: bench.lease(.seconds(30)))
    bench.now = letter(6).createdAt + .seconds(60)
    #expect(try await store.sweep() == 4)
    #expect(try await store.sweep() == 0)
    #expect(try await store.list().map(\.state) == [.pending, .pending])
    #expect(try await store.numbers() == [6, 5])
  }

  @Test(arguments: StoreKind.allCases)
  func `a full store drops its oldest and says how many`(kind: StoreKind) async throws {
    let store = try await kind.make(bench, entryLimit: 3)
    let done = letter(3).with { $0.state = .done }
    #expect(try await store.add([letter(2), done, letter(5)]) == 0)
    #expect(try await store.add(letter(4)) == DeadLetterAddition(isNew: true, dropped: 1))
    #expect(try await store.numbers() == [5, 4, 3])
    // Twice the same: nothing must go for it.
    #expect(try await store.add(letter(4)) == DeadLetterAddition(isNew: false, dropped: 0))
    // The oldest is the new one itself.
    #expect(try await store.add(letter(1)) == DeadLetterAddition(isNew: true, dropped: 1))
    #expect(try await store.numbers() == [5, 4, 3])
    #expect(try await store.add(letter(6)) == DeadLetterAddition(isNew: true, dropped: 1))
    #expect(try await store.numbers() == [6, 5, 4])
  }

  @Test(arguments: StoreKind.allCases)
  func `of adds at the same time to a full store all that is dropped is told once`(
    kind: StoreKind
  ) async throws {
    let (store, other) = (
      try await kind.make(bench, entryLimit: 50), try await kind.make(bench, entryLimit: 50)
    )
    let dropped = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<200 as Range<UInt64> {
        let store = number % 4 == 0 ? other : store
        group.addTask { try await store.add(letter(number)).dropped }
      }
      return try await group.reduce(0, +)
    }
    #expect(dropped == 150)
    #expect(try await store.count(.everything) == 50)
  }

  @Test(arguments: StoreKind.allCases)
  func `discarding marks what is pending and says how many`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    for number in 1...6 as ClosedRange<UInt64> {
      try await store.add([letter(number, server: number <= 2 ? "a" : "b")])
    }
    _ = try await store.claim([1, 3], until: bench.lease())
    #expect(try await store.discard(.server(ServerID("a"))) == 1)
    #expect(try await store.discard(.ids([letter(3).id, letter(4).id, letter(9).id])) == 1)
    #expect(try await store.discard(.ids([letter(4).id])) == 0)
    #expect(
      try await store.list().map(\.state)
        == [.pending, .pending, .discarded, .replaying, .discarded, .replaying])
    #expect(try await store.numbers(.all) == [6, 5, 3, 1])
    #expect(
      try await store.list(.ids([letter(2).id])) == [
        letter(2, server: "a").with { $0.state = .discarded }
      ])
    #expect(try await store.discard(.everything) == 2)
  }

  @Test(arguments: StoreKind.allCases)
  func `deleting takes letters of any state and leaves the rest`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    for number in 1...6 as ClosedRange<UInt64> {
      try await store.add([letter(number, server: number <= 2 ? "a" : "b")])
    }
    let claim = try await store.claim([3, 4], until: bench.lease())
    try await store.complete(try #require(claim.letters.first), by: "me")
    _ = try await store.discard(.ids([letter(5).id]))
    #expect(try await store.delete(.ids([letter(3).id, letter(9).id])) == 1)
    #expect(try await store.delete(.server(ServerID("a"))) == 2)
    #expect(try await store.numbers() == [6, 5, 4])
    // The default is open letters, those being replayed among them.
    #expect(try await store.delete(.all) == 2)
    #expect(try await store.delete(.everything) == 1)
    #expect(try await store.delete(.everything) == 0)
    #expect(try await store.list() == [])
  }

  @Test(arguments: StoreKind.allCases)
  func `revising changes the params of a pending letter and keeps the first ones`(
    kind: StoreKind
  ) async throws {
    let store = try await kind.make(bench)
    try await store.add([letter(1), letter(2), letter(3)])
    _ = try await store.claim([2], until: bench.lease())
    _ = try await store.discard(.ids([letter(3).id]))
    let (second, third) = (
      JSONText(unchecked: Array(#"{"name":"b"}"#.utf8)), JSONText(unchecked: Array("{ }".utf8))
    )
    #expect(try await store.revise(letter(1).id, params: second))
    var revised = letter(1).with { ($0.params, $0.original) = (second, $0.params) }
    #expect(try await store.list(.ids([revised.id])) == [revised])
    #expect(try await store.revise(letter(1).id, params: third))
    revised.params = third
    #expect(try await store.list(.ids([revised.id])) == [revised])
    for number in [2, 3, 9] as [UInt64] {
      #expect(try await store.revise(letter(number).id, params: second) == false)
    }
    #expect(try await store.list().map(\.params) == [Letters.text, Letters.text, third])
  }

  @Test(arguments: StoreKind.allCases)
  func `an unreadable letter is listed, counted and deleted, and nothing else`(kind: StoreKind)
    async throws
  {
    let store = try await kind.make(bench)
    try await store.add([letter(1), letter(3)])
    try await kind.addUnreadable(letter(2), to: store, on: bench)
    let id = letter(2).id
    let listed = try await store.list()
    #expect(Set(listed.map(\.id)) == Set([letter(1).id, id, letter(3).id]))
    let unreadable = try #require(listed.first { $0.id == id })
    #expect(unreadable.fault != nil)
    #expect(unreadable.errorKind == DeadLetter.unreadableKind)
    #expect(unreadable.state == .pending)
    #expect(try await store.count(.all) == 3)
    #expect(try await store.statistics().total == 3)
    #expect(try await store.tally(recentLimit: 9).recent.count == 3)
    #expect(
      try await store.list(.matching(DeadLetterFilter(kind: DeadLetter.unreadableKind)))
        == [unreadable])
    let claim = try await store.claim([1, 2], until: bench.lease())
    #expect(claim.letters.map(\.number) == [1])
    #expect(claim.skippedUnsafe == 0)
    #expect(try await store.revise(id, params: .emptyObject) == false)
    #expect(try await store.discard(.ids([id])) == 0)
    #expect(try await store.list(.ids([id])) == [unreadable])
    #expect(try await store.delete(.ids([id])) == 1)
    #expect(try await store.numbers() == [3, 1])
  }

  @Test(arguments: StoreKind.allCases)
  func `params may be as deep as an entry lets them`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    let depth = LetterCodec.limits.depthLimit - 1
    let (open, close) = (
      String(repeating: "[", count: depth - 1), String(repeating: "]", count: depth - 1)
    )
    let deep = letter(1).with {
      $0.params = JSONText(unchecked: Array(#"{"a":\#(open)\#(close)}"#.utf8))
    }
    try await store.add([deep])
    #expect(try await store.list() == [deep])
  }

  @Test(arguments: StoreKind.allCases, foreignIDs)
  func `a letter may have any id`(kind: StoreKind, text: String) async throws {
    let store = try await kind.make(bench)
    let id = DeadLetterID(text)
    let foreign = letter(2).with { $0.id = id }
    try await store.add([letter(1), foreign, letter(3)])
    #expect(try await store.add(foreign).isNew == false)
    #expect(try await store.list() == [letter(3), foreign, letter(1)])
    #expect(try await store.list(.ids([id])) == [foreign])
    let first = try await store.page(.all, after: nil, limit: 2)
    let cursor = first.next.flatMap { DeadLetterCursor($0.text) }
    #expect(cursor == DeadLetterCursor(after: foreign))
    #expect(try await store.page(.all, after: cursor, limit: 2).letters == [letter(1)])
    #expect(try await store.revise(id, params: .emptyObject))
    let claimed = try await store.claim([id], by: "me", isForced: false, until: bench.lease())
    try await store.giveBack(try #require(claimed.letters.first), by: "me")
    let again = try await store.claim([id], by: "me", isForced: false, until: bench.lease())
    try await store.complete(try #require(again.letters.first), by: "me")
    #expect(try await store.list(.ids([id])).map(\.state) == [.done])
    #expect(try await store.delete(.ids([id])) == 1)
    #expect(try await store.numbers() == [3, 1])
  }

  @Test(arguments: StoreKind.allCases)
  func `ids are compared by their bytes`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    let ids = ["e\u{301}", "é", "A", "a", "a ", "a\0"].map { DeadLetterID($0) }
    for id in ids { #expect(try await store.add(letter(1).with { $0.id = id }).isNew) }
    #expect(try await store.list().map(\.id) == ids.sorted(by: >))
    for id in ids { #expect(try await store.list(.ids([id])).map(\.id) == [id]) }
  }

  @Test(arguments: StoreKind.allCases)
  func `a store says where it is, and closes`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    #expect(!store.place.isEmpty)
    try await store.add([letter(1)])
    await store.close()
  }
}
