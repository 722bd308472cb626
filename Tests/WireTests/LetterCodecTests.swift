import FleetModel
import Testing

@testable import Wire

@Suite struct `A letter as JSON` {
  private static let now = Timestamp(millisecondsSinceEpoch: 1_790_000_000_000)

  private func decode(
    _ text: String, as id: String? = "stored", lifetime: Duration = .seconds(60)
  ) -> DeadLetter {
    decode(Array(text.utf8), as: id, lifetime: lifetime)
  }

  private func decode(
    _ bytes: [UInt8], as id: String? = "stored", lifetime: Duration = .seconds(60)
  ) -> DeadLetter {
    LetterCodec.decode(
      bytes, storedUnder: id.map { DeadLetterID($0) }, lifetime: lifetime, now: Self.now)
  }

  @Test func `comes back as it was`() {
    var random = SplitMix64(seed: 12)
    for _ in 0..<2000 {
      let letter = RandomLetter.make(&random)
      let text = LetterCodec.encode(letter)
      let read = LetterCodec.decode(
        text.bytes, storedUnder: Bool.random(using: &random) ? letter.id : nil,
        lifetime: .seconds(1), now: Self.now)
      #expect(read == letter)
      #expect(!text.bytes.contains(0x0A) && !text.bytes.contains(0x0D))
    }
  }

  @Test func `has the members of the Go client`() throws {
    let letter = DeadLetter(
      id: DeadLetterID("a"), server: ServerID("github"), client: "agent", method: "tools/call",
      target: "t", endpoint: "https://h/mcp",
      params: JSONText(unchecked: Array("{\"n\":1.50}".utf8)),
      errorKind: "503", errorMessage: "no", delivery: .refused, isIdempotent: false,
      attempts: [
        Attempt(startedAt: Self.now, duration: .zero, result: "503", backoff: .zero),
        Attempt(startedAt: Self.now, duration: .zero, result: "503", backoff: .zero),
      ], createdAt: Self.now, lastAttemptAt: Self.now + .milliseconds(1), expiresAt: Self.now)
    let json = try JSONView(LetterCodec.encode(letter))
    #expect(json.member("id")?.string == "a")
    #expect(json.member("client_id")?.string == "agent")
    #expect(json.member("operation")?.string == "call_tool")
    #expect(json.member("endpoint")?.string == "https://h/mcp")
    #expect(json.member("request_body")?.json.text == "{\"n\":1.50}")
    #expect(json.member("last_error")?.string == "no")
    #expect(json.member("retry_count")?.int == 1)
    #expect(json.member("created_at")?.string == "2026-09-21T14:13:20.000Z")
    #expect(json.member("last_attempt")?.string == "2026-09-21T14:13:20.001Z")
    #expect(json.member("version")?.int == 1)
  }

  @Test func `is one line, whatever white space its params have`() {
    var letter = LetterCodec.unreadable(
      DeadLetterID("a"), "f", lifetime: .seconds(1), now: Self.now)
    letter.params = JSONText(unchecked: Array("{\n\t\"a\":\r\n1}".utf8))
    let text = LetterCodec.encode(letter)
    #expect(!text.text.contains("\n") && !text.text.contains("\r"))
    #expect(decode(text.bytes, as: nil).params.text == "{ \t\"a\":  1}")
  }

