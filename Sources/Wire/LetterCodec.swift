package import FleetModel

/// Dead letters as JSON objects on one line: an entry in Redis, a line of an export, of the spill.
///
/// The members of the queue that Go clients write come first, so that those read ours; what they
/// do not know follows. Payloads pass through unread, but for line breaks between their tokens,
/// which become spaces.
package enum LetterCodec {
  static let version = 1
  /// What `errorKind` says of an entry of another program, which tells no kind.
  static let foreign = "foreign"

  /// A letter's params may be as deep as a document; they lie one level deeper here.
  package static let limits = JSONLimits(byteLimit: 32 << 20, depthLimit: 300)

  /// One object without line breaks.
  package static func encode(_ letter: DeadLetter) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member("id", letter.id.text)
      $0.member("client_id", letter.client)
      $0.member("operation", operation(of: letter.method))
      $0.member("endpoint", letter.endpoint)
      $0.member("last_error", letter.errorMessage)
      $0.member("retry_count", max(0, letter.attempts.count - 1))
      $0.member("created_at", text(letter.createdAt))
      $0.member("last_attempt", text(letter.lastAttemptAt))
      $0.member("version", version)
      $0.member("server", letter.server.name)
      $0.member("method", letter.method)
      $0.member("target", letter.target)
      $0.member("error_kind", letter.errorKind)
      $0.member("delivery", letter.delivery.rawValue)
      $0.member("idempotent", letter.isIdempotent)
      attempts(letter.attempts, &$0)
      $0.member("expires_at", text(letter.expiresAt))
      $0.member("state", letter.state.rawValue)
      if let lease = letter.lease {
        $0.member("lease_owner", lease.owner)
        $0.member("lease_until", text(lease.until))
      }
      $0.member("replay_count", letter.replayCount)
      $0.member("needs_token", letter.needsToken)
      $0.key("redacted")
      $0.array { list in for place in letter.redacted { list.value(place) } }
      $0.member("idempotency_key", letter.id.call.description)
      if let fault = letter.fault { $0.member("fault", fault) }
      $0.member("request_body", oneLine(letter.params))
      if let original = letter.original { $0.member("original_body", oneLine(original)) }
    }
    return writer.json
  }

  /// Reads an entry of ours or of the Go client; what cannot be read becomes a letter with a
  /// `fault` that says why, and with what could be read of it.
  ///
  /// - Parameters:
  ///   - id: the entry's name, whatever it says itself; nil takes its own.
  ///   - lifetime: of an entry that does not say when it expires, from its creation.
  ///   - now: when an entry was created that does not say so.
  package static func decode(
    _ bytes: [UInt8], storedUnder id: DeadLetterID?, lifetime: Duration, now: Timestamp
  ) -> DeadLetter {
    let document: JSONView
    do throws(JSONError) { document = try JSONView(bytes, limits: limits) } catch {
      return unreadable(
        id ?? name(of: bytes), String(describing: error), shown: beginning(of: bytes),
        lifetime: lifetime, now: now)
    }
    guard document.kind == .object else {
      return unreadable(
        id ?? name(of: bytes), "it is no JSON object", shown: document.json, lifetime: lifetime,
        now: now)
    }
    var reader = LetterReader(document)
    let own = reader.text("id").flatMap { DeadLetterID(checking: $0) }
    if id == nil, own == nil { reader.fault("it has no id") }
    return reader.letter(id ?? own ?? name(of: bytes), lifetime: lifetime, now: now)
  }

  /// A letter that stands for an entry that cannot be read.
  ///
  /// - Parameter shown: what there is to see of it.
  package static func unreadable(
    _ id: DeadLetterID, _ fault: String, shown: JSONText = .emptyObject, lifetime: Duration,
    now: Timestamp
  ) -> DeadLetter {
    DeadLetter(
      id: id, server: ServerID(nowhere), client: "", method: "", target: nil, params: shown,
      errorKind: DeadLetter.unreadableKind, errorMessage: advice(fault), delivery: .unknown,
      isIdempotent: false, attempts: [], createdAt: now, lastAttemptAt: now,
      expiresAt: now + lifetime, fault: fault)
  }

  /// The server of an entry that names none.
  static let nowhere = "unknown"

  static func advice(_ fault: String) -> String {
    "this entry cannot be read: \(fault); look at it and delete it"
  }

  /// What the Go client calls a method.
  static func operation(of method: String) -> String {
    switch method {
    case "tools/call": "call_tool"
    case "tools/list": "list_tools"
    default: method
    }
  }

  /// The MCP method; other programs call the two commonest `call_tool` and `list_tools`.
  package static func method(of operation: String) -> String {
    switch operation {
    case "call_tool": "tools/call"
    case "list_tools": "tools/list"
    default: operation
    }
  }

  private static func attempts(_ attempts: [Attempt], _ writer: inout JSONWriter) {
    writer.key("attempts")
    writer.array { list in
      for attempt in attempts {
        list.object {
          $0.member("at", text(attempt.startedAt))
          $0.member("duration_ns", attempt.duration.nanoseconds)
          $0.member("result", attempt.result)
          $0.member("backoff_ns", attempt.backoff.nanoseconds)
        }
      }
    }
  }

  /// Times that RFC 3339 cannot name are written as the first or the last that it can.
  private static func text(_ time: Timestamp) -> String {
    let (first, last): (Int64, Int64) = (-62_167_219_200_000, 253_402_300_799_999)
    let milliseconds = min(max(time.millisecondsSinceEpoch, first), last)
    return Timestamp(millisecondsSinceEpoch: milliseconds).rfc3339
  }

  /// A raw line break can only stand between two tokens.
  private static func oneLine(_ json: JSONText) -> JSONText {
    let isBreak: (UInt8) -> Bool = { $0 == 0x0A || $0 == 0x0D }
    guard json.bytes.contains(where: isBreak) else { return json }
    return JSONText(unchecked: json.bytes.map { isBreak($0) ? 0x20 : $0 })
  }

  /// Bytes that are no JSON, as far as they need to be seen.
  private static func beginning(of bytes: [UInt8]) -> JSONText {
    var writer = JSONWriter()
    writer.value(String(decoding: bytes.prefix(4096), as: UTF8.self))
    return writer.json
  }

  /// The same for the same bytes, so that an entry without a name is one letter however often it is
  /// read.
  private static func name(of bytes: [UInt8]) -> DeadLetterID {
    let digest = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return DeadLetterID("unnamed-" + String(digest, radix: 16))
  }
}
