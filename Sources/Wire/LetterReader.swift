import FleetModel

/// Reads the members of one entry and keeps the first thing that is wrong with them.
struct LetterReader {
  private var members: [String: JSONView] = [:]
  private(set) var fault: String?

  /// - Parameter document: an object.
  init(_ document: JSONView) {
    for (key, value) in document.members where members[key] == nil && !value.isNull {
      members[key] = value
    }
  }

  mutating func fault(_ what: String) { fault = fault ?? what }

  /// Nil where there is none; of another kind is a fault.
  mutating func text(_ name: String) -> String? { value(name, "text") { $0.string } }

  mutating func letter(_ id: DeadLetterID, lifetime: Duration, now: Timestamp) -> DeadLetter {
    let version = value("version", "number") { $0.int }
    if let version, version != LetterCodec.version {
      fault("it has version \(version), this mcpdash reads \(LetterCodec.version); update it")
    }
    let times = times(lifetime: lifetime, now: now)
    var letter = DeadLetter(
      id: id, server: ServerID(LetterCodec.nowhere), client: text("client_id") ?? "", method: "",
      target: nil, endpoint: text("endpoint") ?? "", params: .emptyObject,
      errorKind: LetterCodec.foreign, errorMessage: text("last_error") ?? "", delivery: .unknown,
      isIdempotent: false, attempts: [], createdAt: times.created, lastAttemptAt: times.last,
      expiresAt: times.expires)
    if let fault = text("fault") {
      self.fault(fault)
      letter.params = members["request_body"]?.json ?? .emptyObject
    } else {
      letter.params = object("request_body") ?? .emptyObject
    }
    if version == nil { readForeign(&letter) } else { readOurs(&letter) }
    if let fault {
      letter.fault = fault
      letter.errorKind = DeadLetter.unreadableKind
      letter.errorMessage = LetterCodec.advice(fault)
    }
    return letter
  }

  private mutating func readOurs(_ letter: inout DeadLetter) {
    letter.server = ServerID(needed("server", text("server")) ?? LetterCodec.nowhere)
    letter.method = needed("method", text("method")) ?? ""
    letter.target = text("target")
    letter.errorKind = text("error_kind") ?? ""
    letter.delivery = needed("delivery", choice("delivery", Delivery.init(rawValue:))) ?? .unknown
    letter.isIdempotent = value("idempotent", "boolean") { $0.bool } ?? false
    letter.attempts = value("attempts", "list of attempts", read: Self.attempts) ?? []
    letter.state = needed("state", choice("state", DeadLetter.State.init(rawValue:))) ?? .pending
    if let owner = text("lease_owner"), let until = time("lease_until") {
      letter.lease = DeadLetter.Lease(owner: owner, until: until)
    }
    letter.replayCount = value("replay_count", "number") { $0.int } ?? 0
    letter.needsToken = value("needs_token", "boolean") { $0.bool } ?? false
    letter.redacted = value("redacted", "list of texts", read: Self.texts) ?? []
    letter.original = object("original_body")
  }

  /// What the Go client of the bridge wrote: the body is that of the bridge's own call, whose
  /// `tool_name` and `arguments` are what MCP calls `name` and `arguments`.
  private mutating func readForeign(_ letter: inout DeadLetter) {
    letter.server = ServerID(Self.host(of: letter.endpoint) ?? LetterCodec.nowhere)
    letter.endpoint = Self.withoutCredentials(letter.endpoint)
    letter.method = LetterCodec.method(of: needed("operation", text("operation")) ?? "")
    letter.isIdempotent = letter.method == "tools/list"
    let body = JSONView(trusted: letter.params)
    switch letter.method {
    case "tools/call":
      letter.target = body.member("tool_name")?.string ?? body.member("name")?.string
      if let tool = body.member("tool_name")?.string {
        var writer = JSONWriter()
        writer.object {
          $0.member("name", tool)
          $0.member("arguments", Self.arguments(body))
        }
        letter.params = writer.json
      }
    case "tools/list": letter.params = .emptyObject
    default: letter.target = body.member("name")?.string
    }
    let retries = max(0, value("retry_count", "number") { $0.int } ?? 0)
    letter.attempts = [
      Attempt(
        startedAt: letter.lastAttemptAt, duration: .zero,
        result: retries == 0 ? "failed" : "failed, as \(retries) before it", backoff: .zero)
    ]
  }

