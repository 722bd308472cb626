/// The one answer to one request; usable from any thread, harmless once the client has left.
///
/// A handler either answers at once with `respond`, or keeps this and answers later, or streams:
/// `startStream`, `write` as `whenWritable` allows, `finish`. What comes after the end of the
/// answer is ignored. A responder that is forgotten leaves its client waiting.
package struct HTTPResponder: Sendable {
  package typealias Headers = [(name: String, value: String)]

  let connection: HTTPConnection
  let exchange: UInt64

  /// Answers whole. Content-Length, Date and Connection are added here; control characters in a
  /// header value become spaces.
  package func respond(status: Int, headers: Headers = [], body: [UInt8] = []) {
    // The fast path: no closure is made for an answer given on the loop.
    guard connection.loop.isCurrent else {
      return later { $0.respond(exchange, status: status, headers: headers, body: body) }
    }
    connection.respond(exchange, status: status, headers: headers, body: body)
  }

  /// Begins an answer whose body follows in pieces: chunked, or of `length` bytes when given.
  package func startStream(status: Int, headers: Headers = [], length: Int? = nil) {
    act { $0.startStream(exchange, status: status, headers: headers, length: length) }
  }

  /// Sends a piece of a stream's body. A writer that goes on beyond `Limits.unsentByteLimit`
  /// without asking `whenWritable` loses the connection.
  package func write(_ bytes: [UInt8]) { act { $0.write(exchange, bytes) } }

  /// Calls `body` on the loop, never inside this call: with true as soon as the client has taken
  /// enough to go on writing, with false when it has left.
  package func whenWritable(_ body: @escaping @Sendable (Bool) -> Void) {
    act { $0.whenWritable(exchange, body) }
  }

  /// Ends a stream properly.
  package func finish() { act { $0.finish(exchange) } }

  /// Closes the connection after what was written, with the answer unfinished or not begun.
  package func cutOff() { act { $0.cutOff(exchange) } }

  /// Breaks the connection with a TCP reset, in the middle of whatever was written.
  package func reset() { act { $0.reset(exchange) } }

  /// Never answers, and keeps the connection until the client leaves or the server stops.
  package func hang() { act { $0.hang(exchange) } }

  /// Puts bytes on the wire as they are, HTTP or not, instead of an answer; for faults.
  package func sendRaw(_ bytes: [UInt8]) { act { $0.sendRaw(exchange, bytes) } }

  /// Calls `body` on the loop if the client leaves before the answer has ended. A client that
  /// closes only its sending side while it waits counts as gone.
  package func onLeave(_ body: @escaping @Sendable () -> Void) {
    act { $0.onLeave(exchange, body) }
  }

  private func act(_ body: @escaping @Sendable (HTTPConnection) -> Void) {
    if connection.loop.isCurrent { body(connection) } else { later(body) }
  }

  private func later(_ body: @escaping @Sendable (HTTPConnection) -> Void) {
    connection.loop.run { body(connection) }
  }
}
