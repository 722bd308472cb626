import CSQLite

/// What libsqlite3 said.
struct SQLiteError: Error, Hashable {
  /// An extended result code of sqlite3.h, or `foreignFile` / `newerSchema`.
  var code: Int32
  var message: String

  /// The file is a database, but not ours.
  static let foreignFile: Int32 = -1
  /// The file was written by a newer version of this program.
  static let newerSchema: Int32 = -2
  /// The file or its directory could not be made.
  static let cannotCreate: Int32 = -3

  /// Nothing can be written, for want of room or of permission, or because somebody else writes;
  /// reading may go on.
  var forbidsWritingOnly: Bool {
    [SQLITE_FULL, SQLITE_READONLY, SQLITE_BUSY].contains(code & 0xFF)
  }

  /// One sentence for the operator: the file, what is wrong with it, and what to do.
  func advice(file: String) -> String {
    switch code {
    case Self.foreignFile:
      return "\(file) is a database of another program; name another file in deadLetters.path"
    case Self.newerSchema:
      return "\(file) was written by a newer mcpdash (\(message)); update mcpdash or move it away"
    case Self.cannotCreate:
      return "cannot create \(file): \(message); choose another place with --state-dir"
    default: return systemAdvice(file: file)
    }
  }

  private func systemAdvice(file: String) -> String {
    switch code & 0xFF {
    case SQLITE_NOTADB:
      "\(file) is not a database; move it away and start again"
    case SQLITE_CORRUPT:
      "\(file) is damaged (\(message)); save it with `sqlite3 \(file) .recover`, then move it away"
    case SQLITE_BUSY, SQLITE_LOCKED:
      "\(file) is locked by another program; end the program that holds it and try again"
    case SQLITE_FULL:
      "no room is left for \(file); free some disk space"
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN, SQLITE_AUTH:
      "cannot open \(file) for writing (\(message)); check its owner and permissions,"
        + " or choose another place with --state-dir"
    case SQLITE_IOERR:
      "reading or writing \(file) failed (\(message)); check the disk"
    default:
      "\(file): \(message) (SQLite error \(code))"
    }
  }
}
