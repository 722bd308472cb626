import CHTTPParser
import FleetModel
import Glibc

/// What the responder asks for; on the loop. An exchange that is over is left alone.
extension HTTPConnection {
  func respond(_ id: UInt64, status: Int, headers: HTTPResponder.Headers, body: [UInt8]) {
    guard let exchange = current(id), exchange.answer == .awaited else { return }
    appendHead(status: status, headers: headers, length: body.count, isHTTP11: exchange.isHTTP11)
    if !exchange.isHead { output.append(contentsOf: body) }
    endExchange()
  }

  func startStream(_ id: UInt64, status: Int, headers: HTTPResponder.Headers, length: Int?) {
    guard let exchange = current(id), exchange.answer == .awaited else { return }
    let isChunked = length == nil && exchange.isHTTP11
    if length == nil, !isChunked { isLastAnswer = true }
    appendHead(status: status, headers: headers, length: length, isHTTP11: exchange.isHTTP11)
    self.exchange?.answer = isChunked ? .chunked : .plain
    advance()
  }

  func write(_ id: UInt64, _ bytes: [UInt8]) {
    guard let exchange = current(id), !bytes.isEmpty, !exchange.isHead else { return }
    switch exchange.answer {
    case .chunked:
      output.append(contentsOf: String(bytes.count, radix: 16).utf8)
      output.append(contentsOf: [13, 10])
      output.append(contentsOf: bytes)
      output.append(contentsOf: [13, 10])
    case .plain: output.append(contentsOf: bytes)
    case .awaited, .hung: return
    }
    guard unsentByteCount <= limits.unsentByteLimit else { return reset(id) }
    advance()
  }

  func whenWritable(_ id: UInt64, _ body: @escaping @Sendable (Bool) -> Void) {
    guard current(id) != nil else { return loop.run { body(false) } }
    guard unsentByteCount >= limits.unsentHighWater else { return loop.run { body(true) } }
    exchange?.writers.append(body)
  }

  func finish(_ id: UInt64) {
    guard let exchange = current(id) else { return }
    switch exchange.answer {
    case .chunked:
      if !exchange.isHead { output.append(contentsOf: "0\r\n\r\n".utf8) }
    case .plain: break
    case .awaited, .hung: return
    }
    endExchange()
  }

  func cutOff(_ id: UInt64) {
    guard current(id) != nil else { return }
    isLastAnswer = true
    endExchange()
  }

  func reset(_ id: UInt64) {
    guard current(id) != nil else { return }
    flush()
    abort()
  }

  func hang(_ id: UInt64) {
    guard let exchange = current(id), exchange.answer == .awaited else { return }
    self.exchange?.answer = .hung
  }

  func sendRaw(_ id: UInt64, _ bytes: [UInt8]) {
    guard let exchange = current(id), exchange.answer == .awaited else { return }
    self.exchange?.answer = .plain
    output.append(contentsOf: bytes)
    advance()
  }

  func onLeave(_ id: UInt64, _ body: @escaping @Sendable () -> Void) {
    guard current(id) != nil else { return }
    exchange?.onLeave = body
  }

  /// Nil when that exchange is over, whoever still talks about it.
  private func current(_ id: UInt64) -> Exchange? {
    guard !isClosed, let exchange, exchange.id == id else { return nil }
    return exchange
  }

  private func endExchange() {
    let writers = exchange?.writers ?? []
    exchange = nil
    for writer in writers { loop.run { writer(false) } }
    advance()
  }

  func appendHead(
    status: Int, headers: HTTPResponder.Headers, length: Int?, isHTTP11: Bool
  ) {
    output.append(contentsOf: "HTTP/1.1 ".utf8)
    output.append(contentsOf: String(status).utf8)
    output.append(32)
    let reason = http_status_str(http_status(UInt32(status)))
    output.append(contentsOf: UnsafeRawBufferPointer(start: reason, count: reason.map(strlen) ?? 0))
    output.append(contentsOf: "\r\nDate: ".utf8)
    output.append(contentsOf: server.date.bytes(at: loop.wallClock))
    for (name, value) in headers {
      output.append(contentsOf: "\r\n".utf8)
      output.append(contentsOf: name.utf8)
      output.append(contentsOf: ": ".utf8)
      output.append(contentsOf: value.utf8.lazy.map { $0 < 32 || $0 == 127 ? 32 : $0 })
    }
    if let length {
      if status != 204 {
        output.append(contentsOf: "\r\nContent-Length: ".utf8)
        output.append(contentsOf: String(length).utf8)
      }
    } else if isHTTP11 {
      output.append(contentsOf: "\r\nTransfer-Encoding: chunked".utf8)
    }
    if isLastAnswer {
      output.append(contentsOf: "\r\nConnection: close".utf8)
    } else if !isHTTP11 {
      output.append(contentsOf: "\r\nConnection: keep-alive".utf8)
    }
    output.append(contentsOf: "\r\n\r\n".utf8)
  }
}
