/// The tables of the dead-letter file; docs/dead-letters.md draws them.
///
/// ```
/// dead_letters    one row a letter; times are milliseconds since 1970, attempts and redacted JSON
///                 owner and lease_until are set while state is 'replaying'
///                 fault says why a row cannot be read, once somebody tried
/// letter_counts   how many letters there are by state, and how many open ones by the rest;
///                 kept by triggers, so that no count reads the letters
/// ```
enum DeadLetterSchema {
  /// `mcpd` in ASCII, so that `file(1)` and a second program can tell whose file it is.
  static let applicationID: Int64 = 0x6D63_7064
  static let version: Int64 = 2

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
      is_open INTEGER GENERATED ALWAYS AS (state NOT IN ('done', 'discarded')) VIRTUAL
    ) STRICT;
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
    \(additions)
    \(recount)
    PRAGMA user_version=\(version);
    """

  /// Everything but the table: each listing is one walk along one index.
  private static let additions = """
    CREATE INDEX dead_letters_by_time ON dead_letters (is_open, created_at, id);
    CREATE INDEX dead_letters_by_operation ON dead_letters (method, is_open, created_at, id);
    CREATE INDEX dead_letters_by_client ON dead_letters (client, is_open, created_at, id);
    CREATE INDEX dead_letters_by_server ON dead_letters (server, is_open, created_at, id);
    CREATE INDEX dead_letters_by_kind ON dead_letters (error_kind, is_open, created_at, id);
    CREATE INDEX dead_letters_by_expiry ON dead_letters (expires_at);
    CREATE INDEX dead_letters_by_lease ON dead_letters (lease_until) WHERE state = 'replaying';
    CREATE TABLE letter_counts (
      dimension TEXT NOT NULL,
      name TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (dimension, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER dead_letters_state_added AFTER INSERT ON dead_letters
      BEGIN \(add(1, of: "NEW", [state])) END;
    CREATE TRIGGER dead_letters_added AFTER INSERT ON dead_letters
      WHEN \(isOpen("NEW"))
      BEGIN \(add(1, of: "NEW", dimensions)) END;
    CREATE TRIGGER dead_letters_state_removed AFTER DELETE ON dead_letters
      BEGIN \(add(-1, of: "OLD", [state])) END;
    CREATE TRIGGER dead_letters_removed AFTER DELETE ON dead_letters
      WHEN \(isOpen("OLD"))
      BEGIN \(add(-1, of: "OLD", dimensions)) END;
    CREATE TRIGGER dead_letters_state_changed AFTER UPDATE ON dead_letters
      WHEN OLD.state <> NEW.state
      BEGIN \(add(-1, of: "OLD", [state])) \(add(1, of: "NEW", [state])) END;
    CREATE TRIGGER dead_letters_left AFTER UPDATE ON dead_letters
      WHEN \(isOpen("OLD")) AND \(hasMoved)
      BEGIN \(add(-1, of: "OLD", dimensions)) END;
    CREATE TRIGGER dead_letters_came AFTER UPDATE ON dead_letters
      WHEN \(isOpen("NEW")) AND \(hasMoved)
      BEGIN \(add(1, of: "NEW", dimensions)) END;
    """

  /// Counts everything anew.
  static let recount = """
    DELETE FROM letter_counts;
    INSERT INTO letter_counts (dimension, name, count)
      SELECT 'state', state, count(*) FROM dead_letters GROUP BY state;
    \(dimensions.map { dimension in
      """
      INSERT INTO letter_counts (dimension, name, count)
        SELECT '\(dimension.name)', \(dimension.column), count(*) FROM dead_letters
        WHERE is_open = 1 GROUP BY \(dimension.column);
      """
    }.joined(separator: "\n"))
    """

  /// What letters are counted by.
  private struct Dimension {
    var name: String
    var column: String
  }

  private static let state = Dimension(name: "state", column: "state")

  private static let dimensions = [
    Dimension(name: "operation", column: "method"), Dimension(name: "client", column: "client"),
    Dimension(name: "server", column: "server"), Dimension(name: "kind", column: "error_kind"),
    Dimension(name: "delivery", column: "delivery"),
  ]

  private static func add(_ change: Int, of row: String, _ dimensions: [Dimension]) -> String {
    let values = dimensions.map { "('\($0.name)', \(row).\($0.column), \(change))" }
    return """
      INSERT INTO letter_counts (dimension, name, count)
      VALUES \(values.joined(separator: ", "))
      ON CONFLICT (dimension, name) DO UPDATE SET count = count + excluded.count;
      """
  }

  /// A state that this version does not know is open, so that it is seen.
  private static func isOpen(_ row: String) -> String {
    "\(row).state NOT IN ('done', 'discarded')"
  }

  private static let hasMoved: String = {
    let pairs = dimensions.map { "OLD.\($0.column) <> NEW.\($0.column)" }
    return "(\(isOpen("OLD")) <> (\(isOpen("NEW"))) OR \(pairs.joined(separator: " OR ")))"
  }()
}
