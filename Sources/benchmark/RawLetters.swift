import CSQLite
import FleetModel
import Glibc

/// The raw library at the store's durability: one table with its primary key and no other index, a
/// prepared insert, a commit for each row, the bytes of a letter's row.
final class RawLetters {
  private let database: OpaquePointer
  private let insert: OpaquePointer

  init(path: String) throws(BenchmarkError) {
    var database: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    guard sqlite3_open_v2(path, &database, flags, nil) == SQLITE_OK, let database else {
      throw .neverHappened("an open database at \(path)")
    }
    self.database = database
    let columns = (1..<Self.columnCount).map { ", c\($0)" }.joined()
    let setup = """
      PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
      CREATE TABLE letters (id TEXT PRIMARY KEY NOT NULL\(columns));
      """
    guard sqlite3_exec(database, setup, nil, nil, nil) == SQLITE_OK else {
      throw .neverHappened("a table at \(path)")
    }
    let marks = (1...Self.columnCount).map { "?\($0)" }.joined(separator: ", ")
    var insert: OpaquePointer?
    sqlite3_prepare_v3(
      database, "INSERT INTO letters VALUES (\(marks)) ON CONFLICT DO NOTHING", -1,
      UInt32(SQLITE_PREPARE_PERSISTENT), &insert, nil)
    guard let insert else { throw .neverHappened("a prepared insert") }
    self.insert = insert
  }

  deinit {
    sqlite3_finalize(insert)
    sqlite3_close_v2(database)
  }

  private static let columnCount = 21

  /// What the store writes of a letter, its attempts as JSON of the usual length.
  struct Row {
    var texts: [[UInt8]]
    var numbers: [Int64]

    init(_ letter: DeadLetter) {
      let attempt = #"[{"at":1763700000000,"duration":12000000,"result":"503","backoff":0}]"#
      texts = [
        letter.id.text, letter.server.name, letter.client, letter.method, letter.target ?? "",
        letter.endpoint, letter.params.text, "[]", letter.errorKind, letter.errorMessage,
        letter.delivery.rawValue, attempt, letter.state.rawValue,
      ].map { Array($0.utf8) }
      numbers =
        [letter.createdAt, letter.lastAttemptAt, letter.expiresAt]
        .map(\.millisecondsSinceEpoch) + [0, 0, 0]
    }
  }

  func add(_ row: Row) throws(BenchmarkError) {
    for (index, text) in row.texts.enumerated() {
      text.withUnsafeBytes { bytes in
        _ = csqlite_bind_text(
          insert, Int32(index + 1), bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
          UInt64(bytes.count))
      }
    }
    for (index, number) in row.numbers.enumerated() {
      sqlite3_bind_int64(insert, Int32(row.texts.count + index + 1), number)
    }
    guard sqlite3_step(insert) == SQLITE_DONE else { throw .neverHappened("a row") }
    sqlite3_reset(insert)
  }
}
