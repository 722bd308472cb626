import Engine
import FleetModel

/// The dead-letter file and what can be asked of it; blocks, and is confined to the store's actor.
final class DeadLetterFile {
  private typealias Statements = DeadLetterStatements

  let connection: SQLiteConnection
  private let entryLimit: Int
  /// Rows that one statement changes at most: what it would need to be undone is held in memory.
  private let changeLimit: Int
  /// Nil after anything but adds: then it must be counted.
  private var total: Total?
  /// Letters that whoever asked has removed since the last sweep, which tells how many expired.
  private var untoldExpired = 0

  /// Letters that may wait outside of the indexes: reading them takes a millisecond.
  private static let freshLimit = 1000

  /// Letters of every state, as long as nobody else has changed the file.
  private struct Total {
    var count: Int
    /// Of these, not in the indexes yet.
    var fresh: Int
    var othersChanges: Int64
  }

  /// Opens or creates the file; one of an older version is brought up to this one's.
  init(path: String, entryLimit: Int, changeLimit: Int = 10_000) throws(SQLiteError) {
    connection = try SQLiteConnection(path: path, applicationID: DeadLetterSchema.applicationID)
    self.entryLimit = entryLimit
    self.changeLimit = changeLimit
    try prepareSchema()
    // Where the triggers run, SQLite notes each page as it was before a statement; in a file these
    // notes were 20 times what an add itself writes.
    try connection.execute("PRAGMA temp_store=MEMORY")
  }

  /// All of them or none. What had to go for them is told with the first.
  func add(
    _ letters: [DeadLetter], now: Timestamp
  ) throws(SQLiteError) -> [DeadLetterAddition] {
    let known = total
    total = nil
    let (additions, total) = try committed { () throws(SQLiteError) in
      let othersChanges = try number(Statements.othersChanges)
      var total =
        if let known, known.othersChanges == othersChanges { known } else { try counted() }
      let isDue = try isDue(now)
      if isDue || total.fresh + letters.count > Self.freshLimit {
        try tidy(now)
        total = try counted()
      }
      let insert = try connection.statement(Statements.insert)
      var additions: [DeadLetterAddition] = []
      for letter in letters {
        let isNew = try insert.run(DeadLetterRow.values(of: letter)) > 0
        additions.append(DeadLetterAddition(isNew: isNew))
        if isNew { (total.count, total.fresh) = (total.count + 1, total.fresh + 1) }
      }
      if total.count > entryLimit, !additions.isEmpty {
        try settle()
        additions[0].dropped = try trim(total.count - entryLimit)
        (total.count, total.fresh) = (total.count - additions[0].dropped, 0)
      }
      return (additions, total)
    }
    self.total = total
    return additions
  }

  func page(
    _ selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int, now: Timestamp
  ) throws(SQLiteError) -> DeadLetterPage {
    guard limit > 0 else { return DeadLetterPage() }
    try tidyIfPossible(now)
    // One more tells whether there is a next page.
    let wanted = min(limit, Int(Int32.max)) + 1
    let rows = try readMarking { () throws(SQLiteError) in
      switch selection {
      case .ids(let ids): try self.rows(of: ids, after: cursor, limit: wanted, now: now)
      case .matching(let filter):
        try self.rows(of: filter, after: cursor, limit: wanted, now: now)
      }
    }
    let letters = rows.prefix(limit).map(\.letter)
    return DeadLetterPage(
      letters: letters,
      next: rows.count > limit ? letters.last.map { DeadLetterCursor(after: $0) } : nil)
  }

  func count(_ selection: DeadLetterSelection, now: Timestamp) throws(SQLiteError) -> Int {
    try tidyIfPossible(now)
    return try connection.reading { () throws(SQLiteError) in
      switch selection {
      case .ids(let ids):
        let find = try connection.statement(Statements.time)
        var count = 0
        for id in Set(ids) {
          count += try find.rows(.text(id.text), .time(now)) { _ in () }.count
        }
        return count
      case .matching(let filter):
        var count = 0
        for part in DeadLetterQuery.parts(of: filter) {
          count += try connection.passingStatement(part.countStatement).rows(part.values) {
            Int($0.integer(0))
          }.reduce(0, +)
        }
        return count
      }
    }
  }

