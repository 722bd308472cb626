import CLinux
import CSQLite
import Glibc

/// One open database file; confined to the actor that owns it.
final class SQLiteConnection {
  /// How long a statement waits for another process's lock.
  static let busyTimeout = Duration.seconds(5)

  private let handle: OpaquePointer
  private var prepared: [String: SQLiteStatement] = [:]

  /// Opens or creates the file for its owner alone (mode 0600, missing directories 0700), in WAL
  /// mode with an fsync for each commit. Blocks.
  ///
  /// - Parameter applicationID: what a file that holds anything must be marked with; one that is
  ///   not, and what is no file, stays as it is, mode and all.
  init(path: String, applicationID: Int64? = nil) throws(SQLiteError) {
    let isNew = try Self.createFile(path)
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(path, &handle, flags, nil)
    guard code == SQLITE_OK, let handle else {
      let error = SQLiteError(of: handle)
      sqlite3_close_v2(handle)
      throw error
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, Int32(Self.busyTimeout.components.seconds * 1000))
    try execute("PRAGMA trusted_schema=OFF")
    if let applicationID, try !isOurs(applicationID) {
      throw SQLiteError(code: SQLiteError.foreignFile, message: "")
    }
    if !isNew { chmod(path, 0o600) }
    try switchToWAL()
    try execute("PRAGMA synchronous=FULL")
    // A letter writes a page of each index: copying them into the file costs two fsyncs, and the
    // default would do it for every hundred letters. What a large deletion leaves is cut off.
    try execute("PRAGMA wal_autocheckpoint=4000")
    try execute("PRAGMA journal_size_limit=67108864")
    try execute("PRAGMA cache_size=-16384")
  }

  deinit {
    prepared.removeAll()
    sqlite3_close_v2(handle)
  }

  /// Prepares a statement of which there are many; `sql` is made of this program's constants only.
  func passingStatement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    try SQLiteStatement(sql, on: handle)
  }

  /// Statements are prepared once and kept; `sql` is a constant of this program, never made of
  /// data.
  func statement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    if let known = prepared[sql] { return known }
    let statement = try SQLiteStatement(sql, on: handle)
    prepared[sql] = statement
    return statement
  }

  /// Runs statements that return nothing of interest.
  func execute(_ sql: String) throws(SQLiteError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      throw SQLiteError(of: handle)
    }
  }

  /// All of `body` or nothing of it, alone among writers.
  func transaction<Result>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(SQLiteError) -> Result {
    try statement("BEGIN IMMEDIATE").run()
    do throws(SQLiteError) {
      let result = try body()
      try statement("COMMIT").run()
      return result
    } catch {
      // Some errors have rolled back already; a second try then says so, which is no news.
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  /// What `body` reads is of one moment, whatever others write meanwhile.
  func reading<Result>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(SQLiteError) -> Result {
    try statement("BEGIN").run()
    // Nothing was written: whether the end is a success or not changes nothing.
    defer { sqlite3_exec(handle, "COMMIT", nil, nil, nil) }
    return try body()
  }

  /// Empty, or marked as this program's.
  private func isOurs(_ applicationID: Int64) throws(SQLiteError) -> Bool {
    func number(_ sql: String) throws(SQLiteError) -> Int64? {
      try passingStatement(sql).rows { $0.integer(0) }.first
    }
    if try number("PRAGMA application_id") == applicationID { return true }
    return try number("SELECT count(*) FROM sqlite_schema") == 0
  }

  /// Two processes that meet a new file can lock each other out of the switch without SQLite's own
  /// waiting (it would be a deadlock), so the wait is ours.
  private func switchToWAL() throws(SQLiteError) {
    let pause = Duration.milliseconds(20)
    var waited = Duration.zero
    while true {
      do throws(SQLiteError) { return try execute("PRAGMA journal_mode=WAL") } catch {
        guard error.code & 0xFF == SQLITE_BUSY, waited < Self.busyTimeout else { throw error }
      }
      usleep(20_000)
      waited += pause
    }
  }

  /// The file is made by us and not by SQLite, for its mode. An existing file is never opened and
  /// closed here: closing would drop the locks of this process's other connections to it.
  ///
  /// - Returns: whether there was none.
  private static func createFile(_ path: String) throws(SQLiteError) -> Bool {
    if let slash = path.lastIndex(of: "/"),
      let error = PrivateDirectory.make(String(path[...slash]))
    {
      throw SQLiteError(code: SQLiteError.cannotCreate, message: error)
    }
    let file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    if file >= 0 {
      Glibc.close(file)
      return true
    }
    guard errno == EEXIST else {
      throw SQLiteError(code: SQLiteError.cannotCreate, message: String(cString: strerror(errno)))
    }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw SQLiteError(code: SQLiteError.cannotCreate, message: "what is there is no file")
    }
    return false
  }
}
