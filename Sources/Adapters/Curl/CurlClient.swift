import CCurl
package import FleetModel

/// Sends HTTP requests through one multi handle of libcurl, on the event loop.
///
/// HTTP/1.1, and HTTP/2 where TLS offers it; TLS verified, proxies from the environment, gzip,
/// redirects not followed, and never the same request twice. A request has no time limit of its
/// own: cancel its task.
package actor CurlClient {
  /// Idle handles that are kept for the next requests.
  static let idleHandleLimit = 256
  /// How long the end of a stream may take after its reader has got what it wanted.
  static let lingerLimit = Duration.milliseconds(500)

  private let loop: EventLoop
  private let authorities: CertificateAuthorities
  private let multi: UnsafeMutableRawPointer
  private var transfers: [CurlTransfer.ID: CurlTransfer] = [:]
  private var nextID: CurlTransfer.ID = 1
  private var idleHandles: [CurlHandle] = []
  private var watched: Set<Int32> = []
  private var timer: TimerToken?
  private var kickIsDue = false
  private var isShutDown = false

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  /// - Parameters:
  ///   - connectionLimit: idle connections kept open, to all servers together.
  ///   - authorities: whose certificates are believed.
  package init(
    loop: EventLoop, connectionLimit: Int = 1024,
    authorities: CertificateAuthorities = .environment()
  ) {
    self.loop = loop
    self.authorities = authorities
    _ = Self.isLibraryReady
    guard let multi = curl_multi_init() else { preconditionFailure("libcurl has no memory") }
    self.multi = multi
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connectionLimit)
    ccurl_multi_set_callbacks(
      multi, curlWantsSocket, curlWantsTimer, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Sends the request and returns its answer: whole, or at the first byte of an event stream.
  ///
  /// - Throws: `cancelled` when the task is; the connection is closed then.
  package func send(_ request: CurlRequest) async throws(Failure) -> CurlResponse {
    let id = nextID
    nextID += 1
    let answer = await withTaskCancellationHandler {
      await withCheckedContinuation { begin(request, id: id, $0) }
    } onCancel: {
      loop.run { self.assumeIsolated { $0.cancel(id) } }
    }
    return try answer.get()
  }

  /// Gives up everything that is on its way and closes all connections; the client is of no use
  /// after.
  package func shutdown() {
    guard !isShutDown else { return }
    isShutDown = true
    for id in transfers.keys.sorted() {
      end(id, Failure(.shuttingDown, "the client is shutting down", delivery: .unknown))
    }
    idleHandles = []
    if let timer { loop.cancel(timer) }
    timer = nil
    curl_multi_cleanup(multi)
  }

  var idleHandleCount: Int { idleHandles.count }

  // MARK: Streams

  func nextChunk(of id: CurlTransfer.ID) async throws(Failure) -> [UInt8]? {
    let chunk = await withTaskCancellationHandler {
      await withCheckedContinuation { read(id, $0) }
    } onCancel: {
      loop.run { self.assumeIsolated { $0.cancel(id) } }
    }
    return try chunk.get()
  }

  func linger(_ id: CurlTransfer.ID) {
    guard let transfer = transfers[id] else { return }
    guard !transfer.abandon() else {
      transfers[id] = nil
      return
    }
    curl_easy_pause(transfer.handle.easy, CURLPAUSE_CONT)
    collectDone()
    guard transfers[id] != nil else { return }
    _ = loop.schedule(at: loop.now + Self.lingerLimit) { [weak self] in
      self?.assumeIsolated { $0.cancel(id) }
    }
  }

  func cancel(_ id: CurlTransfer.ID) {
    guard let transfer = transfers[id] else { return }
    end(
      id,
      Failure(
        .cancelled, "the caller gave up",
        delivery: transfer.mayBeDelivered ? .unknown : .notSent))
  }

  private func read(
    _ id: CurlTransfer.ID, _ reader: CheckedContinuation<CurlTransfer.Chunk, Never>
  ) {
    guard let transfer = transfers[id] else {
      return reader.resume(
        returning: .failure(Failure(.cancelled, "the stream was closed", delivery: .unknown)))
    }
    guard transfer.read(reader) else { return }
    curl_easy_pause(transfer.handle.easy, CURLPAUSE_CONT)
    collectDone()
  }

  // MARK: Transfers

  private func begin(
    _ request: CurlRequest, id: CurlTransfer.ID,
    _ continuation: CheckedContinuation<CurlTransfer.Answer, Never>
  ) {
    guard !isShutDown else {
      return continuation.resume(
        returning: .failure(
          Failure(.shuttingDown, "the client is shutting down", delivery: .notSent)))
    }
    let handle =
      idleHandles.popLast()
      ?? CurlHandle(
        authorities: authorities, onBytes: curlReceivedBytes, beforeRequest: curlHasConnection)
    let transfer = CurlTransfer(
      id: id, handle: handle, client: self, streamedType: request.streamedType,
      refusesPrivateAddresses: request.refusesPrivateAddresses, continuation: continuation)
    transfers[id] = transfer
    handle.prepare(request)
    handle.attach(Unmanaged.passUnretained(transfer).toOpaque())
    curl_multi_add_handle(multi, handle.easy)
  }

  /// Takes a transfer out of libcurl whatever its state.
  private func end(_ id: CurlTransfer.ID, _ failure: Failure) {
    guard let transfer = transfers.removeValue(forKey: id) else { return }
    transfer.fail(failure)
    release(transfer)
  }

  private func release(_ transfer: CurlTransfer) {
    guard !transfer.isReleased else { return }
    transfer.isReleased = true
    curl_multi_remove_handle(multi, transfer.handle.easy)
    transfer.handle.attach(nil)
    if idleHandles.count < Self.idleHandleLimit, !isShutDown {
      idleHandles.append(transfer.handle)
    }
  }

  private func collectDone() {
    var code = CURLE_OK
    while let easy = ccurl_next_done(multi, &code) {
      guard let transfer = Self.transfer(of: easy) else { continue }
      let isOver = transfer.end(code)
      release(transfer)
      if isOver { transfers[transfer.id] = nil }
    }
  }

  private static func transfer(of easy: UnsafeMutableRawPointer) -> CurlTransfer? {
    var context: UnsafePointer<CChar>?
    ccurl_get_string(easy, CURLINFO_PRIVATE, &context)
    return context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  // MARK: The loop

  fileprivate func watch(_ fd: Int32, _ what: Int32) {
    let interest: Interest
    switch what {
    case CURL_POLL_IN: interest = .readable
    case CURL_POLL_OUT: interest = .writable
    case CURL_POLL_INOUT: interest = [.readable, .writable]
    default:
      if watched.remove(fd) != nil { loop.unwatch(fd) }
      return
    }
    guard watched.insert(fd).inserted else { return loop.change(fd, to: interest) }
    loop.watch(fd, for: interest) { [weak self] readiness in
      self?.assumeIsolated { $0.ready(fd, readiness) }
    }
  }

  private func ready(_ fd: Int32, _ readiness: Readiness) {
    var flags: Int32 = 0
    if !readiness.isDisjoint(with: [.readable, .hangup]) { flags |= CURL_CSELECT_IN }
    if readiness.contains(.writable) { flags |= CURL_CSELECT_OUT }
    if readiness.contains(.error) { flags |= CURL_CSELECT_ERR }
    advance(fd, flags)
  }

  fileprivate func setTimer(milliseconds: Int) {
    if let timer { loop.cancel(timer) }
    timer = nil
    guard milliseconds > 0 else {
      guard milliseconds == 0, !kickIsDue else { return }
      // Never from inside libcurl; one turn gathers the requests of many callers.
      kickIsDue = true
      return loop.run { [weak self] in self?.assumeIsolated { $0.kick() } }
    }
    timer = loop.schedule(at: loop.now + .milliseconds(milliseconds)) { [weak self] in
      self?.assumeIsolated { $0.advance(CURL_SOCKET_TIMEOUT, 0) }
    }
  }

  private func kick() {
    kickIsDue = false
    advance(CURL_SOCKET_TIMEOUT, 0)
  }

  private func advance(_ fd: Int32, _ flags: Int32) {
    guard !isShutDown else { return }
    var running: Int32 = 0
    curl_multi_socket_action(multi, fd, flags, &running)
    collectDone()
  }

  private static let isLibraryReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

// libcurl calls these inside its own functions, so on the loop; they must not call it back.

private func curlWantsSocket(
  easy: UnsafeMutableRawPointer?, socket: Int32, what: Int32, context: UnsafeMutableRawPointer?,
  socketContext: UnsafeMutableRawPointer?
) -> Int32 {
  guard let context else { return 0 }
  Unmanaged<CurlClient>.fromOpaque(context).takeUnretainedValue()
    .assumeIsolated { $0.watch(socket, what) }
  return 0
}

private func curlWantsTimer(
  multi: UnsafeMutableRawPointer?, milliseconds: Int, context: UnsafeMutableRawPointer?
) -> Int32 {
  guard let context else { return 0 }
  Unmanaged<CurlClient>.fromOpaque(context).takeUnretainedValue()
    .assumeIsolated { $0.setTimer(milliseconds: milliseconds) }
  return 0
}

private func curlReceivedBytes(
  bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return size * count }
  return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    .receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func curlHasConnection(
  context: UnsafeMutableRawPointer?, remote: UnsafeMutablePointer<CChar>?,
  local: UnsafeMutablePointer<CChar>?, remotePort: Int32, localPort: Int32
) -> Int32 {
  guard let context else { return CURL_PREREQFUNC_OK }
  let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
  return transfer.mayUseConnection(to: remote.map { String(cString: $0) })
    ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
