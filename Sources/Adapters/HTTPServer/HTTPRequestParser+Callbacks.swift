import CHTTPParser

/// What http-parser calls; a non-zero answer stops it.
extension HTTPRequestParser {
  /// The object behind a C parser.
  static func of(_ parser: UnsafeMutablePointer<http_parser>?) -> HTTPRequestParser {
    guard let context = parser?.pointee.data else {
      preconditionFailure("http-parser gives back the context it was given")
    }
    return Unmanaged<HTTPRequestParser>.fromOpaque(context).takeUnretainedValue()
  }

  private func range(_ at: UnsafePointer<CChar>?, _ count: Int) -> Range<Int> {
    guard let at, let base else { preconditionFailure("callbacks come during execute only") }
    return (at - base)..<(at - base + count)
  }

  private func refuse(_ status: Int, _ reason: String) -> Int32 {
    refusal = refusal ?? Refusal(status: status, reason: reason)
    return 1
  }

  func url(_ at: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
    let piece = range(at, count)
    target = target.isEmpty ? piece : target.lowerBound..<piece.upperBound
    return 0
  }

  func fieldName(_ at: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
    // Fields after the head are trailers, and their ranges are not in the head.
    guard !headIsOver else { return refuse(400, "trailers are not taken") }
    let piece = range(at, count)
    if lastWasValue {
      guard fields.count < limits.fieldLimit else {
        return refuse(431, "more than \(limits.fieldLimit) header fields")
      }
      fields.append(.init(name: piece, value: piece.upperBound..<piece.upperBound))
      lastWasValue = false
    } else {
      fields[fields.count - 1].name = fields[fields.count - 1].name.lowerBound..<piece.upperBound
    }
    return 0
  }

  func fieldValue(_ at: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
    guard !headIsOver else { return refuse(400, "trailers are not taken") }
    let piece = range(at, count)
    let old = fields[fields.count - 1].value
    var value = lastWasValue ? old.lowerBound..<piece.upperBound : piece
    lastWasValue = true
    while let last = value.last, head[last] == 32 || head[last] == 9 {
      value = value.lowerBound..<last
    }
    fields[fields.count - 1].value = value
    return 0
  }

  func headersComplete() -> Int32 {
    headIsOver = true
    lastFramingByte = 10
    chttp_ignore_upgrade(parser)
    guard parser.pointee.method != UInt8(HTTP_CONNECT.rawValue) else {
      return refuse(400, "CONNECT is for proxies")
    }
    guard requestLineIsExact else { return refuse(400, "the request line is malformed") }
    guard fields.allSatisfy(isWellFormed) else { return refuse(400, "a header is malformed") }
    return checkBodyLength()
  }

  /// Debian builds http-parser without its strict mode, which would have checked this.
  private var requestLineIsExact: Bool {
    let version = parser.pointee.http_minor == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n"
    return parser.pointee.http_major == 1 && parser.pointee.http_minor <= 1
      && head[..<target.lowerBound].elementsEqual("\(methodName) ".utf8)
      && head[target].allSatisfy { (33...126).contains($0) }
      && head[target.upperBound...].starts(with: version.utf8)
  }

  private func isWellFormed(_ field: HTTPRequest.Field) -> Bool {
    !field.name.isEmpty && head[field.name].allSatisfy(Self.isTokenByte)
      && head[field.value].allSatisfy { ($0 >= 32 && $0 != 127) || $0 == 9 }
  }

  /// RFC 9110 §5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 94...122, 124, 126, 33, 35...39, 42, 43, 45, 46: true
    default: false
    }
  }

  var methodName: String {
    String(cString: http_method_str(http_method(UInt32(parser.pointee.method))))
  }

  private func checkBodyLength() -> Int32 {
    let request = takeHeadForChecks()
    let hosts = request.headerCount("Host")
    let needsHost = parser.pointee.http_minor >= 1
    guard hosts == 1 || (hosts == 0 && !needsHost) else {
      return refuse(400, "one Host, not \(hosts)")
    }
    let lengths = request.headerCount("Content-Length")
    let codings = request.headerCount("Transfer-Encoding")
    guard lengths <= 1, codings <= 1, lengths + codings <= 1 else {
      return refuse(400, "two statements of the body's length")
    }
    if codings == 1, request.header("Transfer-Encoding")?.lowercased() != "chunked" {
      return refuse(400, "only the transfer coding chunked is taken")
    }
    let length = chttp_has_content_length(parser) != 0 ? parser.pointee.content_length : 0
    guard length <= UInt64(limits.bodyByteLimit) else { return bodyTooLong() }
    body.reserveCapacity(Int(length))
    if codings + lengths > 0, request.header("Expect")?.lowercased() == "100-continue" {
      wantsContinue = true
    }
    return 0
  }

  private func takeHeadForChecks() -> HTTPRequest {
    HTTPRequest(
      method: "", target: "", body: [], isHTTP11: true, keepsAlive: true, head: head,
      fields: fields)
  }

  func bodyBytes(_ at: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
    let piece = range(at, count)
    guard body.count + count <= limits.bodyByteLimit else { return bodyTooLong() }
    guard let at else { return 0 }
    body.append(contentsOf: UnsafeRawBufferPointer(start: at, count: count))
    if chttp_is_chunked(parser) != 0 {
      let span = UnsafeBufferPointer(
        start: UnsafeRawPointer(at - piece.lowerBound)
          .assumingMemoryBound(to: UInt8.self), count: piece.upperBound)
      checkFraming(of: span, upTo: piece.lowerBound)
      framingCursor = piece.upperBound
    }
    return refusal == nil ? 0 : 1
  }

  private func bodyTooLong() -> Int32 {
    refuse(413, "the body is longer than \(limits.bodyByteLimit) bytes")
  }

  func messageComplete() -> Int32 {
    isComplete = true
    http_parser_pause(parser, 1)
    return 0
  }
}
