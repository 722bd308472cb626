import Engine
import FleetModel
import Testing

@testable import Adapters

/// What holds of every store that several processes share: nothing acknowledged is lost when one
/// of them is killed, and nothing is claimed by two.
@Suite(.serialized)
struct DeadLetterStoreProcessTests {
  /// Rounds on one queue before the next begins empty: opening a new queue is killed too.
  private static let roundsPerQueue = 20

  @Test(.timeLimit(.minutes(5)), arguments: StoreKind.shared)
  func `of 200 killed programs every acknowledged letter is there, and none twice`(
    kind: StoreKind
  ) async throws {
    var random = SplitMix64(seed: 11)
    var (acknowledged, roundsWithLetters) = (0, 0)
    for _ in 0..<10 {
      let bench = StoreBench()
      var ids: Set<DeadLetterID> = []
      for round in 0..<Self.roundsPerQueue {
        let store = try await kind.hostArguments(bench)
        let host = try LettersHost(["add"] + store + ["\(round)"])
        if round.isMultiple(of: 2) {
          await host.kill(afterLines: 1 + Int(random.next() % 40))
        } else {
          // While it opens the store too, on a machine that is not too busy.
          host.kill(after: .microseconds(Int(random.next() % 120_000)))
        }
        let end = await host.end()
        #expect(end.signal == 9, "it ended by itself with status \(end.status ?? 0)")
        let new = end.lines.map { DeadLetterID($0) }
        #expect(ids.isDisjoint(with: new))
        ids.formUnion(new)
        acknowledged += new.count
        roundsWithLetters += new.isEmpty ? 0 : 1
        let reader = try await kind.makeReal(bench)
        #expect(try await reader.count(.ids(new)) == new.count, "round \(round)")
        await reader.close()
      }
      let store = try await kind.makeReal(bench)
      let letters = try await store.walk(.everything, limit: 1000)
      #expect(letters.allSatisfy { $0.fault == nil && $0.state == .pending })
      #expect(Set(letters.map(\.id)).count == letters.count)
      #expect(ids.isSubset(of: letters.map(\.id)))
      var statistics = try await store.statistics()
      statistics.bytes = 0
      statistics.durability = nil
      #expect(statistics == DeadLetterStatistics(recounting: letters))
      await store.close()
      try await kind.expectSound(bench)
    }
    #expect(roundsWithLetters >= 100)
    #expect(acknowledged > 1000)
  }

  @Test(.timeLimit(.minutes(2)), arguments: StoreKind.shared)
  func `of two programs that claim at the same time no two get the same letter`(
    kind: StoreKind
  ) async throws {
    let bench = StoreBench()
    let store = try await kind.makeReal(bench)
    let now = SQLiteDeadLetterStore.systemTime()
    let letters = (0..<400).map { number in
      letter(number).with {
        ($0.createdAt, $0.expiresAt) = (now + .milliseconds(Int(number)), now + .seconds(3600))
      }
    }
    try await store.add(letters)
    let place = try await kind.hostArguments(bench)
    let hosts = try ["anna", "otto"].map { try LettersHost(["claim"] + place + [$0]) }
    for host in hosts { #expect(await host.firstWords() == "ready\n") }
    for host in hosts { host.go() }
    var claimed: [String] = []
    for host in hosts {
      let end = await host.end()
      #expect(end.status == 0)
      claimed += end.lines
    }
    #expect(claimed.sorted() == letters.map(\.id.text).sorted())
    #expect(try await store.list().allSatisfy { $0.state == .done })
    await store.close()
  }
}
