import CLinux
import FleetModel
import Glibc
import Synchronization

/// An HTTP/1.1 server on an event loop: keep-alive, pipelining, streams with back-pressure.
///
/// ```
/// let server = HTTPServer(loop: loop) { request, responder in
///   responder.respond(status: 200, body: request.body)
/// }
/// let port = try server.listenTCP(host: "127.0.0.1", port: 0).port
/// ```
/// The handler is called on the loop, once per whole request, and must not block. `listen…`,
/// `close` and `stop` may be called from any thread. Keep the server alive until `stop` returns.
///
/// Unchecked, because everything but the options is touched on the loop's thread only.
package final class HTTPServer: @unchecked Sendable {
  package typealias Answerer = @Sendable (HTTPRequest, HTTPResponder) -> Void

  /// A place where clients can connect.
  package struct Listener: Hashable, Sendable {
    /// The TCP port the kernel gave; 0 on a Unix socket.
    package let port: UInt16
    let fd: Int32
    let path: String?
  }

  /// Clients accepted in one turn of the loop.
  static let acceptsPerTurn = 64
  /// Bytes read from one client in one turn of the loop.
  static let readByteCount = 64 * 1024
  /// How long no client is accepted after the process ran out of descriptors.
  static let acceptPause: Duration = .milliseconds(100)

  let loop: EventLoop
  let limits: HTTPLimits
  let answer: Answerer
  let readBuffer: UnsafeMutableRawBufferPointer

  // The loop's thread only.
  var date = HTTPDate()
  private(set) var isStopping = false
  private var listeners: [Listener] = []
  private var connections: [Int32: HTTPConnection] = [:]
  private var isAccepting = true
  private var whenEmpty: (@Sendable () -> Void)?

  package init(
    loop: EventLoop, limits: HTTPLimits = HTTPLimits(), answer: @escaping Answerer
  ) {
    self.loop = loop
    self.limits = limits
    self.answer = answer
    readBuffer = .allocate(byteCount: Self.readByteCount, alignment: 16)
  }

  deinit { readBuffer.deallocate() }

  // MARK: Listening

  /// - Parameters:
  ///   - host: a numeric IPv4 or IPv6 address.
  ///   - port: 0 lets the kernel choose; the listener says which.
  @discardableResult
  package func listenTCP(
    host: String = "127.0.0.1", port: UInt16
  ) throws(ListenError) -> Listener {
    let socket = try ListeningSocket.tcp(host: host, port: port)
    return add(Listener(port: socket.port, fd: socket.fd, path: nil))
  }

  /// Listens on a Unix socket that only this user can open (mode 0600). A file left behind by a
  /// process that ended is replaced; one that somebody answers on is an error.
  @discardableResult
  package func listenUnix(path: String) throws(ListenError) -> Listener {
    add(Listener(port: 0, fd: try ListeningSocket.unix(path: path), path: path))
  }

  private func add(_ listener: Listener) -> Listener {
    onLoop { [self] in
      listeners.append(listener)
      loop.watch(listener.fd, for: isAccepting ? .readable : []) { [self] _ in
        accept(from: listener)
      }
    }
    return listener
  }

  /// At once when already there, so that a port closed on the loop is free again at once.
  private func onLoop(_ body: @escaping @Sendable () -> Void) {
    if loop.isCurrent { body() } else { loop.run(body) }
  }

  /// Stops listening there: new clients are refused, those connected stay.
  package func close(_ listener: Listener) {
    onLoop { [self] in closeNow(listener) }
  }

  private func closeNow(_ listener: Listener) {
    guard let index = listeners.firstIndex(of: listener) else { return }
    listeners.remove(at: index)
    loop.unwatch(listener.fd)
    Glibc.close(listener.fd)
    if let path = listener.path { unlink(path) }
  }

  private func accept(from listener: Listener) {
    for _ in 0..<Self.acceptsPerTurn {
      guard connections.count < limits.connectionLimit else { return setAccepting(false) }
      let fd = clinux_accept(listener.fd)
      guard fd >= 0 else {
        if errno == EMFILE || errno == ENFILE { pauseAccepting() }
        return
      }
      if listener.path == nil {
        var yes: Int32 = 1
        setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
      }
      let connection = HTTPConnection(fd: fd, server: self)
      connections[fd] = connection
      connection.open()
    }
  }

  private func setAccepting(_ accepting: Bool) {
    guard accepting != isAccepting else { return }
    isAccepting = accepting
    for listener in listeners { loop.change(listener.fd, to: accepting ? .readable : []) }
  }

  private func pauseAccepting() {
    setAccepting(false)
    _ = loop.schedule(at: loop.now + Self.acceptPause) { [weak self] in self?.setAccepting(true) }
  }

  // MARK: Connections; on the loop

  /// How many clients are connected; on the loop only.
  package var connectionCount: Int { connections.count }

  /// Breaks every connection with a TCP reset; on the loop only.
  ///
  /// - Parameter responder: its connection ends after its answer instead.
  package func resetConnections(sparing responder: HTTPResponder? = nil) {
    for connection in sortedConnections {
      if connection === responder?.connection { connection.stop() } else { connection.abort() }
    }
  }

  func forget(_ connection: HTTPConnection) {
    connections[connection.fd] = nil
    setAccepting(true)
    if connections.isEmpty { whenEmpty.take()?() }
  }

  private var sortedConnections: [HTTPConnection] {
    connections.values.sorted { $0.fd < $1.fd }
  }

  // MARK: The end

  /// Stops listening, lets answers under way end within `grace`, resets what is left, and returns
  /// when no connection is open.
  package func stop(grace: Duration) async {
    await withCheckedContinuation { continuation in
      loop.run { [self] in
        isStopping = true
        for listener in listeners { closeNow(listener) }
        guard !connections.isEmpty else { return continuation.resume() }
        let timer = loop.schedule(at: loop.now + grace) { [weak self] in self?.resetConnections() }
        whenEmpty = { [loop] in
          loop.cancel(timer)
          continuation.resume()
        }
        for connection in sortedConnections { connection.stop() }
      }
    }
  }
}
