import FleetModel
import Glibc

/// One client of an HTTP server: reads requests one at a time, answers them in their order.
///
/// Lives on the loop's thread, which is why it may call itself Sendable without a lock: other
/// threads only reach it through `EventLoop.run`.
final class HTTPConnection: @unchecked Sendable {
  /// The request being answered; the next one is read when it is over.
  struct Exchange {
    enum Answer {
      case awaited
      case chunked
      /// Bytes as they are, because the length was stated or the end of the connection ends them.
      case plain
      case hung
    }

    var id: UInt64
    var isHead: Bool
    var isHTTP11: Bool
    var answer = Answer.awaited
    var onLeave: (@Sendable () -> Void)?
    var writers: [@Sendable (Bool) -> Void] = []
  }

  /// What the connection waits for, and so how long it may.
  private enum Wait {
    case nothing
    case idle
    case head
    case body
    case client
    case linger
  }

  let loop: EventLoop
  let fd: Int32
  let server: HTTPServer
  let limits: HTTPLimits
  private let parser: HTTPRequestParser

  var exchange: Exchange?
  private var exchangeCount: UInt64 = 0
  var output: [UInt8] = []
  private var sent = 0
  private var sentTotal: UInt64 = 0
  private(set) var isClosed = false
  /// Set once nothing more will be answered; the connection closes when the output is sent.
  var isLastAnswer = false
  private var isLingering = false
  private var clientHasEnded = false
  private var isProcessing = false
  private var wait = (kind: Wait.nothing, mark: UInt64.max)
  private var deadline: Instant?
  private var timer: (token: TimerToken, at: Instant)?

  init(fd: Int32, server: HTTPServer) {
    self.fd = fd
    self.server = server
    loop = server.loop
    limits = server.limits
    parser = HTTPRequestParser(limits: server.limits)
  }

  var unsentByteCount: Int { output.count - sent }

  var isIdle: Bool { exchange == nil && unsentByteCount == 0 && !parser.isMidRequest }

  func open() {
    loop.watch(fd, for: .readable) { [self] readiness in
      if !readiness.isDisjoint(with: [.hangup, .error]) { return close() }
      if readiness.contains(.writable) { advance() }
      if !isClosed, readiness.contains(.readable) { receive() }
      if !isClosed, readiness.contains(.peerClosed) { close() }
    }
    settle()
  }

  // MARK: Reading

  private func receive() {
    let buffer = server.readBuffer
    let count = recv(fd, buffer.baseAddress, buffer.count, 0)
    guard count != 0 else { return end() }
    guard count > 0 else {
      if errno != EAGAIN, errno != EINTR { close() }
      return
    }
    guard !isLingering else { return }
    parser.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    advance()
  }

  /// The client sends no more. What is already answered is still delivered to it.
  private func end() {
    guard exchange == nil, unsentByteCount > 0 else { return close() }
    isLastAnswer = true
    clientHasEnded = true
    settle()
  }

  /// Does what can be done now: answers, reads on, sends, and sets what to wait for.
  func advance() {
    guard !isProcessing, !isClosed else { return }
    flush()
    isProcessing = true
    while exchange == nil, !isLastAnswer, !isClosed, unsentByteCount < limits.unsentHighWater,
      processNext()
    {}
    isProcessing = false
    guard !isClosed else { return }
    flush()
    if !isClosed { settle() }
  }

  /// Whether a request was begun.
  private func processNext() -> Bool {
    switch parser.next() {
    case .incomplete:
      if parser.wantsContinue {
        parser.wantsContinue = false
        output.append(contentsOf: "HTTP/1.1 100 Continue\r\n\r\n".utf8)
      }
      return false
    case .refusal(let refusal):
      refuse(status: refusal.status, reason: refusal.reason)
      return false
    case .request(let request):
      parser.wantsContinue = false
      exchangeCount += 1
      exchange = Exchange(
        id: exchangeCount, isHead: request.method == "HEAD", isHTTP11: request.isHTTP11)
      isLastAnswer = !request.keepsAlive || server.isStopping
      server.answer(request, HTTPResponder(connection: self, exchange: exchangeCount))
      return exchange == nil
    }
  }

