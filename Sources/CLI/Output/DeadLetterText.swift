import FleetModel
import Telemetry
import Wire

/// Dead letters one by one, with all that is known of each.
enum DeadLetterText {
  /// `{"entries": […]}`, as a listing has it.
  static func json(_ entries: [JSONView]) -> String {
    var writer = JSONWriter()
    writer.object {
      $0.member("entries", array: { list in for entry in entries { list.value(entry.json) } })
    }
    return writer.json.text + "\n"
  }

  /// - Parameter entry: an entry of the control interface's listing.
  static func details(_ entry: JSONView) -> String {
    var lines: [(String, String)] = []
    func add(_ title: String, _ key: String) {
      if let text = plain(entry.member(key)) { lines.append((title, text)) }
    }
    add("id", "id")
    add("fault", "fault")
    add("server", "server")
    add("endpoint", "endpoint")
    add("client", "client")
    add("method", "method")
    add("target", "target")
    add("params", "params")
    add("original", "originalParams")
    let redacted = entry.member("redacted")?.elements.compactMap(\.string) ?? []
    if !redacted.isEmpty {
      lines.append(("redacted", PlainText.clean(redacted.joined(separator: ", "))))
    }
    if entry.member("needsToken")?.bool == true {
      lines.append(("token", "was its caller's own; a replay needs --token-env or --token-file"))
    }
    add("error", "errorKind")
    add("message", "errorMessage")
    add("delivery", "delivery")
    add("idempotent", "idempotent")
    add("created", "createdAt")
    add("last try", "lastAttemptAt")
    add("expires", "expiresAt")
    add("state", "state")
    if let lease = entry.member("lease"), let owner = plain(lease.member("owner")) {
      lines.append(("replayed by", "\(owner) until \(plain(lease.member("until")) ?? "?")"))
    }
    add("replays", "replayCount")
    let attempts = entry.member("attempts")?.elements.map(attempt) ?? []
    for (number, attempt) in attempts.enumerated() {
      lines.append(("try \(number + 1)", attempt))
    }
    let width = lines.map(\.0.count).max() ?? 0
    return lines.map { title, text in
      title + String(repeating: " ", count: width - title.count + 2) + text + "\n"
    }.joined()
  }

  private static func attempt(_ attempt: JSONView) -> String {
    attempt.members.compactMap { member in
      plain(member.value).map { "\(PlainText.clean(member.key)) \($0)" }
    }.joined(separator: ", ")
  }

  /// One line; nil for null, for an empty text and for what is not there.
  private static func plain(_ value: JSONView?) -> String? {
    guard let value, !value.isNull else { return nil }
    if let text = value.string { return text.isEmpty ? nil : PlainText.clean(text) }
    // However long: what is kept is to be seen whole.
    let ends: [UInt8] = [0x09, 0x0A, 0x0D]
    let bytes = value.json.bytes.map { ends.contains($0) ? 0x20 : $0 }
    return PlainText.escapingHidden(in: JSONText(unchecked: bytes)).text
  }
}
