import Engine
import FleetModel
import Foundation
import Testing

@testable import Adapters

/// What is SQLite's own: the file, its mode, its damage.
struct SQLiteDeadLetterStoreTests {
  private let bench = StoreBench()
  private var path: String { bench.directory.file("state/mcpdash/letters.sqlite3") }

  private func open(entryLimit: Int = 100_000) throws -> SQLiteDeadLetterStore {
    try SQLiteDeadLetterStore(
      path: path, entryLimit: entryLimit, wallClock: { [bench] in bench.now })
  }

  /// Changes the file behind the store's back.
  private func edit(_ sql: String) throws { try SQLiteConnection(path: path).execute(sql) }

  private func openingFails() -> String {
    do {
      _ = try open()
      return "it opened"
    } catch {
      return (error as? DeadLetterStoreError)?.message ?? "another error: \(error)"
    }
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    stat(path, &status)
    return status.st_mode & 0o777
  }

  @Test func `what was added is there after the file is opened again`() async throws {
    let store = try open()
    #expect(store.place == path)
    try await store.add([letter(1)])
    await store.close()
    #expect(try await open().list() == [letter(1)])
  }

  @Test func `a closed store says so`() async throws {
    let store = try open()
    await store.close()
    await #expect(throws: DeadLetterStoreError("\(path) is closed")) {
      _ = try await store.add(letter(1))
    }
    await #expect(throws: DeadLetterStoreError.self) { try await store.list() }
    // Nothing of SQLite's is left beside the file.
    #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
  }

  @Test func `what has expired leaves the file, and every index of it (pitfall 40)`() async throws {
    let store = try open()
    for number in 1...20 as ClosedRange<UInt64> {
      try await store.add([letter(number, timeToLive: .seconds(number <= 15 ? 10 : 1000))])
    }
    bench.now = letter(1).createdAt + .seconds(60)
    #expect(try await store.tally(recentLimit: 1).total == 5)
    let file = try SQLiteConnection(path: path)
    for index in ["time", "operation", "client", "server", "kind", "expiry"] {
      let sql =
        "SELECT count(*) FROM dead_letters INDEXED BY dead_letters_by_\(index)"
        + " WHERE is_fresh = 0 AND is_open = 1 AND server = 'github' AND method = 'tools/call'"
        + " AND client = 'agent' AND error_kind = '503' AND expires_at > 0"
      #expect(try file.statement(sql).rows { $0.integer(0) } == [5], "\(index)")
    }
    #expect(try file.statement("PRAGMA integrity_check").rows { $0.text(0) } == ["ok"])
  }

  /// As the engine adds them: its tasks prefer its own loop, so that the store's actor suspends
  /// in more places than its code shows.
  @Test(.timeLimit(.minutes(1)))
  func `every add at once of an engine's tasks returns, and every letter is kept`() async throws {
    let loop = EventLoop(name: "test")
    loop.start()
    defer { loop.stop() }
    let store = try open()
    for round in 0..<20 as Range<UInt64> {
      let adds = (0..<50 as Range<UInt64>).map { number in
        Task(executorPreference: loop) { try await store.add(letter(round * 50 + number)) }
      }
      for add in adds { #expect(try await add.value == DeadLetterAddition(isNew: true)) }
    }
    #expect(try await store.list(limit: 2000).count == 1000)
  }

  @Test func `adds at the same time each learn whether their letter is new`() async throws {
    let store = try open()
    let news = try await withThrowingTaskGroup(of: (UInt64, Bool).self) { group in
      for number in 0..<3000 as Range<UInt64> {
        // Two of three letters come once, the third's id is that of another.
        let id = number % 3 == 2 ? number - 1 : number
        group.addTask { (id, try await store.add(letter(id)).isNew) }
      }
      return try await group.reduce(into: [UInt64: Int]()) { $0[$1.0, default: 0] += $1.1 ? 1 : 0 }
    }
    #expect(news.count == 2000)
    #expect(news.values.allSatisfy { $0 == 1 })
    #expect(try await store.tally(recentLimit: 0).total == 2000)
  }

  @Test func `what was added is seen by another store while the first is still open`()
    async throws
  {
    let (first, second) = (try open(), try open())
    try await first.add([letter(1)])
    #expect(try await second.list() == [letter(1)])
    #expect(try await second.delete(.all) == 1)
    #expect(try await first.tally(recentLimit: 1).total == 0)
  }

  @Test func `the file and its directories are the owner's alone`() async throws {
    let store = try open()
    try await store.add([letter(1)])
    #expect(mode(path) == 0o600)
    #expect(mode(path + "-wal") == 0o600)
    #expect(mode(bench.directory.file("state")) == 0o700)
    #expect(mode(bench.directory.file("state/mcpdash")) == 0o700)
  }

  @Test func `a file that others could read is closed to them`() throws {
    _ = try open()
    chmod(path, 0o644)
    _ = try open()
    #expect(mode(path) == 0o600)
  }

  @Test(arguments: [
    ("delivery = 'perhaps'", "its delivery is unknown to this version"),
    ("state = 'lost'", "its state is unknown to this version"),
    ("attempts = '[{}]'", "its attempts are no list"),
    ("attempts = '['", "its attempts are no list"),
    ("params = '[]'", "its params are no JSON object"),
    ("original = 'x'", "its original params are no JSON object"),
    ("redacted = '[1]'", "its list of secrets is no list"),
    ("id = ''", "it has no id"),
    ("id = CAST(x'61FF' AS TEXT)", "it has no id"),
  ])
  func `a row that cannot be read is seen beside the others, deleted, and never sent`(
    damage: String, fault: String
  ) async throws {
    let store = try open()
    try await store.add([letter(1), letter(2)])
    try edit("UPDATE dead_letters SET \(damage) WHERE rowid = 1")
    #expect(try await store.count(.all) == 2)
    let listed = try await store.list(.all)
    #expect(listed.map(\.errorKind) == ["503", "unreadable"])
    let unreadable = try #require(listed.last)
    #expect(unreadable.fault == fault)
    #expect(unreadable.errorMessage == "this row cannot be read: \(fault); delete it")
    let kind = DeadLetterSelection.matching(DeadLetterFilter(kind: "unreadable"))
    #expect(try await store.list(kind) == [unreadable])
    #expect(try await store.count(kind) == 1)
    var statistics = try await store.statistics()
    statistics.bytes = 0
    statistics.durability = nil
    #expect(statistics == DeadLetterStatistics(recounting: listed))
    let claim = try await store.claim(
      listed.map(\.id), by: "me", isForced: true, until: bench.lease())
    #expect(claim.letters.map(\.number) == [2])
    #expect(try await store.list().map(\.state) == [.replaying, .pending])
    #expect(try await store.tally(recentLimit: 10).recent.count == 2)
    #expect(try await store.delete(.ids([unreadable.id])) == 1)
    #expect(try await store.numbers() == [2])
  }

  @Test func `a damaged row that nobody has listed yet is neither sent nor edited`() async throws {
    let store = try open()
    try await store.add([letter(1), letter(2)])
    try edit("UPDATE dead_letters SET attempts = '{}'")
    #expect(try await store.claim([1, 2], until: bench.lease()).letters == [])
    #expect(try await store.revise(letter(1).id, params: .emptyObject) == false)
    #expect(try await store.list().allSatisfy { $0.fault == "its attempts are no list" })
  }

  @Test func `a file that is no database says so and what to do`() throws {
    _ = try open()
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    try String(repeating: "this is a letter, but not a dead one\n", count: 40)
      .write(toFile: path, atomically: false, encoding: .utf8)
    #expect(
      openingFails()
        == "\(path) is not a database; move it away and start again")
  }

  @Test func `a database of another program is left alone`() throws {
    _ = try open()
    try edit("PRAGMA application_id=77")
    #expect(
      openingFails() == "\(path) is a database of another program; "
        + "name another file in deadLetters.path")
  }

  @Test func `what is not ours keeps its mode and every byte`() throws {
    _ = try open()
    try edit("PRAGMA application_id=77")
    try edit("PRAGMA journal_mode=DELETE")
    let text = bench.directory.file("text")
    try "no database".write(toFile: text, atomically: false, encoding: .utf8)
    let folder = bench.directory.file("state")
    for (place, bits) in [(path, 0o644), (text, 0o640), (folder, 0o755)] as [(String, mode_t)] {
      chmod(place, bits)
      let bytes = FileManager.default.contents(atPath: place)
      #expect(throws: DeadLetterStoreError.self, "\(place)") {
        try SQLiteDeadLetterStore(path: place)
      }
      #expect(mode(place) == bits, "\(place)")
      #expect(FileManager.default.contents(atPath: place) == bytes)
    }
  }

  @Test(arguments: [0, 4])
  func `a file of a version that is not known is left alone`(version: Int) throws {
    _ = try open()
    try edit("PRAGMA user_version=\(version)")
    #expect(
      openingFails() == "\(path) was written by a newer mcpdash "
        + "(schema \(version), this one knows 3); update mcpdash or move it away")
  }

  @Test func `a place that is no directory says so and what to do`() throws {
    try "a file".write(
      toFile: bench.directory.file("state"), atomically: false, encoding: .utf8)
    #expect(
      openingFails() == "cannot create \(path): Not a directory; "
        + "choose another place with --state-dir")
  }

  @Test func `a damaged file fails each call without ending the program`() async throws {
    let store = try open()
    try edit("DROP TABLE dead_letters")
    await #expect(throws: DeadLetterStoreError.self) { _ = try await store.add(letter(1)) }
    await #expect(throws: DeadLetterStoreError.self) { try await store.list() }
  }

  @Test func `more letters than one statement may change are all changed`() throws {
    let file = try DeadLetterFile(path: bench.lettersFile, entryLimit: 100, changeLimit: 3)
    let now = bench.now
    let letters = (1...20).map { letter($0, timeToLive: .seconds($0 <= 10 ? 10 : 3600)) }
    #expect(try file.add(letters, now: now).allSatisfy(\.isNew))
    #expect(try file.discard(.server(ServerID("github")), now: now) == 20)
    #expect(try file.sweep(now: letters[10].createdAt + .seconds(10)) == 10)
    #expect(try file.delete(.everything, now: now) == 10)
    let small = try DeadLetterFile(path: bench.lettersFile, entryLimit: 2, changeLimit: 3)
    #expect(try small.add(letters, now: now).map(\.dropped).reduce(0, +) == 18)
    #expect(try small.count(.everything, now: now) == 2)
    #expect(try small.delete(.everything, now: now) == 2)
  }

  @Test func `letters wait for their indexes until somebody asks, or there are a thousand`()
    throws
  {
    let file = try DeadLetterFile(path: bench.lettersFile, entryLimit: 10_000)
    func fresh() throws -> [Int64] {
      try file.connection.statement(DeadLetterStatements.freshCount).rows { $0.integer(0) }
    }
    let letters = (1...1002).map { letter($0) }
    _ = try file.add([letters[0]], now: bench.now)
    #expect(try fresh() == [1])
    #expect(try file.tally(recentLimit: 0, now: bench.now).total == 1)
    #expect(try fresh() == [0])
    for letter in letters.dropFirst() { _ = try file.add([letter], now: bench.now) }
    #expect(try fresh() == [1])
    // As by hand.
    try file.connection.execute("DELETE FROM dead_letters WHERE is_fresh = 1")
    #expect(try file.count(.everything, now: bench.now) == 1001)
  }

  @Test func `letters that have just come are listed and counted though nothing can be written`()
    throws
  {
    let file = try DeadLetterFile(path: bench.lettersFile, entryLimit: 100)
    let now = bench.now
    _ = try file.add([letter(1), letter(2)], now: now)
    _ = try file.sweep(now: now)
    _ = try file.add(
      [letter(3).with { $0.state = .done }, letter(4).with { $0.errorKind = "timeout" }], now: now)
    try file.connection.execute("PRAGMA query_only=ON")
    #expect(
      try file.page(.everything, after: nil, limit: 10, now: now).letters.map(\.id)
        == [4, 3, 2, 1].map { letter($0).id })
    let cursor = DeadLetterCursor(after: letter(4))
    let page = try file.page(.everything, after: cursor, limit: 1, now: now)
    #expect(page.letters == [letter(3).with { $0.state = .done }])
    #expect(try file.count(.everything, now: now) == 4)
    #expect(try file.count(.matching(DeadLetterFilter(kind: "timeout")), now: now) == 1)
    #expect(
      try file.count(.matching(DeadLetterFilter(since: letter(2).createdAt)), now: now) == 2)
    var statistics = try file.statistics(now: now)
    statistics.bytes = 0
    #expect(
      statistics
        == DeadLetterStatistics(
          recounting: try file.page(.everything, after: nil, limit: 10, now: now).letters))
    let tally = try file.tally(recentLimit: 1, now: now)
    #expect(tally.total == 3 && tally.oldest == letter(1).createdAt)
    #expect(tally.recent == [letter(4).with { $0.errorKind = "timeout" }])
  }

  @Test func `a sweep counts anew what was changed without the triggers`() async throws {
    let store = try open()
    try await store.add([letter(1), letter(2), letter(3)])
    try edit(
      "DELETE FROM letter_counts; INSERT INTO letter_counts"
        + " VALUES ('done', 'x', 'x', 'x', 'x', 'x', 7)")
    #expect(try await store.sweep() == 0)
    var statistics = try await store.statistics()
    statistics.bytes = 0
    statistics.durability = nil
    #expect(statistics == DeadLetterStatistics(recounting: try await store.list()))
  }
}
