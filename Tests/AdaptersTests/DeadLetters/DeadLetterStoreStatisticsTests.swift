import Engine
import FleetModel
import Testing

/// How every dead-letter store counts.
struct DeadLetterStoreStatisticsTests {
  private let bench = StoreBench()

  @Test(arguments: StoreKind.allCases)
  func `the statistics are of open letters, but for those by state`(kind: StoreKind)
    async throws
  {
    let store = try await kind.make(bench)
    let none = try await store.statistics()
    #expect(none.total == 0)
    #expect(none.byState == [])
    #expect(none.oldest == nil)
    try await store.add([
      letter(1, server: "a").with { $0.state = .done }, letter(2, server: "b"),
      letter(3, server: "c", delivery: .unknown).with { $0.client = "x" },
      letter(4, server: "b"), letter(5, server: "d").with { $0.state = .discarded },
      letter(6, server: "a").with { $0.state = .discarded },
    ])
    _ = try await store.claim([2], until: bench.lease())
    let statistics = try await store.statistics()
    func counts(_ counts: KeyValuePairs<String, Int>) -> [DeadLetterStatistics.Count] {
      counts.map { DeadLetterStatistics.Count(name: $0.key, count: $0.value) }
    }
    #expect(statistics.total == 3)
    #expect(
      statistics.byState == counts(["pending": 2, "replaying": 1, "done": 1, "discarded": 2]))
    #expect(statistics.byServer == counts(["b": 2, "c": 1]))
    #expect(statistics.byClient == counts(["agent": 2, "x": 1]))
    #expect(statistics.byOperation == counts(["tools/call": 3]))
    #expect(statistics.byKind == counts(["503": 3]))
    #expect(statistics.byDelivery == counts(["notSent": 2, "unknown": 1]))
    #expect(statistics.oldest == letter(2).createdAt)
    #expect(statistics.newest == letter(4).createdAt)
    #expect(statistics.bytes > 0)
  }

  /// All that can change a count, in random order.
  @Test(arguments: StoreKind.allCases, 1...3 as ClosedRange<UInt64>)
  func `the statistics and the tally equal a recount`(kind: StoreKind, seed: UInt64)
    async throws
  {
    let stores = [
      try await kind.make(bench, entryLimit: 120), try await kind.make(bench, entryLimit: 120),
    ]
    var random = SplitMix64(seed: seed)
    for turn in 0..<60 as Range<UInt64> {
      let store = stores[Int(random.next() % 2)]
      let some = try await store.list().filter { _ in random.next() % 8 == 0 }
      switch random.next() % 8 {
      case 0...2:
        for number in 0..<10 {
          let letter = Letters.random(turn * 10 + UInt64(number), using: &random)
          let lifetime = Duration.seconds(Int(5 + random.next() % 900))
          try await store.add([letter.with { $0.expiresAt = bench.now + lifetime }])
        }
      case 3:
        _ = try await store.claim(
          some.map(\.id), by: "owner", isForced: random.next() % 2 == 0, until: bench.lease())
      case 4: for letter in some { try await store.complete(letter, by: "owner") }
      case 5:
        for letter in some {
          let failed = Letters.random(0, using: &random)
          let changed = letter.with {
            ($0.errorKind, $0.delivery) = (failed.errorKind, failed.delivery)
          }
          try await store.giveBack(changed, by: "owner")
        }
      case 6:
        let filter = Letters.randomFilter(using: &random)
        _ = try await store.discard(.matching(filter))
        _ = try await store.delete(.ids(some.prefix(3).map(\.id)))
      default: bench.now = bench.now + .seconds(Int(random.next() % 40))
      }
      try await expectCounts(stores[Int(random.next() % 2)])
    }
  }

  private func expectCounts(_ store: any DeadLetterStore) async throws {
    let letters = try await store.list()
    var statistics = try await store.statistics()
    statistics.bytes = 0
    statistics.durability = nil
    #expect(statistics == DeadLetterStatistics(recounting: letters))
    let open = letters.filter { DeadLetter.State.open.contains($0.state) }
    let tally = try await store.tally(recentLimit: 7)
    #expect(tally.total == open.count)
    #expect(tally.oldest == open.last?.createdAt)
    #expect(tally.recent == Array(open.prefix(7)))
    #expect(
      tally.byServer.map { [$0.server.name: $0.count] }
        == Dictionary(grouping: open, by: \.server).sorted { $0.key < $1.key }
        .map { [$0.key.name: $0.value.count] })
  }

  @Test(arguments: StoreKind.allCases)
  func `the tally is of open letters by server, with the oldest and the newest`(kind: StoreKind)
    async throws
  {
    let store = try await kind.make(bench)
    var none = try await store.tally(recentLimit: 2)
    #expect(none.durability?.grade == (kind == .sqlite ? .durable : .lossy))
    #expect(try await store.statistics().durability == none.durability)
    none.durability = nil
    #expect(none == DeadLetterTally())
    for number in 1...6 as ClosedRange<UInt64> {
      try await store.add([letter(number, server: number % 2 == 0 ? "b" : "a")])
    }
    _ = try await store.claim([5], until: bench.lease())
    _ = try await store.discard(.ids([letter(1).id]))
    let tally = try await store.tally(recentLimit: 2)
    #expect(tally.total == 5)
    #expect(
      tally.byServer == [
        .init(server: ServerID("a"), count: 2), .init(server: ServerID("b"), count: 3),
      ])
    #expect(tally.oldest == letter(2).createdAt)
    #expect(tally.recent.map(\.number) == [6, 5])
    #expect(tally.recent.map(\.state) == [.pending, .replaying])
    #expect(try await store.tally(recentLimit: 0).recent == [])
  }
}

extension DeadLetterStatistics {
  /// Without the bytes.
  init(recounting letters: [DeadLetter]) {
    self.init()
    let open = letters.filter { DeadLetter.State.open.contains($0.state) }
    func counts(_ names: [String]) -> [Count] {
      Set(names).map { name in Count(name: name, count: names.count { $0 == name }) }
        .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }
    total = open.count
    let states = letters.map(\.state)
    byState = DeadLetter.State.allCases.filter(states.contains).map { state in
      Count(name: state.rawValue, count: states.count { $0 == state })
    }
    byOperation = counts(open.map(\.method))
    byClient = counts(open.map(\.client))
    byServer = counts(open.map(\.server.name))
    byKind = counts(open.map(\.errorKind))
    byDelivery = counts(open.map(\.delivery.rawValue))
    oldest = open.map(\.createdAt).min()
    newest = open.map(\.createdAt).max()
  }
}
