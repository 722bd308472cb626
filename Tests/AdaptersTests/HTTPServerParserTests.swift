import Testing

@testable import Adapters

/// Everything that a connection would do with these bytes, in pieces of that size.
private func parse(
  _ text: String, pieceSize: Int = .max, limits: HTTPLimits = HTTPLimits()
) -> (requests: [HTTPRequest], refusal: HTTPRequestParser.Refusal?) {
  let parser = HTTPRequestParser(limits: limits)
  var requests: [HTTPRequest] = []
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let piece = Array(rest.prefix(pieceSize))
    rest = rest.dropFirst(pieceSize)
    piece.withUnsafeBytes { parser.append($0) }
    read: while true {
      switch parser.next() {
      case .incomplete: break read
      case .request(let request): requests.append(request)
      case .refusal(let refusal): return (requests, refusal)
      }
    }
  }
  return (requests, nil)
}

private func summary(_ requests: [HTTPRequest]) -> [String] {
  requests.map { request in
    let headers = request.headers.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
    let body = String(decoding: request.body, as: UTF8.self)
    return "\(request.method) \(request.target) [\(headers)] \(body)"
  }
}

@Suite struct HTTPServerParserTests {
  static let stream =
    "POST /mcp?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
    + "\r\nGET /health HTTP/1.1\r\nhost:a\r\nX-Empty:\r\nX-Space: \t two words \t \r\n\r\n"
    + "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    + "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"
    + "DELETE /mcp HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test(arguments: [1, 2, 3, 7, 50, .max])
  func `requests are the same however their bytes are cut`(pieceSize: Int) {
    let (requests, refusal) = parse(Self.stream, pieceSize: pieceSize)
    #expect(refusal == nil)
    #expect(
      summary(requests) == [
        "POST /mcp?x=1 [Host=a,Content-Length=5] hello",
        "GET /health [host=a,X-Empty=,X-Space=two words] ",
        "POST / [Host=a,Transfer-Encoding=chunked] abc0123456789",
        "DELETE /mcp [Host=a] ",
      ])
  }

  @Test func `a header is found whatever the case of its letters`() {
    let request = parse("GET / HTTP/1.1\r\nHost: a\r\nMcp-Session-ID: S\r\n\r\n").requests.first
    #expect(request?.header("mcp-session-id") == "S")
    #expect(request?.header("mcp-session-i") == nil)
    #expect(request?.path == "/")
  }

  /// Requests that two readers could cut differently, and plain nonsense (RFC 9112 §11).
  @Test(
    arguments: [
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
        + "\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "3\r\nabc\r\n0\r\nContent-Length: 4\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAb: c\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\tfolded\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\n\n",
      "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: \u{0}\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX\u{1}: 1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
      "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1 x\r\nHost: a\r\n\r\n",
      "GET / HTTX/1.1\r\nHost: a\r\n\r\n",
      "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET  HTTP/1.1\r\nHost: a\r\n\r\n",
      "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\u{16}\u{3}\u{1}\n\r\n\r\n",
    ], [1, .max])
  func `a doubtful request is refused`(text: String, pieceSize: Int) {
    let (requests, refusal) = parse(text, pieceSize: pieceSize)
    #expect(requests.isEmpty)
    #expect(refusal?.status == 400)
  }

  @Test func `a head over the limit is refused with 431, before it ends`() {
    var limits = HTTPLimits()
    limits.headByteLimit = 200
    let head = "GET / HTTP/1.1\r\nHost: a\r\nX: "
    let filler = String(repeating: "x", count: 200 - head.utf8.count - 4)
    #expect(parse(head + filler + "\r\n\r\n", limits: limits).requests.count == 1)
    #expect(parse(head + filler + "x\r\n\r\n", limits: limits).refusal?.status == 431)
    #expect(parse(head + filler + "xxxxx", limits: limits).refusal?.status == 431)
  }

  @Test func `too many header fields are refused with 431`() {
    var limits = HTTPLimits()
    limits.fieldLimit = 3
    let head = "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n"
    #expect(parse(head + "\r\n", limits: limits).requests.count == 1)
    #expect(parse(head + "C: 3\r\n\r\n", limits: limits).refusal?.status == 431)
  }

  @Test(
    arguments: [
      "Content-Length: 5\r\n\r\nhello",
      "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    ])
  func `a body over the limit is refused with 413`(rest: String) {
    var limits = HTTPLimits()
    let text = "POST / HTTP/1.1\r\nHost: a\r\n" + rest
    limits.bodyByteLimit = 5
    #expect(parse(text, limits: limits).requests.count == 1)
    limits.bodyByteLimit = 4
    #expect(parse(text, limits: limits).refusal?.status == 413)
  }

  @Test func `an upgrade is not taken up, its body is read as ever`() {
    let text =
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
      + "Content-Length: 2\r\n\r\nok"
    #expect(parse(text).requests.map(\.body) == [Array("ok".utf8)])
  }

  @Test(arguments: 1...200)
  func `damaged bytes are read the same however they are cut, and never crash`(seed: UInt64) {
    var random = TestRandom(state: seed)
    var bytes = Array(Self.stream.utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let index = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: bytes[index] = UInt8.random(in: 0...127, using: &random)
      case 1: bytes.remove(at: index)
      default: bytes.insert([13, 10, 32, 48, 59, 0].randomElement(using: &random) ?? 0, at: index)
      }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let whole = parse(text)
    for pieceSize in [1, 5, 64] {
      let cut = parse(text, pieceSize: pieceSize)
      #expect(summary(cut.requests) == summary(whole.requests))
      #expect(cut.refusal?.status == whole.refusal?.status)
    }
  }
}
