/// The statements of the dead-letter file that are always the same.
enum DeadLetterStatements {
  /// Those a letter is written in, in the order of `DeadLetterRow.values`: ?1, ?2 and so on.
  private static let written = [
    "id", "server", "client", "method", "target", "endpoint", "params", "original", "redacted",
    "needs_token", "error_kind", "error_message", "delivery", "is_idempotent", "attempts",
    "created_at", "last_attempt_at", "expires_at", "state", "replay_count", "fault",
  ]

  /// In the order `DeadLetterRow` reads them.
  static let columns = (["rowid"] + written + ["owner", "lease_until"]).joined(separator: ", ")

  static let insert = """
    INSERT INTO dead_letters (\(written.joined(separator: ", ")), is_fresh)
    VALUES (\(written.indices.map { "?\($0 + 1)" }.joined(separator: ", ")), 1)
    ON CONFLICT (id) DO NOTHING
    """

  /// The values of a letter and the owner behind them; leaves a row alone that the owner lost.
  static let giveBack = """
    UPDATE dead_letters SET owner = NULL, lease_until = NULL,
      \(written.indices.dropFirst().map { "\(written[$0]) = ?\($0 + 1)" }.joined(separator: ", "))
    WHERE id = ?1 AND state = 'replaying' AND owner = ?\(written.count + 1)
    """

  /// ?1 id, ?2 owner.
  static let complete = """
    UPDATE dead_letters SET state = 'done', owner = NULL, lease_until = NULL
    WHERE id = ?1 AND state = 'replaying' AND owner = ?2
    """

  /// ?1 rowid, ?2 owner, ?3 the lease's end.
  static let claim = """
    UPDATE dead_letters SET state = 'replaying', owner = ?2, lease_until = ?3 WHERE rowid = ?1
    """

  /// ?1 rowid, ?2 params.
  static let revise = """
    UPDATE dead_letters SET original = coalesce(original, params), params = ?2 WHERE rowid = ?1
    """

  /// ?1 rowid, ?2 the id it is listed under, ?3 the fault.
  static let mark = """
    UPDATE dead_letters SET id = ?2, fault = ?3, error_kind = 'unreadable',
      state = CASE WHEN state IN ('pending', 'replaying', 'done', 'discarded') THEN state
        ELSE 'pending' END,
      delivery = CASE WHEN delivery IN ('notSent', 'refused', 'unknown', 'executed') THEN delivery
        ELSE 'unknown' END
    WHERE rowid = ?1
    """

  /// ?1 id, ?2 now.
  static let find = "SELECT \(columns) FROM dead_letters WHERE id = ?1 AND expires_at > ?2"
  static let time = "SELECT created_at FROM dead_letters WHERE id = ?1 AND expires_at > ?2"

  /// ?1 id.
  static let discardOne = """
    UPDATE dead_letters SET state = 'discarded'
    WHERE id = ?1 AND state = 'pending' AND fault IS NULL
    """
  static let deleteOne = "DELETE FROM dead_letters WHERE id = ?1"

  /// ?1 how many of the oldest go.
  static let trim = """
    DELETE FROM dead_letters WHERE rowid IN (
      SELECT number FROM (
        SELECT * FROM (
          SELECT rowid AS number, created_at, id FROM dead_letters
          WHERE is_fresh = 0 AND is_open = 1 ORDER BY created_at, id LIMIT ?1)
        UNION ALL
        SELECT * FROM (
          SELECT rowid AS number, created_at, id FROM dead_letters
          WHERE is_fresh = 0 AND is_open = 0 ORDER BY created_at, id LIMIT ?1)
        ORDER BY created_at, id LIMIT ?1))
    """

  /// Into the indexes and counts.
  static let settle = "UPDATE dead_letters SET is_fresh = 0 WHERE is_fresh = 1"
  static let freshCount = "SELECT count(*) FROM dead_letters WHERE is_fresh = 1"
  static let hasFresh = "SELECT EXISTS (SELECT 1 FROM dead_letters WHERE is_fresh = 1)"

  /// ?1 now: whether something has expired or a lease has ended.
  static let isDue = """
    SELECT EXISTS (
        SELECT 1 FROM dead_letters INDEXED BY dead_letters_by_expiry
        WHERE is_fresh = 0 AND expires_at <= ?1)
      OR EXISTS (
        SELECT 1 FROM dead_letters INDEXED BY dead_letters_fresh
        WHERE is_fresh = 1 AND expires_at <= ?1)
      OR EXISTS (
        SELECT 1 FROM dead_letters INDEXED BY dead_letters_by_lease
        WHERE state = 'replaying' AND (lease_until IS NULL OR lease_until <= ?1))
    """

  /// ?1 now, ?2 how many at most.
  static let deleteExpired = """
    DELETE FROM dead_letters
    WHERE rowid IN (
      SELECT rowid FROM dead_letters WHERE is_fresh = 0 AND expires_at <= ?1 LIMIT ?2)
    """

  /// ?1 now. Whoever held these may have sent them before it died.
  static let releaseLeases = """
    UPDATE dead_letters INDEXED BY dead_letters_by_lease
    SET state = 'pending', owner = NULL, lease_until = NULL,
      delivery = CASE delivery WHEN 'executed' THEN delivery ELSE 'unknown' END
    WHERE state = 'replaying' AND (lease_until IS NULL OR lease_until <= ?1)
    """

  /// Letters of every state.
  static let total = "SELECT coalesce(sum(count), 0) FROM letter_tally"
  /// Changes with what other connections write, and with nothing else.
  static let othersChanges = "PRAGMA data_version"
  static let stateCounts = "SELECT state, sum(count) FROM letter_tally GROUP BY state"

  /// Of the open letters, by one of the columns.
  static func openCounts(by column: String) -> String {
    """
    SELECT \(column), sum(count) FROM letter_tally WHERE is_open = 1 GROUP BY \(column)
    """
  }

  static let forgetZeros = "DELETE FROM letter_counts WHERE count = 0"
  static let isMiscounted = "SELECT (\(total)) <> (SELECT count(*) FROM dead_letters)"

  /// Creation times of the oldest and the newest open letter; NULL where there is none.
  static let span = """
    SELECT min(oldest), max(newest) FROM (
      SELECT
        (SELECT min(created_at) FROM dead_letters WHERE is_fresh = 0 AND is_open = 1) AS oldest,
        (SELECT max(created_at) FROM dead_letters WHERE is_fresh = 0 AND is_open = 1) AS newest
      UNION ALL
      SELECT min(created_at), max(created_at) FROM dead_letters WHERE is_fresh = 1 AND is_open = 1)
    """

  /// Bytes of the file's pages that are in use.
  static let size = """
    SELECT (page_count - freelist_count) * page_size
    FROM pragma_page_count, pragma_freelist_count, pragma_page_size
    """
}
