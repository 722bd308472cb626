import FleetModel
import Wire

/// `POST /dead-letters`: letters of an export, one object or an array of them.
enum ControlLetterIntake {
  static let countLimit = 10_000

  /// An array of entries, each as deep as one may be.
  private static let limits = JSONLimits(
    byteLimit: LetterCodec.limits.byteLimit, depthLimit: LetterCodec.limits.depthLimit + 1)

  private static let cure = "send an entry of an export, or an array of them"

  static func read(
    _ bytes: [UInt8], lifetime: Duration, now: Timestamp
  ) throws(ControlError) -> [DeadLetter] {
    let document: JSONView
    do throws(JSONError) { document = try JSONView(bytes, limits: limits) } catch {
      throw .badValue(
        field: "body", value: String(decoding: bytes, as: UTF8.self), cure: "\(error); \(cure)")
    }
    let entries: [JSONView]
    switch document.kind {
    case .object: entries = [document]
    case .array: entries = Array(document.elements)
    case .string, .number, .bool, .null:
      throw .badValue(field: "body", value: document.json.text, cure: cure)
    }
    guard (1...countLimit).contains(entries.count) else {
      throw .badValue(
        field: "body", value: "\(entries.count) entries", cure: "send 1 to \(countLimit)")
    }
    var letters: [DeadLetter] = []
    for (index, entry) in entries.enumerated() {
      let letter = LetterCodec.decode(
        entry.json.bytes, storedUnder: nil, lifetime: lifetime, now: now)
      if let fault = letter.fault {
        throw .badValue(field: "[\(index)]", value: entry.json.text, cure: "\(fault); \(cure)")
      }
      letters.append(letter)
    }
    return letters
  }

  static func write(_ intake: DeadLetterIntake) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member("new", intake.new)
      $0.member("known", intake.known)
      $0.member("expired", intake.expired)
      $0.member("dropped", intake.dropped)
      $0.member(
        "refused",
        array: { list in
          for refusal in intake.refused {
            list.object {
              $0.member("id", refusal.id.text)
              $0.member("reason", refusal.reason)
            }
          }
        })
    }
    return writer.json
  }
}

/// The answer to `GET /dead-letters/count`.
enum ControlLetterCount {
  static func write(_ count: Int) -> JSONText {
    var writer = JSONWriter()
    writer.object { $0.member("count", count) }
    return writer.json
  }
}
