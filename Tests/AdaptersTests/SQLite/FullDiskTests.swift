import Engine
import FleetModel
import Testing

@testable import Adapters

/// The dead-letter file has no room left; SQLite's own page limit stands for the disk's.
struct FullDiskTests {
  private let bench = StoreBench()

  private func full(_ count: UInt64) async throws -> SQLiteDeadLetterStore {
    let store = try SQLiteDeadLetterStore(
      path: bench.lettersFile, wallClock: { [bench] in bench.now })
    try await store.limitPages(1)
    var kept: UInt64 = 0
    while kept < count {
      do { try await store.add([letter(kept)]) } catch { return store }
      kept += 1
    }
    Issue.record("\(count) letters found room")
    return store
  }

  @Test func `a full disk is told clearly, and the store works again when there is room`()
    async throws
  {
    let store = try await full(1000)
    let kept = try await store.list()
    #expect(kept.count > 1)
    let message =
      "no room is left for \(bench.lettersFile); free some disk space"
    await #expect(throws: DeadLetterStoreError(message)) { _ = try await store.add(letter(9999)) }
    #expect(try await store.list() == kept)
    #expect(try await store.count(.all) == kept.count)
    #expect(try await store.statistics().total == kept.count)
    // Deleting makes room, within the pages there are.
    #expect(try await store.delete(.ids(kept.prefix(20).map(\.id))) == min(20, kept.count))
    #expect(try await store.add(letter(9999)).isNew)
    try await store.limitPages(100_000)
    try await store.add((10_000..<10_300).map { letter($0) })
    var statistics = try await store.statistics()
    statistics.bytes = 0
    statistics.durability = nil
    #expect(statistics == DeadLetterStatistics(recounting: try await store.list(limit: 5000)))
  }

  @Test func `of adds at the same time on a full disk each is told`() async throws {
    let store = try await full(1000)
    let count = try await store.count(.all)
    let refused = await withTaskGroup(of: Bool.self) { group in
      for number in 5000..<5500 as Range<UInt64> {
        group.addTask {
          do {
            return try await !store.add(letter(number)).isNew
          } catch {
            return true
          }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(try await store.count(.all) == count + 500 - refused)
    #expect(refused > 0)
  }

  @Test func `what cannot be written can be read, without what has expired`() async throws {
    let store = try SQLiteDeadLetterStore(
      path: bench.lettersFile, wallClock: { [bench] in bench.now })
    try await store.add([
      letter(1, timeToLive: .seconds(10)), letter(2), letter(3, delivery: .notSent),
    ])
    _ = try await store.claim([3], until: bench.lease())
    bench.now = bench.lease()
    try await store.forbidWriting()
    #expect(try await store.numbers() == [3, 2])
    #expect(try await store.list().map(\.state) == [.pending, .pending])
    #expect(try await store.list().map(\.delivery) == [.unknown, .notSent])
    _ = try await store.count(.all)
    _ = try await store.statistics()
    #expect(try await store.tally(recentLimit: 9).recent.map(\.number) == [3, 2])
    await #expect(throws: DeadLetterStoreError.self) { _ = try await store.add(letter(4)) }
  }
}

extension SQLiteDeadLetterStore {
  /// Not below what the file has already.
  fileprivate func limitPages(_ count: Int) throws {
    try file?.connection.execute("PRAGMA max_page_count=\(count)")
  }

  fileprivate func forbidWriting() throws {
    try file?.connection.execute("PRAGMA query_only=ON")
  }
}
