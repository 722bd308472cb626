import CHTTPParser
import Glibc

/// Turns the bytes of one connection into requests, by http-parser and stricter than it.
///
/// What http-parser lets pass and this does not, because two readers that disagree about where a
/// request ends can be played against each other (RFC 9112 §11.2): lines that end with a bare LF,
/// folded header lines, Content-Length beside Transfer-Encoding, repeated Content-Length,
/// transfer codings other than `chunked`, chunk extensions, trailers, and no or several Hosts.
final class HTTPRequestParser {
  enum Step {
    /// Nothing whole yet; more bytes must come.
    case incomplete
    case request(HTTPRequest)
    /// The connection is lost: answer with this status and close it.
    case refusal(Refusal)
  }

  struct Refusal: Hashable, Sendable {
    var status: Int
    var reason: String

    static func badRequest(_ reason: String) -> Refusal { Refusal(status: 400, reason: reason) }
  }

  private enum Phase {
    case head
    case body
  }

  /// Bytes already read are dropped from the buffer once there are this many.
  static let spentByteLimit = 64 * 1024

  let limits: HTTPLimits
  /// The client waits for "100 Continue" before it sends its body; the reader of this answers.
  var wantsContinue = false

  let parser = UnsafeMutablePointer<http_parser>.allocate(capacity: 1)
  private var settings = http_parser_settings()
  private var bytes: [UInt8] = []
  private var start = 0
  /// Where the search for the end of the head goes on.
  private var lineStart = 0
  private var phase = Phase.head

  // What the callbacks of http-parser collect about the request being read.
  var base: UnsafePointer<CChar>?
  var target = 0..<0
  var fields: [HTTPRequest.Field] = []
  var lastWasValue = true
  var headIsOver = false
  var head: [UInt8] = []
  var body: [UInt8] = []
  var isComplete = false
  var refusal: Refusal?
  /// How far the chunk framing of the current span was looked at, and its last byte.
  var framingCursor = 0
  var lastFramingByte: UInt8 = 10

  init(limits: HTTPLimits) {
    self.limits = limits
    parser.initialize(to: http_parser())
    http_parser_settings_init(&settings)
    settings.on_url = { parser, at, count in HTTPRequestParser.of(parser).url(at, count) }
    settings.on_header_field = { parser, at, count in
      HTTPRequestParser.of(parser).fieldName(at, count)
    }
    settings.on_header_value = { parser, at, count in
      HTTPRequestParser.of(parser).fieldValue(at, count)
    }
    settings.on_headers_complete = { parser in HTTPRequestParser.of(parser).headersComplete() }
    settings.on_body = { parser, at, count in HTTPRequestParser.of(parser).bodyBytes(at, count) }
    settings.on_message_complete = { parser in HTTPRequestParser.of(parser).messageComplete() }
  }

  deinit {
    parser.deinitialize(count: 1)
    parser.deallocate()
  }

  /// Bytes taken in and not yet part of a request.
  var pendingByteCount: Int { bytes.count - start }

  /// Whether a request has begun and not ended.
  var isMidRequest: Bool { phase == .body || pendingByteCount > 0 }

  /// Whether the head of the request under way has ended.
  var isInBody: Bool { phase == .body }