  private static func arguments(_ body: JSONView) -> JSONText {
    guard let arguments = body.member("arguments"), !arguments.isNull else { return .emptyObject }
    return arguments.json
  }

  private mutating func times(
    lifetime: Duration, now: Timestamp
  ) -> (created: Timestamp, last: Timestamp, expires: Timestamp) {
    let (first, last) = (time("created_at"), time("last_attempt"))
    let created = first ?? last ?? now
    return (created, last ?? created, time("expires_at") ?? created + lifetime)
  }

  /// Go writes a time that was never set as the first moment of the year 1.
  private mutating func time(_ name: String) -> Timestamp? {
    let time = value(name, "time") { $0.string.flatMap { Timestamp(rfc3339: $0) } }
    guard let time, members["version"] != nil || time.millisecondsSinceEpoch > 0 else {
      return nil
    }
    return time
  }

  private mutating func object(_ name: String) -> JSONText? {
    value(name, "JSON object") { $0.kind == .object ? $0.json : nil }
  }

  private mutating func choice<Value>(_ name: String, _ read: (String) -> Value?) -> Value? {
    value(name, "\(name) that this mcpdash knows") { $0.string.flatMap(read) }
  }

  private mutating func value<Value>(
    _ name: String, _ kind: String, read: (JSONView) -> Value?
  ) -> Value? {
    guard let member = members[name] else { return nil }
    let value = read(member)
    if value == nil { fault("its `\(name)` is no \(kind)") }
    return value
  }

  private mutating func needed<Value>(_ name: String, _ value: Value?) -> Value? {
    if value == nil { fault("it has no `\(name)`") }
    return value
  }

  private static func texts(_ view: JSONView) -> [String]? {
    guard view.kind == .array else { return nil }
    var texts: [String] = []
    for element in view.elements {
      guard let text = element.string else { return nil }
      texts.append(text)
    }
    return texts
  }

  private static func attempts(_ view: JSONView) -> [Attempt]? {
    guard view.kind == .array else { return nil }
    var attempts: [Attempt] = []
    for element in view.elements {
      guard let at = element.member("at")?.string.flatMap({ Timestamp(rfc3339: $0) }),
        let duration = element.member("duration_ns")?.int,
        let result = element.member("result")?.string,
        let backoff = element.member("backoff_ns")?.int
      else { return nil }
      attempts.append(
        Attempt(
          startedAt: at, duration: .nanoseconds(duration), result: result,
          backoff: .nanoseconds(backoff)))
    }
    return attempts
  }

  /// `http://bridge/api` of `http://name:password@bridge/api`.
  private static func withoutCredentials(_ endpoint: String) -> String {
    guard let scheme = endpoint.firstRange(of: "://") else { return endpoint }
    let authority = endpoint[scheme.upperBound...].prefix { !"/?#".contains($0) }
    guard let at = authority.lastIndex(of: "@") else { return endpoint }
    return endpoint[..<scheme.upperBound] + String(endpoint[endpoint.index(after: at)...])
  }

  /// `localhost:8000` of `http://localhost:8000/api/call_tool`.
  private static func host(of endpoint: String) -> String? {
    guard let scheme = endpoint.firstRange(of: "://") else { return nil }
    let authority = endpoint[scheme.upperBound...].prefix { !"/?#".contains($0) }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    return host.isEmpty ? nil : String(host)
  }
}
