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

  private static func row(_ number: Int, state: String, owner: String, until: String) -> String {
    """
    INSERT INTO dead_letters VALUES (
      '00000000-0000-0007-0000-00000000000\(number)', 'github', 'agent', 'tools/call',
      'create_issue', '{"name":"créer","n":1.50}', '503', 'Service', 'notSent', 0,
      '[{"at":1000001,"duration":12000000,"result":"503","backoff":0}]', \(1_000_000 + number),
      1000113, 4600001, '\(state)', 2, \(owner), \(until));
    """
  }

  @Test func `a file of version 1 is brought up to this one where it lies`() async throws {
    let file = try SQLiteConnection(path: bench.lettersFile)
    try file.execute(Self.version1)
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

  @Test func `a migrated file and a new one are alike`() async throws {
    let file = try SQLiteConnection(path: bench.lettersFile)
    try file.execute(Self.version1)
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
    (DeadLetterStatements.isDue, "USING COVERING INDEX dead_letters_by_expiry"),
    (DeadLetterStatements.isDue, "USING INDEX dead_letters_by_lease"),
    (DeadLetterStatements.deleteExpired, "USING COVERING INDEX dead_letters_by_expiry"),
    (DeadLetterStatements.total, "SCAN letter_counts"),
    (DeadLetterStatements.openCounts(by: "server"), "SCAN letter_counts"),
    (DeadLetterStatements.find, "USING INDEX sqlite_autoindex_dead_letters_1"),
  ])
  func `what every add or tally asks reads no letters`(sql: String, step: String) throws {
    _ = try open()
    let file = try SQLiteConnection(path: bench.lettersFile)
    let steps = try file.statement("EXPLAIN QUERY PLAN " + sql).rows { $0.text(3) ?? "" }
    #expect(steps.contains { $0.contains(step) }, "\(steps)")
    // The index of the leases has those of the letters alone that are being replayed.
    let walks = steps.filter { $0.hasPrefix("SCAN dead_letters") }
    #expect(walks.allSatisfy { $0.hasSuffix("USING INDEX dead_letters_by_lease") }, "\(steps)")
  }
}
