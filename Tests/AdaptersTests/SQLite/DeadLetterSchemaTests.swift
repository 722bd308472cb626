import Engine
import FleetModel
import Testing

@testable import Adapters

/// The file's versions, and that its queries walk along indexes.
struct DeadLetterSchemaTests {
  private let bench = StoreBench()

  private func open() throws -> SQLiteDeadLetterStore {
    try SQLiteDeadLetterStore(path: bench.lettersFile, wallClock: { [bench] in bench.now })
  }

  /// As version 1 wrote it.
  private static let version1 = """
    CREATE TABLE dead_letters (
      id TEXT PRIMARY KEY NOT NULL, server TEXT NOT NULL, client TEXT NOT NULL,
      method TEXT NOT NULL, target TEXT, params TEXT NOT NULL, error_kind TEXT NOT NULL,
      error_message TEXT NOT NULL, delivery TEXT NOT NULL, is_idempotent INTEGER NOT NULL,
      attempts TEXT NOT NULL, created_at INTEGER NOT NULL, last_attempt_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL, state TEXT NOT NULL, replay_count INTEGER NOT NULL,
      owner TEXT, lease_until INTEGER
    ) STRICT;
    CREATE INDEX dead_letters_by_time ON dead_letters (created_at);
    CREATE INDEX dead_letters_by_server ON dead_letters (server, created_at);
    CREATE INDEX dead_letters_by_expiry ON dead_letters (expires_at);
    PRAGMA application_id=\(0x6D63_7064);
    PRAGMA user_version=1;
    """

  /// As version 2 wrote it.
  private static let version2 = """
    CREATE TABLE dead_letters (
      id TEXT PRIMARY KEY NOT NULL, server TEXT NOT NULL, client TEXT NOT NULL,
      method TEXT NOT NULL, target TEXT, params TEXT NOT NULL, error_kind TEXT NOT NULL,
      error_message TEXT NOT NULL, delivery TEXT NOT NULL, is_idempotent INTEGER NOT NULL,
      attempts TEXT NOT NULL, created_at INTEGER NOT NULL, last_attempt_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL, state TEXT NOT NULL, replay_count INTEGER NOT NULL,
      owner TEXT, lease_until INTEGER, endpoint TEXT NOT NULL DEFAULT '', original TEXT,
      redacted TEXT NOT NULL DEFAULT '[]', needs_token INTEGER NOT NULL DEFAULT 0, fault TEXT,
      is_open INTEGER GENERATED ALWAYS AS (state NOT IN ('done', 'discarded')) VIRTUAL
    ) STRICT;
    CREATE INDEX dead_letters_by_time ON dead_letters (is_open, created_at, id);
    CREATE INDEX dead_letters_by_operation ON dead_letters (method, is_open, created_at, id);
    CREATE INDEX dead_letters_by_client ON dead_letters (client, is_open, created_at, id);
    CREATE INDEX dead_letters_by_server ON dead_letters (server, is_open, created_at, id);
    CREATE INDEX dead_letters_by_kind ON dead_letters (error_kind, is_open, created_at, id);
    CREATE INDEX dead_letters_by_expiry ON dead_letters (expires_at);
    CREATE INDEX dead_letters_by_lease ON dead_letters (lease_until) WHERE state = 'replaying';
    CREATE TABLE letter_counts (
      state TEXT NOT NULL,
      server TEXT NOT NULL,
      client TEXT NOT NULL,
      method TEXT NOT NULL,
      error_kind TEXT NOT NULL,
      delivery TEXT NOT NULL,
      count INTEGER NOT NULL,
      is_open INTEGER GENERATED ALWAYS AS (state NOT IN ('done', 'discarded')) VIRTUAL,
      PRIMARY KEY (state, server, client, method, error_kind, delivery)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER dead_letters_added AFTER INSERT ON dead_letters BEGIN
      INSERT INTO letter_counts (state, server, client, method, error_kind, delivery, count)
      VALUES (NEW.state, NEW.server, NEW.client, NEW.method, NEW.error_kind, NEW.delivery, 1)
      ON CONFLICT (state, server, client, method, error_kind, delivery)
        DO UPDATE SET count = count + excluded.count;
    END;
    CREATE TRIGGER dead_letters_removed AFTER DELETE ON dead_letters BEGIN SELECT 1; END;
    CREATE TRIGGER dead_letters_changed AFTER UPDATE OF state ON dead_letters BEGIN SELECT 1; END;
    PRAGMA application_id=\(0x6D63_7064);
    PRAGMA user_version=2;
    """

