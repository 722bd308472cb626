import Engine
import FleetModel
import Wire

/// One row of the dead-letter file, as far as it can be read.
///
/// The file may have been edited, or damaged below what SQLite notices: a row that makes no sense
/// must still be seen and deleted, and must not hide the others.
struct DeadLetterRow {
  /// SQLite's own number of the row.
  let number: Int64
  let letter: DeadLetter
  /// The row does not say yet that it is unreadable: see `DeadLetterStatements.mark`.
  let isUnmarked: Bool

  /// - Parameter now: a letter whose lease has ended by then is pending.
  init(_ row: borrowing SQLiteRow, now: Timestamp) {
    var faults: [String] = []
    func sound<Value>(_ value: Value?, _ what: String, else substitute: Value) -> Value {
      if let value { return value }
      faults.append(what)
      return substitute
    }
    number = row.integer(0)
    let id = sound(
      Self.id(row.bytes(1) ?? []), "it has no id", else: DeadLetterID("row-\(number)"))
    let params = sound(
      Self.object(row.bytes(7) ?? []), "its params are no JSON object", else: .emptyObject)
    let original = row.bytes(8).map {
      sound(Self.object($0), "its original params are no JSON object", else: .emptyObject)
    }
    let redacted = sound(
      Self.texts(row.bytes(9) ?? []), "its list of secrets is no list", else: [])
    let delivery = sound(
      Delivery(rawValue: row.text(13) ?? ""), "its delivery is unknown to this version",
      else: .unknown)
    let attempts = sound(
      Self.attempts(row.bytes(15) ?? []), "its attempts are no list", else: [])
    let state = sound(
      DeadLetter.State(rawValue: row.text(19) ?? ""), "its state is unknown to this version",
      else: .pending)
    let known = row.text(21)
    let fault = known ?? faults.first
    isUnmarked = known == nil && fault != nil
    let stored = DeadLetter(
      id: id, server: ServerID(row.text(2) ?? ""), client: row.text(3) ?? "",
      method: row.text(4) ?? "", target: row.text(5), endpoint: row.text(6) ?? "",
      params: params, original: original, redacted: redacted, needsToken: row.integer(10) != 0,
      errorKind: fault == nil ? row.text(11) ?? "" : DeadLetter.unreadableKind,
      errorMessage: fault.map { "this row cannot be read: \($0); delete it" } ?? row.text(12)
        ?? "",
      delivery: delivery, isIdempotent: row.integer(14) != 0, attempts: attempts,
      createdAt: row.time(16), lastAttemptAt: row.time(17), expiresAt: row.time(18),
      state: state,
      lease: state == .replaying
        ? DeadLetter.Lease(owner: row.text(22) ?? "", until: row.time(23)) : nil,
      replayCount: Int(row.integer(20)), fault: fault)
    letter = stored.at(now)
  }

  /// For `DeadLetterStatements.insert`; a letter that was being replayed is pending.
  static func values(of letter: DeadLetter) -> [SQLiteValue] {
    let state = letter.state == .replaying ? DeadLetter.State.pending : letter.state
    return [
      .text(letter.id.text), .text(letter.server.name), .text(letter.client),
      .text(letter.method), .text(letter.target), .text(letter.endpoint),
      .text(letter.params.bytes), letter.original.map { .text($0.bytes) } ?? .null,
      .text(json(of: letter.redacted).bytes), .integer(letter.needsToken ? 1 : 0),
      .text(letter.errorKind), .text(letter.errorMessage), .text(letter.delivery.rawValue),
      .integer(letter.isIdempotent ? 1 : 0), .text(json(of: letter.attempts).bytes),
      .time(letter.createdAt), .time(letter.lastAttemptAt), .time(letter.expiresAt),
      .text(state.rawValue), .integer(Int64(letter.replayCount)), .text(letter.fault),
    ]
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

  private static func json(of texts: [String]) -> JSONText {
    var writer = JSONWriter()
    writer.array { list in for text in texts { list.value(text) } }
    return writer.json
  }

  private static func id(_ bytes: [UInt8]) -> DeadLetterID? {
    let text = String(decoding: bytes, as: UTF8.self)
    // Bytes that are no UTF-8 would not be found again under this text.
    return text.utf8.elementsEqual(bytes) ? DeadLetterID(checking: text) : nil
  }

  private static func object(_ bytes: [UInt8]) -> JSONText? { json(in: bytes, .object)?.json }

  private static func texts(_ bytes: [UInt8]) -> [String]? {
    guard let list = json(in: bytes, .array) else { return nil }
    let texts = list.elements.map(\.string)
    return texts.contains(nil) ? nil : texts.compactMap(\.self)
  }

  private static func attempts(_ bytes: [UInt8]) -> [Attempt]? {
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
      // As deep as in a line of an export, which may bring it.
      let view = try JSONView(bytes, limits: LetterCodec.limits)
      return view.kind == kind ? view : nil
    } catch {
      // What exactly is wrong with it helps nobody: the row's reader names the column.
      return nil
    }
  }
}

extension DeadLetter {
  var isToBeSent: Bool { state == .pending && fault == nil }
}

extension SQLiteValue {
  static func time(_ time: Timestamp) -> SQLiteValue { .integer(time.millisecondsSinceEpoch) }
}

extension SQLiteRow {
  func time(_ column: Int32) -> Timestamp {
    Timestamp(millisecondsSinceEpoch: integer(column))
  }
}
