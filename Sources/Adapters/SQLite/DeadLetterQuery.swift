import FleetModel

/// The letters of a filter that are open or those that are not, in the indexes or fresh: one walk
/// along one index.
///
/// The statement is made of this program's constants; what the filter holds is bound.
struct DeadLetterQuery {
  /// In the statement as ?1, ?2 and so on.
  private(set) var values: [SQLiteValue] = []
  private var terms: [String] = []
  /// `letter_tally` tells how many they are.
  private let isCounted: Bool

  /// None for a filter that no letter can fit.
  static func parts(of filter: DeadLetterFilter) -> [DeadLetterQuery] {
    [(true, false), (false, false), (true, true), (false, true)].compactMap {
      DeadLetterQuery(filter, isOpen: $0, isFresh: $1)
    }
  }

  private init?(_ filter: DeadLetterFilter, isOpen: Bool, isFresh: Bool) {
    let states = filter.states.filter { DeadLetter.State.open.contains($0) == isOpen }
    guard !states.isEmpty, filter.deliveries?.isEmpty != true else { return nil }
    isCounted =
      filter.target == nil && filter.since == nil && filter.before == nil
      && filter.text?.isEmpty ?? true
    terms.append("is_fresh = \(isFresh ? 1 : 0)")
    terms.append("is_open = \(isOpen ? 1 : 0)")
    if states.count == 1, let state = states.first {
      // An unknown state is listed as pending.
      terms.append(state == .pending ? "state <> 'replaying'" : "state = '\(state.rawValue)'")
    }
    require("server", "=", filter.server.map { .text($0.name) })
    require("client", "=", filter.client.map { .text($0) })
    require("method", "=", filter.operation.map { .text($0) })
    require("target", "=", filter.target.map { .text($0) })
    require("error_kind", "=", filter.kind.map { .text($0) })
    require("created_at", ">=", filter.since.map { .time($0) })
    require("created_at", "<", filter.before.map { .time($0) })
    if let deliveries = filter.deliveries { require(deliveries) }
    if let text = filter.text, !text.isEmpty { require(text: text) }
  }

  /// Newest first. Of two ends where the walk may begin only the nearer is asked for: SQLite would
  /// begin at the other.
  static func pages(
    of filter: DeadLetterFilter, after cursor: DeadLetterCursor?, limit: Int, now: Timestamp
  ) -> [DeadLetterQuery] {
    var (filter, cursor) = (filter, cursor)
    if let place = cursor, let before = filter.before {
      if place.createdAt < before { filter.before = nil } else { cursor = nil }
    }
    return parts(of: filter).map { $0.page(after: cursor, limit: limit, now: now) }
  }

  private func page(after cursor: DeadLetterCursor?, limit: Int, now: Timestamp) -> DeadLetterQuery
  {
    var query = self
    if let cursor {
      query.values += [.time(cursor.createdAt), .text(cursor.id.text)]
      let last = query.values.count
      query.terms.append("(created_at, id) < (?\(last - 1), ?\(last))")
    }
    // The plus keeps the index of the expiry out of it: nearly all letters are unexpired.
    query.require("+expires_at", ">", .time(now))
    query.values.append(.integer(Int64(limit)))
    return query
  }

  /// Of a query that `pages` made.
  var pageStatement: String {
    """
    SELECT \(DeadLetterStatements.columns) FROM dead_letters WHERE \(condition)
    ORDER BY created_at DESC, id DESC LIMIT ?\(values.count)
    """
  }

  var countStatement: String {
    isCounted
      ? "SELECT coalesce(sum(count), 0) FROM letter_tally WHERE \(condition)"
      : "SELECT count(*) FROM dead_letters WHERE \(condition)"
  }

  func deleteStatement(limit: Int) -> String {
    """
    DELETE FROM dead_letters
    WHERE rowid IN (SELECT rowid FROM dead_letters WHERE \(condition) LIMIT \(limit))
    """
  }

  func discardStatement(limit: Int) -> String {
    """
    UPDATE dead_letters SET state = 'discarded'
    WHERE rowid IN (SELECT rowid FROM dead_letters
      WHERE \(condition) AND state = 'pending' AND fault IS NULL LIMIT \(limit))
    """
  }

  private var condition: String { terms.joined(separator: " AND ") }

  private mutating func require(_ column: String, _ comparison: String, _ value: SQLiteValue?) {
    guard let value else { return }
    values.append(value)
    terms.append("\(column) \(comparison) ?\(values.count)")
  }

  /// An unknown delivery is listed as `unknown`, so that this one is what none of the others is.
  private mutating func require(_ deliveries: Set<Delivery>) {
    let isUnknownWanted = deliveries.contains(.unknown)
    let named = Delivery.allCases.filter { deliveries.contains($0) != isUnknownWanted }
      .map { "'\($0.rawValue)'" }
    terms.append(
      "delivery \(isUnknownWanted ? "NOT IN" : "IN") (\(named.joined(separator: ", ")))")
  }

  /// SQLite's `lower` knows the letters of ASCII only, as the filter does.
  private mutating func require(text: String) {
    values.append(
      .text(
        text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }))
    let places = ["id", "coalesce(target, '')", "error_message", "params"].map {
      "instr(lower(\($0)), ?\(values.count)) > 0"
    }
    terms.append("(\(places.joined(separator: " OR ")))")
  }
}
