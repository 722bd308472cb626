package import Engine
package import FleetModel

extension RedisDeadLetterStore {
  package func page(
    _ selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(DeadLetterStoreError) -> DeadLetterPage {
    try await meetStrangers()
    let limit = max(0, limit)
    var letters: [DeadLetter] = []
    switch selection {
    case .ids(let ids):
      for chunk in Self.chunks(ids) {
        letters += try fetch(chunk).map(\.letter)
        await Task.yield()
      }
      if let cursor { letters.removeAll { !cursor.precedes($0) } }
    case .matching(let filter):
      // One more than asked for tells whether there is a next page.
      try await walk(filter, after: cursor, wanted: limit + 1) { letters += $0 }
    }
    letters.sort { ($1.createdAt, $1.id) < ($0.createdAt, $0.id) }
    let page = Array(letters.prefix(limit))
    return DeadLetterPage(
      letters: page,
      next: page.count < letters.count ? page.last.map { DeadLetterCursor(after: $0) } : nil)
  }

  package func count(
    _ selection: DeadLetterSelection
  ) async throws(DeadLetterStoreError) -> Int {
    try await meetStrangers()
    guard case .matching(let filter) = selection else {
      return try await page(selection, after: nil, limit: .max - 1).letters.count
    }
    let query = LetterQuery(filter)
    guard !query.isEmpty else { return 0 }
    if query.isExact {
      return try ask(query.sizes(query.indexes(query.choices.first), now: now)).number
    }
    var count = 0
    try await walkIDs(filter) { count += $0.count }
    return count
  }

  package func statistics() async throws(DeadLetterStoreError) -> DeadLetterStatistics {
    typealias Count = DeadLetterStatistics.Count
    try await meetStrangers()
    let reply = try ask(command(.statistics))
    let (open, replaying) = (reply[0].number, reply[1].number)
    var statistics = DeadLetterStatistics()
    statistics.total = open
    statistics.byState = [
      Count(name: "pending", count: open - replaying), Count(name: "replaying", count: replaying),
      Count(name: "done", count: reply[2].number), Count(name: "discarded", count: reply[3].number),
    ].filter { $0.count > 0 }
    statistics.oldest = Self.time(reply[4])
    statistics.newest = Self.time(reply[5])
    statistics.bytes = reply[6].number
    statistics.durability = durability
    var counts: [String: [Count]] = [:]
    let names = reply[7].elements
    for index in stride(from: 0, to: names.count - 1, by: 2) {
      let name = names[index].text
      guard let colon = name.firstIndex(of: ":") else { continue }
      counts[String(name[..<colon]), default: []].append(
        Count(name: String(name[name.index(after: colon)...]), count: names[index + 1].number))
    }
    func sorted(_ field: LetterQuery.Field) -> [Count] {
      (counts[field.rawValue] ?? []).sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }
    statistics.byOperation = sorted(.operation)
    statistics.byClient = sorted(.client)
    statistics.byServer = sorted(.server)
    statistics.byKind = sorted(.kind)
    statistics.byDelivery = sorted(.delivery)
    return statistics
  }

  package func tally(recentLimit: Int) async throws(DeadLetterStoreError) -> DeadLetterTally {
    let statistics = try await statistics()
    var tally = DeadLetterTally()
    tally.total = statistics.total
    tally.byServer = statistics.byServer
      .map { DeadLetterTally.ServerCount(server: ServerID($0.name), count: $0.count) }
      .sorted { $0.server < $1.server }
    tally.oldest = statistics.oldest
    tally.durability = statistics.durability
    try await walk(DeadLetterFilter(), after: nil, wanted: recentLimit) { tally.recent += $0 }
    return tally
  }

  package func discard(
    _ selection: DeadLetterSelection
  ) async throws(DeadLetterStoreError) -> Int {
    try await change(selection, by: .discard)
  }

  package func delete(
    _ selection: DeadLetterSelection
  ) async throws(DeadLetterStoreError) -> Int {
    try await change(selection, by: .delete)
  }

  private func change(
    _ selection: DeadLetterSelection, by script: LetterScript
  ) async throws(DeadLetterStoreError) -> Int {
    try await meetStrangers()
    var chosen: [DeadLetterID] = []
    switch selection {
    case .ids(let ids): chosen = ids
    // All are found before the first is changed: a walk over an index that shrinks would skip some.
    case .matching(let filter): try await walkIDs(filter) { chosen += $0 }
    }
    var count = 0
    for chunk in Self.chunks(chosen) {
      var command = command(script)
      command.add(Self.token())
      for id in chunk { command.add(id.text) }
      count += try ask(command).number
      await Task.yield()
    }
    return count
  }

  func fetch(_ ids: some Collection<DeadLetterID>) throws(DeadLetterStoreError) -> [LetterRow] {
    var command = command(.fetch)
    for id in ids { command.add(id.text) }
    return try read(try ask(command))
  }

  /// Marks those that have become unreadable, so that they are found as such from now on.
  func read(_ rows: RedisReply) throws(DeadLetterStoreError) -> [LetterRow] {
    let rows = rows.elements.map { LetterRow($0, lifetime: lifetime) }
    let broken = rows.filter(\.isNewlyUnreadable)
    guard !broken.isEmpty else { return rows }
    _ = try askEach(
      broken.map { row in
        var command = command(.adopt)
        command.add(row.letter.id.text)
        command.add("")
        command.add(true)
        command.add(fieldsOf: row.letter, size: row.entry.count)
        return command
      })
    return rows
  }

  /// The matches, each index newest first, in portions; of each index no more than are wanted.
  private func walk(
    _ filter: DeadLetterFilter, after cursor: DeadLetterCursor?, wanted: Int,
    _ take: ([DeadLetter]) -> Void
  ) async throws(DeadLetterStoreError) {
    let query = LetterQuery(filter)
    guard !query.isEmpty, wanted > 0 else { return }
    for index in query.indexes(try smallest(query)) {
      var cursor = cursor
      var left = wanted
      while left > 0 {
        let step = query.scan(
          index, after: cursor,
          looking: min(LetterScript.scanLimit, filter.text == nil ? max(left, 100) : 100),
          wanted: min(left, 200), rows: true, now: now)
        let reply = try ask(step)
        let letters = try read(reply[3]).map(\.letter).filter {
          filter.text == nil || filter.matches($0)
        }
        left -= letters.count
        take(letters)
        if reply[0].number == 1 { break }
        cursor = Self.cursor(reply)
        await Task.yield()
      }
    }
  }

  private func walkIDs(
    _ filter: DeadLetterFilter, _ take: ([DeadLetterID]) -> Void
  ) async throws(DeadLetterStoreError) {
    guard filter.text == nil else {
      return try await walk(filter, after: nil, wanted: .max) { take($0.map(\.id)) }
    }
    let query = LetterQuery(filter)
    guard !query.isEmpty else { return }
    for index in query.indexes(try smallest(query)) {
      var cursor: DeadLetterCursor?
      while true {
        let limit = LetterScript.scanLimit
        let reply = try ask(
          query.scan(
            index, after: cursor, looking: limit, wanted: limit, rows: false, now: now))
        take(reply[3].elements.map { DeadLetterID($0.text) })
        if reply[0].number == 1 { break }
        cursor = Self.cursor(reply)
        await Task.yield()
      }
    }
  }

  /// Of several indexes that would do, the one with the fewest letters.
  private func smallest(
    _ query: LetterQuery
  ) throws(DeadLetterStoreError) -> LetterQuery.Choice? {
    guard query.choices.count > 1 else { return query.choices.first }
    let replies = try askEach(
      query.choices.map { query.sizes(query.indexes($0), now: now) })
    return zip(query.choices, replies).min { $0.1.number < $1.1.number }?.0
  }

  /// Where a walk goes on; nil at its beginning.
  private static func cursor(_ reply: RedisReply) -> DeadLetterCursor? {
    time(reply[1]).map { DeadLetterCursor(createdAt: $0, id: DeadLetterID(reply[2].text)) }
  }

  private static func time(_ reply: RedisReply) -> Timestamp? {
    reply.bytes.isEmpty ? nil : Timestamp(millisecondsSinceEpoch: Int64(reply.number))
  }
}
