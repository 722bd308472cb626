import CSQLite

/// A value that goes into a statement's `?`.
enum SQLiteValue {
  case integer(Int64)
  /// The bytes go in as they are, so that a text which is no valid UTF-8 survives too.
  case text([UInt8])
  case null

  static func text(_ text: String) -> SQLiteValue { .text(Array(text.utf8)) }

  static func text(_ text: String?) -> SQLiteValue {
    text.map { .text(Array($0.utf8)) } ?? .null
  }
}

/// One prepared statement, bound and stepped as a whole; confined to its connection's actor.
final class SQLiteStatement {
  private let handle: OpaquePointer
  private let connection: OpaquePointer

  init(_ sql: String, on connection: OpaquePointer) throws(SQLiteError) {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(
      connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle else { throw SQLiteError(of: connection) }
    self.handle = handle
    self.connection = connection
  }

  deinit { sqlite3_finalize(handle) }

  /// Runs it to its end; returns how many rows it changed.
  @discardableResult
  func run(_ values: SQLiteValue...) throws(SQLiteError) -> Int {
    try run(values)
  }

  @discardableResult
  func run(_ values: [SQLiteValue]) throws(SQLiteError) -> Int {
    _ = try rows(values) { _ in () }
    return Int(sqlite3_changes64(connection))
  }

  /// Runs it to its end and reads every row.
  func rows<Row>(
    _ values: SQLiteValue..., read: (borrowing SQLiteRow) -> Row
  ) throws(SQLiteError) -> [Row] {
    try rows(values, read: read)
  }

  func rows<Row>(
    _ values: [SQLiteValue], read: (borrowing SQLiteRow) -> Row
  ) throws(SQLiteError) -> [Row] {
    defer {
      sqlite3_reset(handle)
      sqlite3_clear_bindings(handle)
    }
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
    var rows: [Row] = []
    while true {
      switch sqlite3_step(handle) {
      case SQLITE_ROW: rows.append(read(SQLiteRow(handle: handle)))
      case SQLITE_DONE: return rows
      default: throw SQLiteError(of: connection)
      }
    }
  }

  private func bind(_ value: SQLiteValue, at index: Int32) throws(SQLiteError) {
    let code =
      switch value {
      case .integer(let number): sqlite3_bind_int64(handle, index, number)
      case .null: sqlite3_bind_null(handle, index)
      case .text(let bytes):
        bytes.withUnsafeBytes { buffer in
          // An empty array may have no address, and SQLite takes no address for NULL.
          buffer.isEmpty
            ? csqlite_bind_text(handle, index, "", 0)
            : csqlite_bind_text(
              handle, index, buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
              UInt64(buffer.count))
        }
      }
    guard code == SQLITE_OK else { throw SQLiteError(of: connection) }
  }
}

/// The row a statement stands on; valid until its next step.
struct SQLiteRow: ~Copyable {
  fileprivate let handle: OpaquePointer

  func isNull(_ column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// nil for NULL.
  func bytes(_ column: Int32) -> [UInt8]? {
    guard !isNull(column) else { return nil }
    let start = sqlite3_column_blob(handle, column)
    let count = Int(sqlite3_column_bytes(handle, column))
    return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }

  /// nil for NULL; bytes that are no UTF-8 become U+FFFD.
  func text(_ column: Int32) -> String? {
    bytes(column).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension SQLiteError {
  /// The connection's last error.
  init(of connection: OpaquePointer?) {
    self.init(
      code: sqlite3_extended_errcode(connection),
      message: String(cString: sqlite3_errmsg(connection)))
  }
}