  func append(_ more: UnsafeRawBufferPointer) {
    if start == bytes.count {
      bytes.removeAll(keepingCapacity: bytes.capacity <= limits.headByteLimit)
      lineStart -= start
      start = 0
    } else if start >= Self.spentByteLimit {
      bytes.removeFirst(start)
      lineStart -= start
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  /// The next whole request of what was appended.
  func next() -> Step {
    if phase == .head {
      switch findHead() {
      case .incomplete: return .incomplete
      case .refusal(let refusal): return .refusal(refusal)
      case .end(let end): beginRequest(head: start..<end)
      }
    }
    if !isComplete, refusal == nil, phase == .body { readBody() }
    if let refusal { return .refusal(refusal) }
    guard isComplete else { return .incomplete }
    return .request(takeRequest())
  }

  // MARK: The head

  private enum HeadSearch {
    case incomplete
    case end(Int)
    case refusal(Refusal)
  }

  private func findHead() -> HeadSearch {
    bytes.withUnsafeBufferPointer { bytes in
      while true {
        guard let lineEnd = find(10, in: bytes, from: lineStart) else {
          guard bytes.count - start <= limits.headByteLimit else { return headTooLong() }
          return .incomplete
        }
        guard lineEnd > lineStart, find(13, in: bytes, from: lineStart) == lineEnd - 1 else {
          return .refusal(.badRequest("a line does not end with CR LF"))
        }
        let isFirst = lineStart == start
        let isEmpty = lineEnd - 1 == lineStart
        if !isFirst, bytes[lineStart] == 32 || bytes[lineStart] == 9 {
          return .refusal(.badRequest("a header line is folded"))
        }
        lineStart = lineEnd + 1
        guard lineStart - start <= limits.headByteLimit else { return headTooLong() }
        if isEmpty, !isFirst { return .end(lineStart) }
        // RFC 9112 §2.2: an empty line before the request line is ignored.
        if isEmpty { start = lineStart }
      }
    }
  }

  private func headTooLong() -> HeadSearch {
    .refusal(Refusal(status: 431, reason: "the head is longer than \(limits.headByteLimit) bytes"))
  }

  private func find(
    _ byte: Int32, in bytes: UnsafeBufferPointer<UInt8>, from index: Int
  ) -> Int? {
    guard index < bytes.count, let base = bytes.baseAddress,
      let found = memchr(base + index, byte, bytes.count - index)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  private func beginRequest(head range: Range<Int>) {
    fields.removeAll(keepingCapacity: true)
    lastWasValue = true
    headIsOver = false
    target = 0..<0
    body = []
    isComplete = false
    phase = .body
    head = Array(bytes[range])
    http_parser_init(parser, HTTP_REQUEST)
    parser.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    let consumed = head.withUnsafeBufferPointer { execute($0) }
    start = range.upperBound
    if refusal == nil, consumed != head.count { refuseByLibrary() }
  }

  // MARK: The body

  private func readBody() {
    guard pendingByteCount > 0 else { return }
    framingCursor = 0
    let consumed = bytes.withUnsafeBufferPointer { bytes in
      let span = UnsafeBufferPointer(rebasing: bytes[start...])
      let consumed = execute(span)
      if chttp_is_chunked(parser) != 0 { checkFraming(of: span, upTo: consumed) }
      return consumed
    }
    let available = pendingByteCount
    start += consumed
    if refusal == nil, !isComplete, consumed != available { refuseByLibrary() }
  }

  /// Everything of a chunked body that is not content must be plain chunk sizes and line ends.
  func checkFraming(of span: UnsafeBufferPointer<UInt8>, upTo end: Int) {
    while framingCursor < end {
      let byte = span[framingCursor]
      let isHexDigit = (48...57).contains(byte) || (97...102).contains(byte | 32)
      guard isHexDigit || byte == 13 || (byte == 10 && lastFramingByte == 13) else {
        refusal = refusal ?? .badRequest("chunk extensions, trailers and bare LF are not taken")
        return
      }
      lastFramingByte = byte
      framingCursor += 1
    }
  }

  private func execute(_ span: UnsafeBufferPointer<UInt8>) -> Int {
    span.withMemoryRebound(to: CChar.self) { characters in
      base = characters.baseAddress
      defer { base = nil }
      return http_parser_execute(parser, &settings, characters.baseAddress, characters.count)
    }
  }

  private func refuseByLibrary() {
    let name = String(cString: http_errno_description(chttp_error(parser)))
    refusal = .badRequest(name)
  }

  private func takeRequest() -> HTTPRequest {
    phase = .head
    lineStart = start
    defer { (head, body) = ([], []) }
    return HTTPRequest(
      method: methodName, target: String(decoding: head[target], as: UTF8.self), body: body,
      isHTTP11: parser.pointee.http_major == 1 && parser.pointee.http_minor >= 1,
      keepsAlive: http_should_keep_alive(parser) != 0, head: head, fields: fields)
  }
}
