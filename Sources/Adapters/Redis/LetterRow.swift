import FleetModel
import Wire

/// A letter as the scripts' `row` gives it: its record and its entry.
struct LetterRow {
  let letter: DeadLetter
  /// The entry makes no sense, and its record does not say so yet.
  let isNewlyUnreadable: Bool
  /// The entry as it is stored.
  let entry: [UInt8]

  init(_ reply: RedisReply, lifetime: Duration) {
    func time(_ index: Int) -> Timestamp {
      Timestamp(millisecondsSinceEpoch: Int64(reply[index].number))
    }
    let id = DeadLetterID(reply[0].text)
    let (created, problem) = (time(1), reply[8].text)
    entry = reply[9].bytes
    var letter =
      problem.isEmpty
      ? LetterCodec.decode(entry, storedUnder: id, lifetime: lifetime, now: created)
      : LetterCodec.unreadable(id, Self.fault(problem), lifetime: lifetime, now: created)
    letter.createdAt = created
    letter.expiresAt = time(2)
    letter.state = DeadLetter.State(rawValue: reply[3].text) ?? .pending
    letter.lease =
      letter.state == .replaying
      ? DeadLetter.Lease(owner: reply[4].text, until: time(5)) : nil
    letter.delivery = Delivery(rawValue: reply[6].text) ?? .unknown
    isNewlyUnreadable = letter.fault != nil && reply[7].bytes.isEmpty
    self.letter = letter
  }

  /// - Parameter problem: `large`, or another word for a value that is no text.
  static func fault(_ problem: String) -> String {
    problem == "large"
      ? "it is larger than \(LetterCodec.limits.byteLimit >> 20) MiB"
      : "its value in Redis is no text"
  }
}

extension RedisCommand {
  /// What the scripts' `given` reads.
  ///
  /// - Parameter size: of the entry, in bytes.
  mutating func add(fieldsOf letter: DeadLetter, size: Int) {
    add(letter.createdAt.millisecondsSinceEpoch)
    add(letter.expiresAt.millisecondsSinceEpoch)
    add(letter.lastAttemptAt.millisecondsSinceEpoch / 1000)
    add(letter.isIdempotent)
    add(size)
    add(letter.fault == nil ? "" : "1")
    add(letter.method)
    add(letter.client)
    add(letter.server.name)
    add(letter.errorKind)
    add(letter.delivery.rawValue)
    add(letter.target.map { "=" + $0 } ?? "")
  }
}
