import FleetModel
import Testing

@testable import Wire

@Suite struct `A JSON-RPC request` {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
  private func json(_ text: String) -> JSONText { JSONText(unchecked: Array(text.utf8)) }

  private var metadata: RequestMetadata {
    var metadata = RequestMetadata()
    metadata.add("k", "v")
    metadata.add("n", json("{}"))
    return metadata
  }

  @Test(arguments: [
    ("{}", #"{"_meta":{"k":"v","n":{}}}"#), (" { } ", #"{"_meta":{"k":"v","n":{}} }"#),
    (#"{"a" : 1.0}"#, #"{"_meta":{"k":"v","n":{}},"a" : 1.0}"#),
    (#"{"_meta":{}}"#, #"{"_meta":{"k":"v","n":{}}}"#),
    (
      #"{"a":"\u00fc","_meta":{"k":"theirs","progressToken":3},"b":[1]}"#,
      #"{"_meta":{"k":"v","n":{},"progressToken":3},"a":"\u00fc","b":[1]}"#
    ),
    (#"{"_meta":null,"a":1}"#, #"{"_meta":{"k":"v","n":{}},"a":1}"#), ("[1]", "[1]"),
  ])
  func `carries our metadata merged into its params`(params: String, expected: String) throws {
    let bytes = RPCEncoder.request(
      id: 7, method: "tools/call", params: json(params), metadata: metadata)
    #expect(
      text(bytes) == #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":\#(expected)}"#)
    _ = try JSONView(bytes)
  }

  @Test func `without metadata leaves the params alone`() {
    #expect(
      text(RPCEncoder.request(id: 1, method: "ping", params: json(#"{"_meta":{"x":1}}"#)))
        == #"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"x":1}}}"#)
  }

  @Test func `in the modern era tells who we are and which call it is`() {
    let dialect = Dialect.modern(
      version: "2026-07-28", client: ClientIdentity(name: "mcpdash", version: "1"))
    #expect(
      text(
        dialect.request(
          id: 3, method: "tools/call", params: json(#"{"name":"t"}"#),
          idempotencyKey: CallID(high: 1, low: 2)))
        == #"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"_meta":{"#
        + #""io.modelcontextprotocol/protocolVersion":"2026-07-28","#
        + #""io.modelcontextprotocol/clientInfo":{"name":"mcpdash","version":"1"},"#
        + #""io.modelcontextprotocol/clientCapabilities":"#
        + #"{"elicitation":{"form":{}},"extensions":{"io.modelcontextprotocol/tasks":{}}},"#
        + #""mcpdash.dev/idempotencyKey":"00000000-0000-0001-0000-000000000002"},"name":"t"}}"#)
  }

  @Test func `carries a progress token in the place of the caller's, and keeps what else it said`()
  {
    let dialect = Dialect.handshake(version: "2025-06-18")
    let params = json(#"{"_meta":{"progressToken":"x","traceparent":"00-1-2-01"},"a":1}"#)
    #expect(
      text(dialect.request(id: 3, method: "m", params: params, progressToken: 9))
        == #"{"jsonrpc":"2.0","id":3,"method":"m","params":{"_meta":{"progressToken":9,"#
        + #""traceparent":"00-1-2-01"},"a":1}}"#)
  }

  @Test func `asks a modern server for log messages from a level on`() {
    let dialect = Dialect.modern(
      version: "2026-07-28", client: ClientIdentity(name: "m", version: "1"), logLevel: .warning)
    #expect(
      text(dialect.request(id: 3, method: "m"))
        .contains(#""io.modelcontextprotocol/logLevel":"warning""#))
  }

  @Test func `in the handshake era carries the call's id alone`() {
    let dialect = Dialect.handshake(version: "2025-06-18")
    #expect(
      text(dialect.request(id: 3, method: "ping"))
        == #"{"jsonrpc":"2.0","id":3,"method":"ping","params":{}}"#)
    #expect(
      text(dialect.request(id: 3, method: "x", idempotencyKey: CallID(high: 0, low: 0)))
        .contains(#""params":{"_meta":{"mcpdash.dev/idempotencyKey":"0000"#))
    #expect(
      text(dialect.cancellation(of: 9))
        == #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}"#)
  }
}

@Suite struct `A JSON-RPC message` {
  private func message(_ text: String) throws -> RPCMessage {
    try RPCMessage(JSONView(Array(text.utf8)))
  }

  @Test func `is a request with its id as written`() throws {
    guard
      case .request(let id, "ping", nil) = try message(
        #"{"jsonrpc":"2.0","id": "1" ,"method":"ping"}"#)
    else {
      Issue.record("no request")
      return
    }
    #expect(id.text == #""1""#)
  }

  @Test func `without id is a notification`() throws {
    guard case .notification("n", let params?) = try message(#"{"method":"n","params":{"a":1}}"#)
    else {
      Issue.record("no notification")
      return
    }
    #expect(params.member("a")?.int == 1)
  }

  @Test(arguments: [
    "7", "[]", "{}", #"{"id":1}"#, #"{"id":{},"method":"x"}"#, #"{"method":1}"#,
    #"{"id":1,"error":{}}"#, #"{"id":1,"error":"x"}"#,
  ])
  func `of no known shape is refused`(text: String) {
    #expect(throws: RPCShapeError.self) { try message(text) }
  }

  @Test func `batch is bounded`() throws {
    func batch(_ count: Int) throws -> JSONView {
      try JSONView(
        Array(
          ("["
            + Array(repeating: #"{"method":"n"}"#, count: count).joined(separator: ",") + "]").utf8)
      )
    }
    #expect(try RPCMessage.all(in: batch(3), batchLimit: 3).count == 3)
    #expect(throws: RPCShapeError.self) { try RPCMessage.all(in: batch(4), batchLimit: 3) }
    #expect(throws: RPCShapeError.self) { try RPCMessage.all(in: batch(0)) }
  }

  @Test func `response repeats an id exactly`() throws {
    let id = JSONText(unchecked: Array("1.0".utf8))
    #expect(
      String(decoding: RPCEncoder.response(id: id, result: .emptyObject), as: UTF8.self)
        == #"{"jsonrpc":"2.0","id":1.0,"result":{}}"#)
    #expect(
      String(
        decoding: RPCEncoder.response(id: nil, error: RPCError(code: -32601, message: "no")),
        as: UTF8.self)
        == #"{"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"no"}}"#)
  }

  @Test func `counts the first of two members with one name, escapes in it or not`() throws {
    guard
      case .request(let id, "a", let params?) = try message(
        #"{"\u0069d":1,"id":2,"method":"a","m\u0065thod":"b","params":[1],"params":[2]}"#)
    else {
      Issue.record("no request")
      return
    }
    #expect(id.text == "1")
    #expect(params.json.text == "[1]")
  }

  @Test func `is found among many members, and behind a byte order mark`() throws {
    let many = (0..<99).map { #""x\#($0)":{"id":8,"result":{}},"# }.joined()
    for text in [
      #"{\#(many)"id":7,"result":{"isError":true}}"#, "\u{FEFF}{\"id\":7,\"result\":{}}",
    ] {
      guard case .response(let id?, .result) = try message(text) else {
        Issue.record("no response")
        return
      }
      #expect(id.text == "7")
    }
  }

  /// A payload of a server or a caller: any JSON, as anybody might write it.
  private func payload(_ random: inout SplitMix64, depth: Int = 0) -> String {
    let spaces = ["", "", " ", "\n  ", "\t"]
    func space(_ random: inout SplitMix64) -> String {
      spaces[Int(random.next() % UInt64(spaces.count))]
    }
    let scalars = [
      "1.0", "1e5", "12345678901234567890", "-0", "1E-400", "true", "null", #""""#, #""\u00e9\/é""#,
      #""\ud83d\ude00 😀""#, #""\"{[,:\\""#, "0.10",
    ]
    let keys = ["b", "a", "id", "result", "unknown", #"\u0061"#, "", "é", "a"]
    guard depth < 4 else { return scalars[Int(random.next() % UInt64(scalars.count))] }
    var parts: [String] = []
    switch random.next() % 3 {
    case 0: return scalars[Int(random.next() % UInt64(scalars.count))]
    case 1:
      for _ in 0..<random.next() % 5 { parts.append(payload(&random, depth: depth + 1)) }
      return "[" + space(&random) + parts.joined(separator: "," + space(&random)) + "]"
    default:
      for _ in 0..<random.next() % 5 {
        let key = keys[Int(random.next() % UInt64(keys.count))]
        parts.append(
          "\"\(key)\"\(space(&random)):\(space(&random))" + payload(&random, depth: depth + 1))
      }
      return "{" + parts.joined(separator: space(&random) + ",") + space(&random) + "}"
    }
  }

  @Test func `gives its payload byte for byte, whatever that is`() throws {
    var random = SplitMix64(seed: 5)
    for _ in 0..<3000 {
      let text = payload(&random)
      guard
        case .response(_, .result(let result)) = try message(
          #"{"more": \#(text) ,"result" : \#(text) , "id":1}"#)
      else {
        Issue.record("no response: \(text)")
        return
      }
      #expect(result.json.text == text)
      guard
        case .notification("m", let params?) = try message(
          #"{"method":"m","params":\#(text)}"#)
      else {
        Issue.record("no notification: \(text)")
        return
      }
      #expect(params.json.text == text)
      let sent = RPCEncoder.request(id: 1, method: "m", params: params.json)
      #expect(String(decoding: sent, as: UTF8.self).hasSuffix(#""params":\#(text)}"#))
    }
  }
}
