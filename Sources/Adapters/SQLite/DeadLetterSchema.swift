import FleetModel

/// The tables of the dead-letter file and the statements on them.
///
/// ```
/// dead_letters   one row a letter; times are milliseconds since 1970, attempts a JSON array
///                owner and lease_until are set while state is 'replaying'
/// ```
enum DeadLetterSchema {
  /// `mcpd` in ASCII, so that `file(1)` and a second program can tell whose file it is.
  static let applicationID: Int64 = 0x6D63_7064
  static let version: Int64 = 1

  static let creation = """
    CREATE TABLE dead_letters (
      id TEXT PRIMARY KEY NOT NULL,
      server TEXT NOT NULL,
      client TEXT NOT NULL,
      method TEXT NOT NULL,
      target TEXT,
      params TEXT NOT NULL,
      error_kind TEXT NOT NULL,
      error_message TEXT NOT NULL,
      delivery TEXT NOT NULL,
      is_idempotent INTEGER NOT NULL,
      attempts TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      last_attempt_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      state TEXT NOT NULL,
      replay_count INTEGER NOT NULL,
      owner TEXT,
      lease_until INTEGER
    ) STRICT;
    CREATE INDEX dead_letters_by_time ON dead_letters (created_at);
    CREATE INDEX dead_letters_by_server ON dead_letters (server, created_at);
    CREATE INDEX dead_letters_by_expiry ON dead_letters (expires_at);
    PRAGMA application_id=\(applicationID);
    PRAGMA user_version=\(version);
    """

  /// In the order `DeadLetterRow` reads them.
  static let columns = """
    rowid, id, server, client, method, target, params, error_kind, error_message, delivery,
    is_idempotent, attempts, created_at, last_attempt_at, expires_at, state, replay_count,
    lease_until
    """

  static let insert = """
    INSERT INTO dead_letters (id, server, client, method, target, params, error_kind,
      error_message, delivery, is_idempotent, attempts, created_at, last_attempt_at, expires_at,
      state, replay_count)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'pending', ?15)
    ON CONFLICT (id) DO NOTHING
    """

  /// ?1 the most rows there may be; the oldest go.
  static let trim = """
    DELETE FROM dead_letters WHERE rowid IN (
      SELECT rowid FROM dead_letters ORDER BY created_at, id
      LIMIT max(0, (SELECT count(*) FROM dead_letters) - ?1))
    """

  /// ?2 now, ?3 how many; ?1 the selection.
  static func list(_ selection: DeadLetterSelection) -> String {
    """
    SELECT \(columns) FROM dead_letters
    WHERE \(condition(selection)) AND expires_at > ?2
    ORDER BY created_at DESC, id DESC LIMIT ?3
    """
  }

  /// ?1 now. Whoever held these may have sent them before it died.
  static let releaseExpiredLeases = """
    UPDATE dead_letters SET state = 'pending', owner = NULL, lease_until = NULL,
      delivery = CASE delivery WHEN 'executed' THEN delivery ELSE 'unknown' END
    WHERE state = 'replaying' AND (lease_until IS NULL OR lease_until <= ?1)
    """

  private static let isUnsafe = "(delivery IN ('unknown', 'executed') AND is_idempotent = 0)"

  /// ?1 the selection, ?2 now, ?3 whether unsafe ones too, ?4 owner, ?5 end of the lease.
  static func claim(_ selection: DeadLetterSelection) -> String {
    """
    UPDATE dead_letters SET state = 'replaying', owner = ?4, lease_until = ?5
    WHERE \(condition(selection)) AND state = 'pending' AND expires_at > ?2
      AND (?3 OR NOT \(isUnsafe))
    RETURNING \(columns)
    """
  }

  /// ?1 the selection, ?2 now.
  static func countUnsafe(_ selection: DeadLetterSelection) -> String {
    """
    SELECT count(*) FROM dead_letters
    WHERE \(condition(selection)) AND state = 'pending' AND expires_at > ?2 AND \(isUnsafe)
    """
  }

  /// ?1 the rowid.
  static let unclaim = """
    UPDATE dead_letters SET state = 'pending', owner = NULL, lease_until = NULL WHERE rowid = ?1
    """

  static let complete = "DELETE FROM dead_letters WHERE id = ?1"

  /// Leaves a row alone that somebody else claimed after our lease ended.
  static let giveBack = """
    UPDATE dead_letters SET state = 'pending', owner = NULL, lease_until = NULL,
      error_kind = ?2, error_message = ?3, delivery = ?4, attempts = ?5, last_attempt_at = ?6,
      expires_at = ?7, replay_count = ?8
    WHERE id = ?1 AND (owner IS NULL OR owner = ?9)
    """

  static func delete(_ selection: DeadLetterSelection) -> String {
    "DELETE FROM dead_letters WHERE \(condition(selection))"
  }

  static let deleteExpired = "DELETE FROM dead_letters WHERE expires_at <= ?1"

  static let tally = """
    SELECT server, count(*), min(created_at) FROM dead_letters GROUP BY server ORDER BY server
    """

  /// The `WHERE` of a selection; its value is ?1.
  private static func condition(_ selection: DeadLetterSelection) -> String {
    switch selection {
    case .ids: "id IN (SELECT value FROM json_each(?1))"
    case .matching(let filter): filter.server == nil ? "?1 IS NULL" : "server = ?1"
    }
  }

  static func value(_ selection: DeadLetterSelection) -> SQLiteValue {
    switch selection {
    case .ids(let ids):
      var writer = JSONWriter()
      writer.array { list in for id in ids { list.value(id.description) } }
      return .text(writer.bytes)
    case .matching(let filter): return filter.server.map { .text($0.name) } ?? .null
    }
  }
}
