import FleetModel
import Testing
import Wire

private func answer(_ status: Int, _ body: String, retryAfter: Duration? = nil) -> HTTPAnswer {
  HTTPAnswer(status: status, body: Array(body.utf8), retryAfter: retryAfter)
}

private func reply(
  _ status: Int, _ body: String, _ operation: BridgeAnswer.Operation = .call,
  retryAfter: Duration? = nil
) -> Reply {
  BridgeAnswer.reply(
    to: answer(status, body, retryAfter: retryAfter), operation, clientID: "me-1")
}

private func failure(_ reply: Reply) -> Failure? {
  if case .failure(let failure) = reply { failure } else { nil }
}

@Suite struct `A bridge's answer to a call` {
  /// A result, and what the caller gets.
  private static let results = [
    (#"{"content":[],"x":1.50}"#, #"{"content":[],"x":1.50}"#),
    (
      #"{ "a" : 1 }"#,
      #"{"content":[{"type":"text","text":"{ \"a\" : 1 }"}],"structuredContent":{ "a" : 1 }}"#
    ),
    (#""hello""#, #"{"content":[{"type":"text","text":"hello"}]}"#),
    ("17", #"{"content":[{"type":"text","text":"17"}]}"#),
    ("[1,2]", #"{"content":[{"type":"text","text":"[1,2]"}]}"#),
    (#"[{"type":"text","text":"x"}]"#, #"{"content":[{"type":"text","text":"x"}]}"#),
    ("null", #"{"content":[]}"#),
  ]

  @Test(arguments: results)
  func `is a result as MCP has it`(result: String, expected: String) {
    #expect(
      reply(200, #"{"success":true,"result":\#(result)}"#)
        == .success(JSONText(unchecked: Array(expected.utf8))))
  }

  @Test func `may be without a result`() {
    #expect(
      reply(200, #"{"success":true}"#)
        == .success(JSONText(unchecked: Array(#"{"content":[]}"#.utf8))))
  }

  @Test func `is a tool's error when the result says so`() {
    let result = #"{"content":[],"isError":true}"#
    #expect(
      reply(200, #"{"success":true,"result":\#(result)}"#)
        == .toolError(JSONText(unchecked: Array(result.utf8))))
  }

  @Test(arguments: [
    (#"{"success":false,"error":"disk\nfull"}"#, #"disk\nfull"#),
    (#"{"success":false,"message":"later"}"#, "later"),
    (#"{"success":false}"#, "the bridge gives no reason for the failure"),
    (#"{"success":false,"error":"","message":"m"}"#, "m"),
    (#"{"success":false,"error":"client not found in CRM"}"#, "client not found in CRM"),
    (#"{"success":false,"error":"not connected"}"#, "not connected"),
  ])
  func `without success is the tool's error, never sent again`(body: String, text: String) {
    #expect(
      reply(200, body)
        == .toolError(
          JSONText(
            unchecked: Array(
              #"{"content":[{"type":"text","text":"\#(text)"}],"isError":true}"#.utf8))))
  }

  @Test(arguments: [
    (200, #"{"success":false,"error":"Client me-1 not connected"}"#),
    (200, #"{"success":false,"error":"unknown client: me-1"}"#),
    (404, #"{"error":"no"}"#), (404, ""),
    (404, #"{"error":"client not found; no tool can be called"}"#),
    (400, "unknown client"), (409, #"{"message":"Not connected"}"#),
  ])
  func `that names a lost client ends the connection, and nothing was run`(
    status: Int, body: String
  ) {
    let failure = failure(reply(status, body))
    #expect(failure?.kind == .sessionLost)
    #expect(failure?.delivery == .refused)
  }

  @Test(arguments: [
    (400, #"{"error":"bad arguments"}"#, Failure.Kind.httpStatus(400), Delivery.refused),
    (401, "", .unauthorized, .refused),
    (403, #"{"error":"client not connected"}"#, .unauthorized, .refused),
    (404, #"{"error":"tool not found"}"#, .httpStatus(404), .refused),
    (429, "", .httpStatus(429), .refused),
    (500, #"{"error":"client not connected"}"#, .httpStatus(500), .unknown),
    (502, "", .httpStatus(502), .unknown), (503, "", .httpStatus(503), .unknown),
    (504, "", .httpStatus(504), .unknown), (302, "", .httpStatus(302), .refused),
  ])
  func `with another status is the bridge's failure`(
    status: Int, body: String, kind: Failure.Kind, delivery: Delivery
  ) {
    let failure = failure(reply(status, body))
    #expect(failure?.kind == kind)
    #expect(failure?.delivery == delivery)
  }

  @Test(arguments: [
    (#"{"error":"out of\u001b[31m memory"}"#, "out of [31m memory"),
    (#"{"message":"busy"}"#, "busy"), (#"{"error":7}"#, #"{"error":7}"#),
    ("<h1>Bad\r\n  Gateway</h1>", "<h1>Bad Gateway</h1>"),
    (String(repeating: "x", count: 5000), String(repeating: "x", count: 299) + "…"),
  ])
  func `says why in one clean line`(body: String, text: String) {
    #expect(
      failure(reply(500, body))?.message == "the server answered HTTP 500: \(text)")
  }

  @Test func `keeps what the server asks for with Retry-After`() {
    #expect(failure(reply(429, "", retryAfter: .seconds(3)))?.retryAfter == .seconds(3))
  }

  @Test(arguments: ["", "nothing", "[]", "{}", #"{"success":"true"}"#, #"{"success":true"#])
  func `that does not say whether it was a success is malformed`(body: String) {
    #expect(failure(reply(200, body))?.kind == .malformedAnswer)
  }
}

@Suite struct `A bridge's answer` {
  @Test func `to a list is the list as it was written`() {
    #expect(
      reply(200, #"{"success":true,"tools":[ {"name":"a"} ]}"#, .list)
        == .success(JSONText(unchecked: Array(#"{"tools":[ {"name":"a"} ]}"#.utf8))))
    #expect(failure(reply(200, #"{"success":true}"#, .list))?.kind == .malformedAnswer)
  }

  @Test(arguments: [
    (200, #"{"success":true,"message":"connected"}"#, Failure.Kind?.none),
    (200, #"{"success":false,"error":"no route"}"#, .notConnected),
    (200, "hello", .malformedAnswer), (404, "", .httpStatus(404)),
    (401, "", .unauthorized), (503, "", .httpStatus(503)),
  ])
  func `to connect is a failure or none`(status: Int, body: String, kind: Failure.Kind?) {
    #expect(BridgeAnswer.refusal(ofConnect: answer(status, body))?.kind == kind)
  }

  @Test(arguments: [
    (200, #"{"status":"ok"}"#, Failure.Kind?.none), (200, #"{"status":"healthy"}"#, nil),
    (200, #"{"status":"starting"}"#, .notConnected), (200, "fine", .malformedAnswer),
    (200, "{}", .malformedAnswer), (503, #"{"status":"ok"}"#, .httpStatus(503)),
  ])
  func `for its health is an illness or none`(status: Int, body: String, kind: Failure.Kind?) {
    #expect(BridgeAnswer.illness(in: answer(status, body))?.kind == kind)
  }
}
