import FleetModel

extension DeadLetterFile {
  /// Reads, and if rows turn out to be unreadable says so in them and reads again: only then do
  /// they count as what they are.
  func readMarking(
    _ read: () throws(SQLiteError) -> [DeadLetterRow]
  ) throws(SQLiteError) -> [DeadLetterRow] {
    while true {
      let rows = try connection.reading(read)
      let unmarked = rows.filter(\.isUnmarked)
      if unmarked.isEmpty { return rows }
      do throws(SQLiteError) {
        try connection.transaction { () throws(SQLiteError) in
          for row in unmarked { try mark(row) }
        }
      } catch {
        guard error.forbidsWritingOnly else { throw error }
        return rows
      }
    }
  }

  private func mark(_ row: DeadLetterRow) throws(SQLiteError) {
    try connection.statement(DeadLetterStatements.mark).run(
      .integer(row.number), .text(row.letter.id.text), .text(row.letter.fault))
  }

  /// Within a transaction.
  func find(_ id: DeadLetterID, now: Timestamp) throws(SQLiteError) -> DeadLetterRow? {
    let rows = try connection.statement(DeadLetterStatements.find).rows(
      .text(id.text), .time(now)
    ) { DeadLetterRow($0, now: now) }
    guard let row = rows.first else { return nil }
    if row.isUnmarked { try mark(row) }
    return row
  }

  func rows(
    of filter: DeadLetterFilter, after cursor: DeadLetterCursor?, limit: Int, now: Timestamp
  ) throws(SQLiteError) -> [DeadLetterRow] {
    var rows: [DeadLetterRow] = []
    let parts = DeadLetterQuery.pages(of: filter, after: cursor, limit: limit, now: now)
    for query in parts {
      rows += try connection.passingStatement(query.pageStatement).rows(query.values) {
        DeadLetterRow($0, now: now)
      }
    }
    guard parts.count > 1 else { return rows }
    rows.sort { ($1.letter.createdAt, $1.letter.id) < ($0.letter.createdAt, $0.letter.id) }
    return Array(rows.prefix(limit))
  }

  /// Only the rows of the page are read whole, for there may be many ids.
  func rows(
    of ids: [DeadLetterID], after cursor: DeadLetterCursor?, limit: Int, now: Timestamp
  ) throws(SQLiteError) -> [DeadLetterRow] {
    let time = try connection.statement(DeadLetterStatements.time)
    var places: [(createdAt: Timestamp, id: DeadLetterID)] = []
    for id in Set(ids) {
      for createdAt in try time.rows(.text(id.text), .time(now), read: { $0.time(0) })
      where cursor.map({ (createdAt, id) < ($0.createdAt, $0.id) }) ?? true {
        places.append((createdAt, id))
      }
    }
    places.sort { ($1.createdAt, $1.id) < ($0.createdAt, $0.id) }
    let find = try connection.statement(DeadLetterStatements.find)
    var rows: [DeadLetterRow] = []
    for place in places.prefix(limit) {
      rows += try find.rows(.text(place.id.text), .time(now)) { DeadLetterRow($0, now: now) }
    }
    return rows
  }
}
