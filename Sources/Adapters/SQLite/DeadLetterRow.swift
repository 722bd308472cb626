import Engine
import FleetModel
import Wire

/// One row of the dead-letter file, as far as it can be read.
///
/// The file may have been edited, or damaged below what SQLite notices: a row that makes no sense
/// must still be seen and deleted, and must not hide the others.
struct DeadLetterRow {
  /// What `errorKind` says of a row that cannot be read.
  static let unreadable = "unreadable"

  /// SQLite's own number of the row.
  let number: Int64
  private let stored: DeadLetter
  private let leaseUntil: Timestamp
  /// The first thing wrong with it; nil when all is well.
  private let fault: String?

  var isReadable: Bool { fault == nil }

  init(_ row: borrowing SQLiteRow) {
    var fault: String?
    func sound<Value>(_ value: Value?, _ what: String, else substitute: Value) -> Value {
      if let value { return value }
      fault = fault ?? what
      return substitute
    }
    number = row.integer(0)
    let idText = row.text(1) ?? ""
    let params = row.bytes(6) ?? []
    let id = sound(
      DeadLetterID(checking: idText), "it has no id", else: DeadLetterID("row-\(number)"))
    let attempts = sound(
      Self.attempts(in: row.bytes(11) ?? []), "its attempts are no list", else: [])
    let delivery = sound(
      Delivery(rawValue: row.text(9) ?? ""), "its delivery is unknown to this version",
      else: .unknown)
    let state = sound(
      DeadLetter.State(rawValue: row.text(15) ?? ""), "its state is unknown to this version",
      else: .pending)
    let json = sound(
      Self.json(in: params, .object)?.json, "its params are no JSON object", else: .emptyObject)
    self.fault = fault
    leaseUntil = Timestamp(millisecondsSinceEpoch: row.integer(17))
    stored = DeadLetter(
      id: id, server: ServerID(row.text(2) ?? ""), client: row.text(3) ?? "",
      method: row.text(4) ?? "", target: row.text(5), params: json,
      errorKind: fault == nil ? row.text(7) ?? "" : Self.unreadable,
      errorMessage: fault.map { "this row cannot be read: \($0); delete it" } ?? row.text(8) ?? "",
      delivery: delivery, isIdempotent: row.integer(10) != 0, attempts: attempts,
      createdAt: Timestamp(millisecondsSinceEpoch: row.integer(12)),
      lastAttemptAt: Timestamp(millisecondsSinceEpoch: row.integer(13)),
      expiresAt: Timestamp(millisecondsSinceEpoch: row.integer(14)), state: state,
      lease: state == .replaying ? DeadLetter.Lease(owner: "", until: leaseUntil) : nil,
      replayCount: Int(row.integer(16)), fault: fault)
  }

  /// The letter as it stands at `now`: one whose lease has ended is pending, and may have executed.
  func letter(now: Timestamp) -> DeadLetter {
    stored.at(now)
  }

  static func insert(
    _ letter: DeadLetter, with statement: SQLiteStatement
  ) throws(SQLiteError) {
    try statement.run(
      .text(letter.id.description), .text(letter.server.name), .text(letter.client),
      .text(letter.method), .text(letter.target), .text(letter.params.bytes),
      .text(letter.errorKind), .text(letter.errorMessage), .text(letter.delivery.rawValue),
      .integer(letter.isIdempotent ? 1 : 0), .text(json(of: letter.attempts).bytes),
      .time(letter.createdAt), .time(letter.lastAttemptAt), .time(letter.expiresAt),
      .integer(Int64(letter.replayCount)))
  }

  /// `[{"at":ms,"duration":ns,"result":text,"backoff":ns}]`
  static func json(of attempts: [Attempt]) -> JSONText {
    var writer = JSONWriter()
    writer.array { list in
      for attempt in attempts {
        list.object {
          $0.member("at", attempt.startedAt.millisecondsSinceEpoch)
          $0.member("duration", attempt.duration.nanoseconds)
          $0.member("result", attempt.result)
          $0.member("backoff", attempt.backoff.nanoseconds)
        }
      }
    }
    return writer.json
  }

  private static func attempts(in bytes: [UInt8]) -> [Attempt]? {
    guard let list = json(in: bytes, .array) else { return nil }
    var attempts: [Attempt] = []
    for element in list.elements {
      guard let startedAt = element.member("at")?.int,
        let duration = element.member("duration")?.int,
        let result = element.member("result")?.string,
        let backoff = element.member("backoff")?.int
      else { return nil }
      attempts.append(
        Attempt(
          startedAt: Timestamp(millisecondsSinceEpoch: Int64(startedAt)),
          duration: .nanoseconds(duration), result: result, backoff: .nanoseconds(backoff)))
    }
    return attempts
  }

  private static func json(in bytes: [UInt8], _ kind: JSONView.Kind) -> JSONView? {
    do throws(JSONError) {
      let view = try JSONView(bytes)
      return view.kind == kind ? view : nil
    } catch {
      // What exactly is wrong with it helps nobody: the row's reader names the column.
      return nil
    }
  }
}

extension SQLiteValue {
  static func time(_ time: Timestamp) -> SQLiteValue { .integer(time.millisecondsSinceEpoch) }
}
