import FleetModel
import Testing

@testable import Wire

@Suite struct `An HTTP answer` {
  private func reply(
    _ status: Int, _ body: String = "", sentSession: Bool = false, retryAfter: Duration? = nil,
    location: String? = nil
  ) -> Reply {
    Classification.reply(
      to: HTTPAnswer(
        status: status, body: Array(body.utf8), retryAfter: retryAfter, location: location),
      id: 7, sentSession: sentSession)
  }

  private func failure(_ reply: Reply) -> Failure? {
    if case .failure(let failure) = reply { failure } else { nil }
  }

  private func json(_ text: String) -> JSONText { JSONText(unchecked: Array(text.utf8)) }

  @Test(arguments: [
    #"{"content":[]}"#, #"{"content":[],"isError":false}"#, #"{"resultType":"complete"}"#,
    #"{"resultType":"input_required"}"#, #"{"resultType":"task","taskId":"1"}"#,
  ])
  func `with a result is a success`(result: String) {
    #expect(
      reply(200, #"{"jsonrpc":"2.0","id":7,"result":\#(result)}"#) == .success(json(result)))
  }

  @Test func `with isError is a tool error`() {
    #expect(
      reply(200, #"{"jsonrpc":"2.0","id":7,"result":{"isError":true,"content":[]}}"#)
        == .toolError(json(#"{"isError":true,"content":[]}"#)))
  }

  @Test(arguments: [200, 400, 404, 500, 502, 413])
  func `with a JSON-RPC error is a protocol error under its status`(status: Int) {
    #expect(
      reply(
        status,
        #"{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"bad","data":{"a":1}}}"#)
        == .protocolError(
          RPCError(
            code: -32602, message: "bad", data: json(#"{"a":1}"#), httpStatus: status)))
  }

  @Test(arguments: [200, 400, 404, 413, 500, 502, 504])
  func `with a JSON-RPC error keeps its Retry-After`(status: Int) {
    for code in [-32000, -32601] {
      let body = #"{"jsonrpc":"2.0","id":7,"error":{"code":\#(code),"message":"busy"}}"#
      #expect(
        reply(status, body, retryAfter: .seconds(3))
          == .protocolError(
            RPCError(
              code: code, message: "busy", httpStatus: status, retryAfter: .seconds(3))))
    }
  }

  @Test(arguments: [#""id":null,"#, "", #""id":8,"#])
  func `with an error needs no id of ours`(id: String) {
    #expect(
      reply(400, #"{"jsonrpc":"2.0",\#(id)"error":{"code":-32700,"message":""}}"#)
        == .protocolError(RPCError(code: -32700, message: "", httpStatus: 400)))
  }

  @Test func `with a result under another id is malformed`() {
    #expect(failure(reply(200, #"{"id":8,"result":{}}"#))?.kind == .malformedAnswer)
  }

  @Test func `with our number as a string is taken`() {
    #expect(reply(200, #"{"id":"7","result":{}}"#) == .success(json("{}")))
  }

  @Test func `in a batch is found among notifications`() {
    #expect(
      reply(200, #"[{"method":"notifications/message"},{"id":7,"result":{"a":1}}]"#)
        == .success(json(#"{"a":1}"#)))
  }

  @Test(arguments: [
    (200, ""), (200, "<html>"), (200, "{}"), (200, "[]"), (200, #"{"id":7,"result":5}"#),
    (200, #"{"id":7,"result":{"resultType":"new"}}"#), (202, ""), (202, #"{"id":7,"result":{}}"#),
    (200, #"{"id":7,"result":{}"#), (200, #"{"id":7,"error":{"message":"no code"}}"#), (204, ""),
  ])
  func `that is no answer is malformed, and may have run`(status: Int, body: String) {
    let failure = failure(reply(status, body))
    #expect(failure?.kind == .malformedAnswer)
    #expect(failure?.delivery == .unknown)
  }

  @Test(arguments: [401, 403], ["", #"{"id":7,"error":{"code":-32000,"message":"who"}}"#])
  func `of 401 and 403 is unauthorized whatever the body`(status: Int, body: String) {
    #expect(failure(reply(status, body))?.kind == .unauthorized)
    #expect(failure(reply(status, body))?.delivery == .refused)
  }

  @Test func `of 404 under a session is a lost session, but not an unknown method`() {
    let gone = #"{"id":null,"error":{"code":-32600,"message":"Session not found"}}"#
    #expect(failure(reply(404, sentSession: true))?.kind == .sessionLost)
    #expect(failure(reply(404, gone, sentSession: true))?.kind == .sessionLost)
    #expect(failure(reply(404))?.kind == .httpStatus(404))
    #expect(
      reply(404, #"{"id":7,"error":{"code":-32601,"message":"?"}}"#, sentSession: true)
        == .protocolError(RPCError(code: -32601, message: "?", httpStatus: 404)))
  }

  @Test(arguments: [429, 503], ["", #"{"id":7,"error":{"code":-32000,"message":"busy"}}"#])
  func `that asks to wait keeps its Retry-After and was refused`(status: Int, body: String) {
    let failure = failure(reply(status, body, retryAfter: .seconds(3)))
    #expect(failure?.kind == .httpStatus(status))
    #expect(failure?.delivery == .refused)
    #expect(failure?.retryAfter == .seconds(3))
  }

  @Test(arguments: [
    (400, Delivery.refused), (404, .refused), (405, .refused), (406, .refused), (408, .unknown),
    (409, .refused), (410, .refused), (413, .refused), (415, .refused), (421, .refused),
    (425, .refused), (500, .unknown), (501, .unknown), (502, .unknown), (503, .unknown),
    (504, .unknown), (308, .refused),
  ])
  func `without a JSON-RPC body says by its status whether it ran`(
    status: Int, delivery: Delivery
  ) {
    let failure = failure(reply(status, "<html>"))
    #expect(failure?.kind == .httpStatus(status))
    #expect(failure?.delivery == delivery)
  }

  @Test(arguments: [
    ("https://elsewhere.example/?token=secret", "https://elsewhere.example/"),
    ("https://elsewhere.example/a#token=secret", "https://elsewhere.example/a"),
    ("https://me:secret@elsewhere.example/a", "https://…@elsewhere.example/a"),
  ])
  func `that redirects names the place without its secrets`(location: String, shown: String) {
    let failure = failure(reply(302, location: location))
    #expect(failure?.message.hasSuffix("redirected to \(shown)") == true)
  }

  @Test(arguments: [-32020, -32021, -32022, -32042, -32800])
  func `with a code of the protocol's own keeps code, message and data`(code: Int) {
    let body = #"{"id":7,"error":{"code":\#(code),"message":"m","data":{"elicitations":[]}}}"#
    #expect(
      reply(400, body)
        == .protocolError(
          RPCError(
            code: code, message: "m", data: json(#"{"elicitations":[]}"#), httpStatus: 400)))
  }

  @Test(arguments: [#"[7]"#, #"{"a":7}"#, "true"])
  func `under an id that is no id is malformed`(id: String) {
    let failure = failure(reply(200, #"{"id":\#(id),"result":{}}"#))
    #expect(failure?.kind == .malformedAnswer)
    #expect(failure?.delivery == .unknown)
  }

  @Test func `with two results is the first`() {
    #expect(
      reply(200, #"[{"id":7,"result":{"n":1}},{"id":7,"result":{"n":2}}]"#)
        == .success(json(#"{"n":1}"#)))
  }
}
