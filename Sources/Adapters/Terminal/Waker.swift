import CLinux
import Glibc

/// Ends the terminal's wait, from any thread; it may outlive the terminal, and then does nothing.
package final class Waker: Sendable {
  /// A counter that is readable once it has been written to.
  let descriptor: Int32

  init() throws(TerminalError) {
    descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    guard descriptor >= 0 else { throw .system(call: "eventfd", errno: errno) }
  }

  deinit { close(descriptor) }

  /// Many calls before the next wait end that one wait only.
  package func wake() { eventfd_write(descriptor, 1) }

  /// Forgets the calls so far.
  func reset() {
    var count: eventfd_t = 0
    eventfd_read(descriptor, &count)
  }
}