  private static func schema(_ version: Int) -> String { version == 1 ? version1 : version2 }

  private static func row(_ number: Int, state: String, owner: String, until: String) -> String {
    """
    INSERT INTO dead_letters (id, server, client, method, target, params, error_kind,
      error_message, delivery, is_idempotent, attempts, created_at, last_attempt_at, expires_at,
      state, replay_count, owner, lease_until)
    VALUES (
      '00000000-0000-0007-0000-00000000000\(number)', 'github', 'agent', 'tools/call',
      'create_issue', '{"name":"créer","n":1.50}', '503', 'Service', 'notSent', 0,
      '[{"at":1000001,"duration":12000000,"result":"503","backoff":0}]', \(1_000_000 + number),
      1000113, 4600001, '\(state)', 2, \(owner), \(until));
    """
  }

  @Test(arguments: [1, 2])
  func `a file of an older version is brought up to this one where it lies`(
    version: Int
  ) async throws {
    let file = try SQLiteConnection(path: bench.lettersFile)
    try file.execute(Self.schema(version))
    try file.execute(Self.row(1, state: "pending", owner: "NULL", until: "NULL"))
    try file.execute(Self.row(2, state: "replaying", owner: "'old'", until: "1060000"))
    try file.execute(Self.row(3, state: "replaying", owner: "'old'", until: "1"))
    let store = try open()
    func expected(_ number: UInt64) -> DeadLetter {
      letter(number).with {
        $0.errorMessage = "Service"
        $0.attempts = [
          Attempt(
            startedAt: letter(1).createdAt, duration: .milliseconds(12), result: "503",
            backoff: .zero)
        ]
        ($0.lastAttemptAt, $0.expiresAt) = (letter(1).lastAttemptAt, letter(1).expiresAt)
        $0.replayCount = 2
      }
    }
    #expect(
      try await store.list() == [
        expected(3).with { $0.delivery = .unknown },
        expected(2).with {
          $0.state = .replaying
          $0.lease = DeadLetter.Lease(
            owner: "old", until: Timestamp(millisecondsSinceEpoch: 1_060_000))
        }, expected(1),
      ])
    var statistics = try await store.statistics()
    statistics.bytes = 0
    statistics.durability = nil
    #expect(statistics == DeadLetterStatistics(recounting: try await store.list()))
    try await store.add([letter(4)])
    #expect(try await store.list(.matching(DeadLetterFilter(kind: "503"))).count == 4)
    #expect(try await open().numbers() == [4, 3, 2, 1])
  }

  @Test(arguments: [1, 2])
  func `a migrated file and a new one are alike`(version: Int) async throws {
    let file = try SQLiteConnection(path: bench.lettersFile)
    try file.execute(Self.schema(version))
    try await open().close()
    let new = StoreBench()
    try await SQLiteDeadLetterStore(path: new.lettersFile, wallClock: { new.now }).close()
    func description(_ path: String) throws -> [[String]] {
      let file = try SQLiteConnection(path: path)
      return try [
        "SELECT type || ' ' || name || ' ' || sql FROM sqlite_schema WHERE name <> 'dead_letters'"
          + " AND sql IS NOT NULL ORDER BY name",
        "SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || coalesce(dflt_value, '')"
          + " || ' ' || pk || ' ' || hidden FROM pragma_table_xinfo('dead_letters') ORDER BY name",
        "PRAGMA user_version", "PRAGMA application_id", "PRAGMA integrity_check",
      ].map { sql in try file.statement(sql).rows { $0.text(0) ?? "" } }
    }
    #expect(try description(bench.lettersFile) == description(new.lettersFile))
  }

  @Test func `a migration that fails leaves the file as it was`() async throws {
    let file = try SQLiteConnection(path: bench.lettersFile)
    try file.execute(Self.version1)
    try file.execute(Self.row(1, state: "pending", owner: "NULL", until: "NULL"))
    // The last thing that the migration makes is in its way.
    try file.execute("CREATE TABLE letter_counts (x)")
    #expect(throws: DeadLetterStoreError.self) { try open() }
    #expect(try file.statement("PRAGMA user_version").rows { $0.integer(0) } == [1])
    try file.execute("DROP TABLE letter_counts")
    #expect(try await open().numbers() == [1])
  }

  struct Plan: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var filter: DeadLetterFilter
    var index: String

    init(_ index: String, _ change: (inout DeadLetterFilter) -> Void) {
      var filter = DeadLetterFilter()
      change(&filter)
      (testDescription, self.filter, self.index) = (index, filter, index)
    }
  }

  static let plans = [
    Plan("dead_letters_by_time") { _ in },
    Plan("dead_letters_by_time") { $0.states = [.pending] },
    Plan("dead_letters_by_time") { $0.states = [.done] },
    Plan("dead_letters_by_time") { $0.text = "x" },
    Plan("dead_letters_by_time") {
      ($0.since, $0.before) = (letter(1).createdAt, letter(2).createdAt)
    },
    Plan("dead_letters_by_operation") { $0.operation = "tools/call" },
    Plan("dead_letters_by_client") { $0.client = "agent" },
    Plan("dead_letters_by_server") { $0.server = ServerID("github") },
    Plan("dead_letters_by_kind") { $0.kind = "503" },
    Plan("dead_letters_by_client") {
      ($0.client, $0.since, $0.deliveries) = ("agent", letter(1).createdAt, [.unknown])
    },
  ]

  @Test(arguments: plans, [true, false])
  func `a page walks along an index and sorts nothing`(plan: Plan, hasCursor: Bool) throws {
    _ = try open()
    let file = try SQLiteConnection(path: bench.lettersFile)
    let cursor = hasCursor ? DeadLetterCursor(after: letter(1)) : nil
    for query in DeadLetterQuery.pages(
      of: plan.filter, after: cursor, limit: 100, now: bench.now)
    {
      let steps = try file.statement("EXPLAIN QUERY PLAN " + query.pageStatement)
        .rows(query.values) { $0.text(3) ?? "" }
      if query.pageStatement.contains("is_fresh = 1") {
        // A thousand at most, which are sorted.
        #expect(steps.first?.contains("USING INDEX dead_letters_fresh (") == true, "\(steps)")
        continue
      }
      #expect(steps.count == 1)
      #expect(steps.first?.contains("USING INDEX \(plan.index) (") == true, "\(steps)")
      if hasCursor {
        #expect(steps.first?.contains("(created_at,id)<(?,?)") == true, "\(steps)")
      }
    }
  }

  @Test(arguments: [
    (DeadLetterStatements.trim, "USING INDEX dead_letters_by_time (is_open=?)"),
    (DeadLetterStatements.span, "USING INDEX dead_letters_by_time (is_open=?)"),
    (DeadLetterStatements.span, "USING INDEX dead_letters_fresh"),
    (DeadLetterStatements.hasFresh, "USING COVERING INDEX dead_letters_fresh"),
    (DeadLetterStatements.freshCount, "USING COVERING INDEX dead_letters_fresh"),
    (DeadLetterStatements.total, "USING INDEX dead_letters_fresh"),
    (DeadLetterStatements.isDue, "USING INDEX dead_letters_by_expiry (expires_at<?)"),
    (DeadLetterStatements.isDue, "dead_letters_fresh (is_fresh=? AND expires_at<?)"),
    (DeadLetterStatements.isDue, "USING INDEX dead_letters_by_lease"),
    (DeadLetterStatements.deleteExpired, "USING INDEX dead_letters_by_expiry (expires_at<?)"),
    (DeadLetterStatements.total, "SCAN letter_counts"),
    (DeadLetterStatements.openCounts(by: "server"), "SCAN letter_counts"),
    (DeadLetterStatements.find, "USING INDEX sqlite_autoindex_dead_letters_1"),
  ])
  func `what every add or tally asks reads no letters`(sql: String, step: String) throws {
    _ = try open()
    let file = try SQLiteConnection(path: bench.lettersFile)
    let steps = try file.statement("EXPLAIN QUERY PLAN " + sql).rows { $0.text(3) ?? "" }
    #expect(steps.contains { $0.contains(step) }, "\(steps)")
    // These have few letters: those that are being replayed, and those that have just come.
    let isSmall = ["dead_letters_by_lease", "dead_letters_fresh"]
    let walks = steps.filter { $0.hasPrefix("SCAN dead_letters") }
    #expect(walks.allSatisfy { walk in isSmall.contains { walk.hasSuffix($0) } }, "\(steps)")
  }
}
