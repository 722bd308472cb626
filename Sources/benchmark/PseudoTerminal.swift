import Foundation
import Glibc

/// A terminal without a screen: what a program writes to it is kept with the time it came.
final class PseudoTerminal {
  let path: String
  private let master: Int32
  private let slave: Int32
  private(set) var received: [UInt8] = []

  init(columns: Int, rows: Int) throws(BenchmarkError) {
    var ends: (master: Int32, slave: Int32) = (-1, -1)
    var size = winsize()
    (size.ws_col, size.ws_row) = (UInt16(columns), UInt16(rows))
    var name = [CChar](repeating: 0, count: 128)
    guard openpty(&ends.master, &ends.slave, &name, nil, &size) == 0 else {
      throw .system("opening a terminal", errno)
    }
    // Held open, so that the terminal does not hang up between two programs.
    (master, slave) = ends
    for descriptor in [master, slave] where fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 {
      throw .system("keeping a terminal to ourselves", errno)
    }
    path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    close(master)
    close(slave)
  }

  /// Types into the terminal.
  func type(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
  }

  /// Reads for so long, or the program would wait for the terminal; forgets what came.
  func drain(for time: Duration) {
    let end = ContinuousClock.now + time
    while ContinuousClock.now < end {
      _ = read(within: end - ContinuousClock.now)
    }
    received = []
  }

  /// Waits for the bytes of the text to come one after the other.
  ///
  /// - Returns: when the last of them had come.
  func wait(for text: String, within limit: Duration) throws(BenchmarkError)
    -> ContinuousClock.Instant
  {
    let end = ContinuousClock.now + limit
    let wanted = Array(text.utf8)
    while true {
      if received.firstRange(of: wanted) != nil { return ContinuousClock.now }
      let rest = end - ContinuousClock.now
      guard rest > .zero, read(within: rest) else {
        throw .neverHappened("'\(text)' on the screen")
      }
    }
  }

  /// Waits for anything at all.
  func waitForOutput(within limit: Duration) throws(BenchmarkError) -> ContinuousClock.Instant {
    guard read(within: limit) else { throw .neverHappened("any output") }
    return ContinuousClock.now
  }

  /// - Returns: false when nothing came in time, or the program has gone.
  private func read(within limit: Duration) -> Bool {
    var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    let milliseconds = Int32(clamping: Int((limit / .milliseconds(1)).rounded(.up)))
    guard poll(&descriptor, 1, milliseconds) > 0 else { return false }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = buffer.withUnsafeMutableBytes { Glibc.read(master, $0.baseAddress, $0.count) }
    guard count > 0 else { return false }
    received += buffer.prefix(count)
    return true
  }
}