  func statistics(now: Timestamp) throws(SQLiteError) -> DeadLetterStatistics {
    try tidyIfPossible(now)
    return try connection.reading { () throws(SQLiteError) in
      var statistics = try DeadLetterStatistics(countedBy: connection)
      (statistics.oldest, statistics.newest) = try connection.span()
      statistics.bytes = Int(try number(Statements.size))
      return statistics
    }
  }

  func tally(recentLimit: Int, now: Timestamp) throws(SQLiteError) -> DeadLetterTally {
    try tidyIfPossible(now)
    var tally = DeadLetterTally()
    let recent = try readMarking { () throws(SQLiteError) in
      tally.byServer = try connection.statement(Statements.openCounts(by: "server")).rows {
        DeadLetterTally.ServerCount(server: ServerID($0.text(0) ?? ""), count: Int($0.integer(1)))
      }.filter { $0.count > 0 }.sorted { $0.server < $1.server }
      tally.oldest = try connection.span().oldest
      return try rows(of: DeadLetterFilter(), after: nil, limit: max(0, recentLimit), now: now)
    }
    tally.total = tally.byServer.reduce(0) { $0 + $1.count }
    tally.recent = recent.map(\.letter)
    return tally
  }

  func claim(
    _ ids: [DeadLetterID], by owner: String, isForced: Bool, until: Timestamp, now: Timestamp
  ) throws(SQLiteError) -> DeadLetterClaim {
    try change(now) { () throws(SQLiteError) in
      var claim = DeadLetterClaim(letters: [], skippedUnsafe: 0)
      let take = try connection.statement(Statements.claim)
      for id in Set(ids) {
        guard let row = try find(id, now: now), row.letter.isToBeSent else { continue }
        guard isForced || !row.letter.isUnsafeToReplay else {
          claim.skippedUnsafe += 1
          continue
        }
        try take.run(.integer(row.number), .text(owner), .time(until))
        var letter = row.letter
        letter.state = .replaying
        letter.lease = DeadLetter.Lease(owner: owner, until: until)
        claim.letters.append(letter)
      }
      claim.letters.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
      return claim
    }
  }

  func complete(
    _ letter: DeadLetter, by owner: String, now: Timestamp
  ) throws(SQLiteError) {
    try change(now) { () throws(SQLiteError) in
      _ = try connection.statement(Statements.complete).run(.text(letter.id.text), .text(owner))
    }
  }

  func giveBack(
    _ letter: DeadLetter, by owner: String, now: Timestamp
  ) throws(SQLiteError) {
    var letter = letter
    letter.state = .pending
    try change(now) { () throws(SQLiteError) in
      _ = try connection.statement(Statements.giveBack)
        .run(DeadLetterRow.values(of: letter) + [.text(owner)])
    }
  }

  func revise(
    _ id: DeadLetterID, params: JSONText, now: Timestamp
  ) throws(SQLiteError) -> Bool {
    try change(now) { () throws(SQLiteError) in
      guard let row = try find(id, now: now), row.letter.isToBeSent else { return false }
      try connection.statement(Statements.revise).run(
        .integer(row.number), .text(params.bytes))
      return true
    }
  }

  func discard(_ selection: DeadLetterSelection, now: Timestamp) throws(SQLiteError) -> Int {
    try changeAll(
      selection, one: Statements.discardOne, many: { $0.discardStatement(limit: changeLimit) },
      now: now)
  }

  func delete(_ selection: DeadLetterSelection, now: Timestamp) throws(SQLiteError) -> Int {
    try changeAll(
      selection, one: Statements.deleteOne, many: { $0.deleteStatement(limit: changeLimit) },
      now: now)
  }

  /// - Returns: how many letters expired since the last sweep, whoever removed them.
  func sweep(now: Timestamp) throws(SQLiteError) -> Int {
    try committed { () throws(SQLiteError) in
      try tidy(now)
      // As after a repair of the file that left the triggers out.
      if try number(Statements.isMiscounted) != 0 {
        try connection.execute(DeadLetterSchema.recount)
      }
      try connection.statement(Statements.forgetZeros).run()
    }
    defer { untoldExpired = 0 }
    return untoldExpired
  }
}

