@preconcurrency import Dispatch
import Glibc

/// Ctrl-C as an event, for a command that has something to end in order.
enum Interruption {
  /// Yields at the first Ctrl-C; a second one ends the program at once. While nobody listens the
  /// signal is as it was.
  static func stream() -> AsyncStream<Void> {
    let (stream, feed) = AsyncStream.makeStream(of: Void.self)
    // The source hears what would otherwise end the program.
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT)
    source.setEventHandler {
      feed.yield()
      source.cancel()
    }
    source.setCancelHandler { signal(SIGINT, SIG_DFL) }
    source.resume()
    feed.onTermination = { _ in source.cancel() }
    return stream
  }
}