  @Test func `of the Go client is a letter that can be sent`() {
    let letter = decode(
      """
      {"id":"call_tool-client-1-1234567890","client_id":"client-1","operation":"call_tool",
      "endpoint":"http://localhost:8000/api/call_tool","request_body":{"client_id":"client-1",
      "tool_name":"search","arguments":{"q":"x","n":1.50}},"last_error":"connection refused",
      "retry_count":3,"created_at":"2026-09-21T16:13:20.123456789+02:00",
      "last_attempt":"2026-09-21T16:14:20.5+02:00"}
      """)
    #expect(letter.fault == nil)
    #expect(letter.id.text == "stored")
    #expect(letter.client == "client-1")
    #expect(letter.server.name == "localhost:8000")
    #expect(letter.method == "tools/call")
    #expect(letter.target == "search")
    #expect(letter.params.text == #"{"name":"search","arguments":{"q":"x","n":1.50}}"#)
    #expect(letter.errorMessage == "connection refused")
    #expect(letter.errorKind == LetterCodec.foreign)
    #expect(letter.delivery == .unknown && letter.isUnsafeToReplay)
    #expect(letter.createdAt == Self.now + .milliseconds(123))
    #expect(letter.lastAttemptAt == Self.now + .milliseconds(60_500))
    #expect(letter.expiresAt == letter.createdAt + .seconds(60))
    #expect(letter.attempts.map(\.result) == ["failed, as 3 before it"])
    #expect(letter.attempts.map(\.startedAt) == [letter.lastAttemptAt])
  }