extension DeadLetterFile {
  /// Makes the tables of a new file; of an old one checks that it is ours and can be read.
  private func prepareSchema() throws(SQLiteError) {
    typealias Schema = DeadLetterSchema
    try connection.transaction { () throws(SQLiteError) in
      let version = try number("PRAGMA user_version")
      if try number("SELECT count(*) FROM sqlite_schema") == 0, version == 0 {
        return try connection.execute(Schema.creation)
      }
      guard try number("PRAGMA application_id") == Schema.applicationID else {
        throw SQLiteError(code: SQLiteError.foreignFile, message: "")
      }
      switch version {
      case Schema.version: return
      case 1: try connection.execute(Schema.migrationFrom1)
      case 2: try connection.execute(Schema.migrationFrom2)
      default:
        throw SQLiteError(
          code: SQLiteError.newerSchema,
          message: "schema \(version), this one knows \(Schema.version)")
      }
    }
  }

  private func change<Result>(
    _ now: Timestamp, _ body: () throws(SQLiteError) -> Result
  ) throws(SQLiteError) -> Result {
    try committed { () throws(SQLiteError) in
      try tidy(now)
      return try body()
    }
  }

  private func changeAll(
    _ selection: DeadLetterSelection, one: String, many: (DeadLetterQuery) -> String,
    now: Timestamp
  ) throws(SQLiteError) -> Int {
    try change(now) { () throws(SQLiteError) in
      var count = 0
      switch selection {
      case .ids(let ids):
        let statement = try connection.statement(one)
        for id in Set(ids) { count += try statement.run(.text(id.text)) }
      case .matching(let filter):
        for part in DeadLetterQuery.parts(of: filter) {
          let statement = try connection.passingStatement(many(part))
          count += try inParts { () throws(SQLiteError) in try statement.run(part.values) }
        }
      }
      return count
    }
  }

  /// - Parameter body: changes as many rows as there are, but not more than the limit.
  /// - Returns: how many it changed in all.
  private func inParts(_ body: () throws(SQLiteError) -> Int) throws(SQLiteError) -> Int {
    var total = 0
    while true {
      let count = try body()
      total += count
      if count < changeLimit { return total }
    }
  }

  private func trim(_ surplus: Int) throws(SQLiteError) -> Int {
    let statement = try connection.statement(DeadLetterStatements.trim)
    var rest = surplus
    return try inParts { () throws(SQLiteError) in
      let count = try statement.run(.integer(Int64(min(rest, changeLimit))))
      rest -= count
      return count
    }
  }

  /// A transaction; what it removed counts only if it was committed.
  private func committed<Result>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(SQLiteError) -> Result {
    let known = untoldExpired
    do throws(SQLiteError) { return try connection.transaction(body) } catch {
      untoldExpired = known
      throw error
    }
  }

  /// Within a transaction: brings fresh letters into the indexes, removes what has expired and ends
  /// leases.
  private func tidy(_ now: Timestamp) throws(SQLiteError) {
    try settle()
    guard try isDue(now) else { return }
    let delete = try connection.statement(DeadLetterStatements.deleteExpired)
    untoldExpired += try inParts { () throws(SQLiteError) in
      try delete.run(.time(now), .integer(Int64(changeLimit)))
    }
    try connection.statement(DeadLetterStatements.releaseLeases).run(.time(now))
  }

  private func counted() throws(SQLiteError) -> Total {
    typealias Statements = DeadLetterStatements
    return Total(
      count: Int(try number(Statements.total)), fresh: Int(try number(Statements.freshCount)),
      othersChanges: try number(Statements.othersChanges))
  }

  private func settle() throws(SQLiteError) {
    total = nil
    try connection.statement(DeadLetterStatements.settle).run()
  }

  /// A file that cannot be written just now can still be read: its counts are then of what has
  /// expired too, but no page is.
  private func tidyIfPossible(_ now: Timestamp) throws(SQLiteError) {
    let isDue = try isDue(now)
    let hasFresh = try number(DeadLetterStatements.hasFresh) != 0
    guard isDue || hasFresh else { return }
    do throws(SQLiteError) {
      try committed { () throws(SQLiteError) in try tidy(now) }
    } catch {
      guard error.forbidsWritingOnly else { throw error }
    }
  }

  private func isDue(_ now: Timestamp) throws(SQLiteError) -> Bool {
    try connection.statement(DeadLetterStatements.isDue).rows(.time(now)) { $0.integer(0) } == [1]
  }

  func number(_ sql: String) throws(SQLiteError) -> Int64 {
    try connection.statement(sql).rows { $0.integer(0) }.first ?? 0
  }
}
