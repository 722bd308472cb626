/// What one client may cost an HTTP server.
package struct HTTPLimits: Sendable {
  /// Request line and header lines together, in bytes; beyond it the answer is 431.
  package var headByteLimit = 32 * 1024
  /// Header fields of one request; beyond it the answer is 431.
  package var fieldLimit = 100
  /// In bytes; beyond it the answer is 413.
  package var bodyByteLimit = 4 * 1024 * 1024
  /// From a request's first byte to the end of its head; then 408.
  package var headTime: Duration = .seconds(10)
  /// From the end of a head to the end of its body; then 408.
  package var bodyTime: Duration = .seconds(60)
  /// How long a connection may stay open with nothing under way.
  package var idleTime: Duration = .seconds(75)
  /// How long a client may take nothing of an answer; then its connection is reset.
  package var stallTime: Duration = .seconds(30)
  /// How long the rest of a refused request is read and dropped, so that the refusal arrives.
  package var lingerTime: Duration = .seconds(2)
  /// Open connections; further clients wait in the kernel's queue.
  package var connectionLimit = 4096
  /// Unsent bytes at which a stream's writer should wait.
  package var unsentHighWater = 256 * 1024
  /// Unsent bytes of a stream at which its connection is reset.
  package var unsentByteLimit = 8 * 1024 * 1024

  package init() {}
}
