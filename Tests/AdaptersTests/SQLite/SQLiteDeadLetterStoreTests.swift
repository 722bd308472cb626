@testable import Adapters
import Engine
import FleetModel
import Foundation
import Testing

/// What is SQLite's own: the file, its mode, its damage.
struct SQLiteDeadLetterStoreTests {
  private let bench = StoreBench()
  private var path: String { bench.directory.file("state/mcpdash/letters.sqlite3") }

  private func open() throws -> SQLiteDeadLetterStore {
    try SQLiteDeadLetterStore(path: path, wallClock: { [bench] in bench.now })
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
    try await open().add(letter(1))
    #expect(try await open().list(.all, limit: 10) == [letter(1)])
  }

  @Test func `what has expired leaves the file, and every index of it (pitfall 40)`() async throws {
    let store = try open()
    for number in 1...20 as ClosedRange<UInt64> {
      try await store.add(letter(number, timeToLive: .seconds(number <= 15 ? 10 : 1000)))
    }
    bench.now = letter(1).createdAt + .seconds(60)
    #expect(try await store.tally(now: bench.now, recentLimit: 1).total == 5)
    let file = try SQLiteConnection(path: path)
    for index in ["by_time", "by_server", "by_expiry"] {
      let sql =
        "SELECT count(*) FROM dead_letters INDEXED BY dead_letters_\(index)"
        + " WHERE created_at > 0 AND server = 'github' AND expires_at > 0"
      #expect(try file.statement(sql).rows { $0.integer(0) } == [5])
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
      for add in adds { try await add.value }
    }
    #expect(try await store.list(.all, limit: 2000).count == 1000)
  }

  @Test func `what was added is seen by another store while the first is still open`()
    async throws
  {
    let (first, second) = (try open(), try open())
    try await first.add(letter(1))
    #expect(try await second.list(.all, limit: 10) == [letter(1)])
    #expect(try await second.delete(.all) == 1)
    #expect(try await first.tally(now: bench.now, recentLimit: 1).total == 0)
  }

  @Test func `the file and its directories are the owner's alone`() async throws {
    let store = try open()
    try await store.add(letter(1))
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
    ("id = 'x'", "its id is no UUID"),
  ])
  func `a row that cannot be read is listed as such beside the others and never claimed`(
    damage: String, fault: String
  ) async throws {
    let store = try open()
    try await store.add(letter(1))
    try await store.add(letter(2))
    try edit("UPDATE dead_letters SET \(damage) WHERE rowid = 1")
    let listed = try await store.list(.all, limit: 10)
    #expect(listed.map(\.errorKind) == ["503", "unreadable"])
    #expect(listed.last?.errorMessage == "this row cannot be read: \(fault); delete it")
    let claim = try await store.claim(
      .all, force: true, now: bench.now, leaseUntil: bench.now + .seconds(60))
    #expect(claim.letters.map(\.id.low) == [2])
    #expect(try await store.list(.all, limit: 10).map(\.state) == [.replaying, .pending])
    #expect(try await store.tally(now: bench.now, recentLimit: 10).total == 2)
    #expect(try await store.delete(.all) == 2)
  }

  @Test func `a file that is no database says so and what to do`() throws {
    _ = try open()
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    try String(repeating: "this is a letter, but not a dead one\n", count: 40)
      .write(toFile: path, atomically: false, encoding: .utf8)
    #expect(
      openingFails()
        == "dead letters: \(path) is not a database; move it away and start again")
  }

  @Test func `a database of another program is left alone`() throws {
    _ = try open()
    try edit("PRAGMA application_id=77")
    #expect(
      openingFails() == "dead letters: \(path) is a database of another program; "
        + "name another file in deadLetters.path")
  }

  @Test func `a file of a newer version is left alone`() throws {
    _ = try open()
    try edit("PRAGMA user_version=2")
    #expect(
      openingFails() == "dead letters: \(path) was written by a newer mcpdash "
        + "(schema 2, this one knows 1); update mcpdash or move it away")
  }

  @Test func `a place that is no directory says so and what to do`() throws {
    try "a file".write(
      toFile: bench.directory.file("state"), atomically: false, encoding: .utf8)
    #expect(
      openingFails() == "dead letters: cannot create \(path): Not a directory; "
        + "choose another place with --state-dir")
  }

  @Test func `a damaged file fails each call without ending the program`() async throws {
    let store = try open()
    try edit("DROP TABLE dead_letters")
    await #expect(throws: DeadLetterStoreError.self) { try await store.add(letter(1)) }
    await #expect(throws: DeadLetterStoreError.self) { try await store.list(.all, limit: 1) }
  }

  @Test func `adds at the same time are all kept`() async throws {
    let store = try open()
    try await withThrowingTaskGroup { group in
      for number in 0..<3000 as Range<UInt64> {
        group.addTask { try await store.add(letter(number)) }
      }
      try await group.waitForAll()
    }
    #expect(try await store.tally(now: bench.now, recentLimit: 0).total == 3000)
  }
}