  @Test func `of the Go client that lists tools is harmless`() {
    let letter = decode(
      #"{"operation":"list_tools","request_body":{"client_id":"c"},"retry_count":0}"#)
    #expect(letter.method == "tools/list" && letter.params == .emptyObject)
    #expect(!letter.isUnsafeToReplay && letter.fault == nil)
  }

  @Test(arguments: ["connect", "disconnect", "resources/read"])
  func `keeps the name of an operation that no tool call is`(operation: String) {
    let letter = decode(#"{"operation":"\#(operation)","request_body":null}"#)
    #expect(letter.method == operation && letter.fault == nil && letter.params == .emptyObject)
  }

  @Test func `without times is of now, as is one whose times Go never set`() {
    for times in ["", #","created_at":"0001-01-01T00:00:00Z""#, #","last_attempt":null"#] {
      let letter = decode(#"{"operation":"connect"\#(times)}"#)
      #expect(letter.fault == nil)
      #expect(letter.createdAt == Self.now && letter.expiresAt == Self.now + .seconds(60))
    }
  }

  @Test func `keeps the arguments of a call in the form of MCP`() {
    let letter = decode(
      #"{"operation":"call_tool","request_body":{"name":"t","arguments":{}}}"#)
    #expect(letter.target == "t" && letter.params.text == #"{"name":"t","arguments":{}}"#)
  }

  @Test(arguments: [
    ("", "empty"), ("[]", "no JSON object"), ("12", "no JSON object"), ("\"x\"", "no JSON object"),
    ("{", "not JSON"), ("{}", "`operation`"), (#"{"operation":7}"#, "`operation`"),
    (#"{"operation":"connect","client_id":[]}"#, "`client_id`"),
    (#"{"operation":"connect","created_at":"yesterday"}"#, "`created_at`"),
    (#"{"operation":"connect","created_at":5}"#, "`created_at`"),
    (#"{"operation":"connect","request_body":[1]}"#, "`request_body`"),
    (#"{"operation":"connect","retry_count":"many"}"#, "`retry_count`"),
    (#"{"version":2}"#, "version 2"), (#"{"version":1}"#, "`server`"),
    (#"{"version":1,"server":"s","method":"m","delivery":"maybe"}"#, "`delivery`"),
    (
      #"{"version":1,"server":"s","method":"m","delivery":"unknown","state":"lost"}"#, "`state`"
    ),
    (
      #"{"version":1,"server":"s","method":"m","delivery":"unknown","state":"done","attempts":[1]}"#,
      "`attempts`"
    ),
  ])
  func `that makes no sense says what is wrong`(text: String, fault: String) {
    let letter = decode(text)
    #expect(letter.fault?.contains(fault) == true, "\(letter.fault ?? "no fault")")
    #expect(letter.errorKind == DeadLetter.unreadableKind)
    #expect(letter.errorMessage.contains(fault))
    #expect(letter.id.text == "stored")
  }

  @Test func `that is no UTF-8, too large or too deep is a fault and not the end`() {
    let broken = decode(Array(#"{"operation":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8))
    #expect(broken.fault?.contains("UTF-8") == true)
    #expect(JSONView(trusted: broken.params).string?.contains("\u{FFFD}") == true)
    let large = decode(
      Array(#"{"operation":"connect","x":""#.utf8)
        + Array(repeating: 0x61, count: 40 << 20) + Array(#""}"#.utf8))
    #expect(large.fault?.contains("larger") == true)
    #expect(large.params.bytes.count < 5000)
    let deep = decode(
      #"{"operation":"connect","request_body":"# + String(repeating: "[", count: 5000)
        + String(repeating: "]", count: 5000) + "}")
    #expect(deep.fault?.contains("deeper") == true)
  }

  @Test func `of 20 MB is read`() {
    let letter = decode(
      Array(#"{"operation":"connect","request_body":{"x":""#.utf8)
        + Array(repeating: 0x61, count: 20 << 20) + Array(#""}}"#.utf8))
    #expect(letter.fault == nil && letter.params.bytes.count > 20 << 20)
  }

  @Test func `without a name gets one from its bytes, always the same`() {
    let text = #"{"operation":"connect"}"#
    let letter = decode(text, as: nil)
    #expect(letter.fault?.contains("no id") == true)
    #expect(letter.id.text.hasPrefix("unnamed-") && letter.id == decode(text, as: nil).id)
    #expect(decode(text + " ", as: nil).id != letter.id)
    #expect(decode(#"{"id":"x","operation":"connect"}"#, as: nil).id.text == "x")
  }

  @Test func `that could not be read can be moved to another queue`() {
    let letter = decode("[1,2]")
    let again = LetterCodec.decode(
      LetterCodec.encode(letter).bytes, storedUnder: nil, lifetime: .seconds(1), now: Self.now)
    #expect(again == letter && again.fault == letter.fault && again.params.text == "[1,2]")
  }
}

private enum RandomLetter {
  static func make(_ random: inout SplitMix64) -> DeadLetter {
    let state = DeadLetter.State.allCases.randomElement(using: &random) ?? .pending
    let createdAt = time(&random)
    return DeadLetter(
      id: DeadLetterID("i" + text(&random)), server: ServerID(text(&random)),
      client: text(&random), method: text(&random),
      target: Bool.random(using: &random) ? text(&random) : nil, endpoint: text(&random),
      params: params(&random), original: Bool.random(using: &random) ? params(&random) : nil,
      redacted: (0..<Int.random(in: 0...2, using: &random)).map { _ in text(&random) },
      needsToken: Bool.random(using: &random), errorKind: text(&random),
      errorMessage: text(&random),
      delivery: Delivery.allCases.randomElement(using: &random) ?? .unknown,
      isIdempotent: Bool.random(using: &random),
      attempts: (0..<Int.random(in: 0...3, using: &random)).map { _ in
        Attempt(
          startedAt: time(&random),
          duration: .nanoseconds(Int64.random(in: 0...Int64.max, using: &random)),
          result: text(&random),
          backoff: .nanoseconds(Int64.random(in: 0...Int64.max, using: &random)))
      },
      createdAt: createdAt, lastAttemptAt: time(&random), expiresAt: time(&random), state: state,
      lease: state == .replaying
        ? DeadLetter.Lease(owner: text(&random), until: time(&random)) : nil,
      replayCount: Int.random(in: 0...9, using: &random))
  }

  private static func time(_ random: inout SplitMix64) -> Timestamp {
    Timestamp(
      millisecondsSinceEpoch: Int64.random(
        in: -62_167_219_200_000...253_402_300_799_999, using: &random))
  }

  private static func text(_ random: inout SplitMix64) -> String {
    let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\r", "\0", "é", "🜁", "\u{2028}", "]"]
    return String(
      String.UnicodeScalarView(
        (0..<Int.random(in: 0...12, using: &random)).map { _ in
          scalars.randomElement(using: &random) ?? "x"
        }))
  }

  private static func params(_ random: inout SplitMix64) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member(text(&random), text(&random))
      $0.member("n", JSONText(unchecked: Array("[ 1.50, {\"a\" : null}]".utf8)))
    }
    return writer.json
  }
}
