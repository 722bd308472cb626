/// The tables of the dead-letter file; docs/dead-letters.md draws them.
///
/// ```
/// dead_letters    one row a letter; times are milliseconds since 1970, attempts and redacted JSON
///                 owner and lease_until are set while state is 'replaying'
///                 fault says why a row cannot be read, once somebody tried
///                 is_fresh is 1 until the row is in the indexes and counts
/// letter_counts   how many letters are alike in what lists are asked by; kept by triggers, so that
///                 no count reads the letters
/// letter_tally    the same and the fresh ones
/// ```
///
/// A row is not put into six indexes and a count when it is added, for that writes seven pages more
/// to the disk; whoever asks next does it for all that have come meanwhile.
enum DeadLetterSchema {
  /// `mcpd` in ASCII, so that `file(1)` and a second program can tell whose file it is.
  static let applicationID: Int64 = 0x6D63_7064
  static let version: Int64 = 3

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
      lease_until INTEGER,
      endpoint TEXT NOT NULL DEFAULT '',
      original TEXT,
      redacted TEXT NOT NULL DEFAULT '[]',
      needs_token INTEGER NOT NULL DEFAULT 0,
      fault TEXT,
      is_open INTEGER GENERATED ALWAYS AS (state NOT IN ('done', 'discarded')) VIRTUAL,
      is_fresh INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    \(counts)
    \(additions)
    PRAGMA application_id=\(applicationID);
    PRAGMA user_version=\(version);
    """

  /// From version 1, which kept open letters only and counted by reading them.
  static let migrationFrom1 = """
    DROP INDEX dead_letters_by_time;
    DROP INDEX dead_letters_by_server;
    DROP INDEX dead_letters_by_expiry;
    ALTER TABLE dead_letters ADD COLUMN endpoint TEXT NOT NULL DEFAULT '';
    ALTER TABLE dead_letters ADD COLUMN original TEXT;
    ALTER TABLE dead_letters ADD COLUMN redacted TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE dead_letters ADD COLUMN needs_token INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE dead_letters ADD COLUMN fault TEXT;
    ALTER TABLE dead_letters ADD COLUMN
      is_open INTEGER GENERATED ALWAYS AS (state NOT IN ('done', 'discarded')) VIRTUAL;
    ALTER TABLE dead_letters ADD COLUMN is_fresh INTEGER NOT NULL DEFAULT 0;
    \(counts)
    \(additions)
    \(recount)
    PRAGMA user_version=\(version);
    """

  /// From version 2, which put each letter into all indexes at once.
  static let migrationFrom2 = """
    DROP INDEX dead_letters_by_time;
    DROP INDEX dead_letters_by_operation;
    DROP INDEX dead_letters_by_client;
    DROP INDEX dead_letters_by_server;
    DROP INDEX dead_letters_by_kind;
    DROP INDEX dead_letters_by_expiry;
    DROP INDEX dead_letters_by_lease;
    DROP TRIGGER dead_letters_added;
    DROP TRIGGER dead_letters_removed;
    DROP TRIGGER dead_letters_changed;
    ALTER TABLE dead_letters ADD COLUMN is_fresh INTEGER NOT NULL DEFAULT 0;
    \(additions)
    PRAGMA user_version=\(version);
    """

  /// Each listing is one walk along one index.
  private static let additions = """
    CREATE INDEX dead_letters_by_time
      ON dead_letters (is_open, created_at, id) WHERE is_fresh = 0;
    CREATE INDEX dead_letters_by_operation
      ON dead_letters (method, is_open, created_at, id) WHERE is_fresh = 0;
    CREATE INDEX dead_letters_by_client
      ON dead_letters (client, is_open, created_at, id) WHERE is_fresh = 0;
    CREATE INDEX dead_letters_by_server
      ON dead_letters (server, is_open, created_at, id) WHERE is_fresh = 0;
    CREATE INDEX dead_letters_by_kind
      ON dead_letters (error_kind, is_open, created_at, id) WHERE is_fresh = 0;
    CREATE INDEX dead_letters_by_expiry ON dead_letters (expires_at) WHERE is_fresh = 0;
    CREATE INDEX dead_letters_by_lease ON dead_letters (lease_until) WHERE state = 'replaying';
    CREATE INDEX dead_letters_fresh ON dead_letters (is_fresh, expires_at) WHERE is_fresh = 1;
    CREATE VIEW letter_tally AS
      SELECT \(list(counted)), is_open, 0 AS is_fresh, count FROM letter_counts
      UNION ALL
      SELECT \(list(counted)), is_open, 1, 1 FROM dead_letters WHERE is_fresh = 1;
    CREATE TRIGGER dead_letters_added AFTER INSERT ON dead_letters
      WHEN NEW.is_fresh = 0 BEGIN \(count("NEW", 1)) END;
    CREATE TRIGGER dead_letters_removed AFTER DELETE ON dead_letters
      WHEN OLD.is_fresh = 0 BEGIN \(count("OLD", -1)) END;
    CREATE TRIGGER dead_letters_left \(whenChanged) AND OLD.is_fresh = 0
      BEGIN \(count("OLD", -1)) END;
    CREATE TRIGGER dead_letters_entered \(whenChanged) AND NEW.is_fresh = 0
      BEGIN \(count("NEW", 1)) END;
    """

  private static let counts = """
    CREATE TABLE letter_counts (
      state TEXT NOT NULL,
      server TEXT NOT NULL,
      client TEXT NOT NULL,
      method TEXT NOT NULL,
      error_kind TEXT NOT NULL,
      delivery TEXT NOT NULL,
      count INTEGER NOT NULL,
      is_open INTEGER GENERATED ALWAYS AS (state NOT IN ('done', 'discarded')) VIRTUAL,
      PRIMARY KEY (\(list(counted)))
    ) STRICT, WITHOUT ROWID;
    """

  /// Counts everything anew.
  static let recount = """
    DELETE FROM letter_counts;
    INSERT INTO letter_counts (\(list(counted)), count)
      SELECT \(list(counted)), count(*) FROM dead_letters WHERE is_fresh = 0
      GROUP BY \(list(counted));
    """

  /// What letters are counted by, all at once.
  private static let counted = ["state", "server", "client", "method", "error_kind", "delivery"]

  private static let whenChanged = """
    AFTER UPDATE OF \(list(counted)), is_fresh ON dead_letters
      WHEN (\((counted + ["is_fresh"]).map { "OLD.\($0) <> NEW.\($0)" }.joined(separator: " OR ")))
    """

  private static func count(_ row: String, _ change: Int) -> String {
    """
    INSERT INTO letter_counts (\(list(counted)), count)
      VALUES (\(list(counted.map { "\(row).\($0)" })), \(change))
      ON CONFLICT (\(list(counted))) DO UPDATE SET count = count + excluded.count;
    """
  }

  private static func list(_ columns: [String]) -> String { columns.joined(separator: ", ") }
}