  private func refuse(status: Int, reason: String) {
    isLastAnswer = true
    let body = Array("\(reason)\n".utf8)
    appendHead(
      status: status, headers: [("Content-Type", "text/plain")], length: body.count,
      isHTTP11: true)
    output.append(contentsOf: body)
  }

  // MARK: Sending

  func flush() {
    while unsentByteCount > 0, !isClosed {
      let count = output.withUnsafeBytes {
        send(fd, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count >= 0 else {
        if errno == EINTR { continue }
        if errno != EAGAIN { close() }
        break
      }
      sent += count
      sentTotal += UInt64(count)
    }
    if sent == output.count {
      output.removeAll(keepingCapacity: output.capacity <= limits.unsentHighWater)
      sent = 0
    } else if sent >= limits.unsentHighWater {
      output.removeFirst(sent)
      sent = 0
    }
    guard unsentByteCount < limits.unsentHighWater / 2, exchange?.writers.isEmpty == false else {
      return
    }
    for writer in exchange?.writers ?? [] { loop.run { writer(true) } }
    exchange?.writers = []
  }

  // MARK: Waiting

  /// Asks the loop for the events that matter now and sets the time limit that applies now.
  private func settle() {
    if isLastAnswer, exchange == nil, unsentByteCount == 0, !isLingering {
      guard !clientHasEnded else { return close() }
      isLingering = true
      shutdown(fd, Int32(SHUT_WR))
    }
    let isFull = !isLingering && parser.pendingByteCount >= limits.unsentHighWater
    var interest: Interest = clientHasEnded ? [] : isFull ? .peerClosed : .readable
    if unsentByteCount > 0 { interest.insert(.writable) }
    loop.change(fd, to: interest)
    limitWait()
  }

  private func limitWait() {
    let (kind, mark, time): (Wait, UInt64, Duration?) =
      if isLingering {
        (.linger, 0, limits.lingerTime)
      } else if unsentByteCount > 0 {
        (.client, sentTotal, limits.stallTime)
      } else if exchange != nil {
        (.nothing, exchangeCount, nil)
      } else if !parser.isMidRequest {
        (.idle, exchangeCount, limits.idleTime)
      } else if parser.isInBody {
        (.body, exchangeCount, limits.bodyTime)
      } else {
        (.head, exchangeCount, limits.headTime)
      }
    guard wait != (kind, mark) else { return }
    wait = (kind, mark)
    deadline = time.map { loop.now + $0 }
    armTimer()
  }

  /// One timer per connection: it is left running when the deadline moves back, and looks again.
  private func armTimer() {
    guard let deadline else { return }
    if let timer {
      guard deadline < timer.at else { return }
      loop.cancel(timer.token)
    }
    let token = loop.schedule(at: deadline) { [weak self] in
      guard let self, !isClosed else { return }
      timer = nil
      guard let deadline = self.deadline else { return }
      if deadline <= loop.now { expire() } else { armTimer() }
    }
    timer = (token, deadline)
  }

  private func expire() {
    switch wait.kind {
    case .nothing: break
    case .idle, .linger: close()
    case .client: abort()
    case .head, .body:
      refuse(status: 408, reason: "the request took too long")
      advance()
    }
  }

  // MARK: The end

  /// No further request is taken; an answer under way may end.
  func stop() {
    isLastAnswer = true
    if exchange?.answer == .hung { return abort() }
    isIdle ? close() : advance()
  }

  /// Closes with a TCP reset.
  func abort() {
    guard !isClosed else { return }
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    if let timer { loop.cancel(timer.token) }
    loop.unwatch(fd)
    Glibc.close(fd)
    let left = exchange
    exchange = nil
    server.forget(self)
    left?.onLeave?()
    for writer in left?.writers ?? [] { loop.run { writer(false) } }
  }
}
