import CLinux
import Glibc

/// Lines in and bytes out over two descriptors, such as a process's own standard streams.
///
/// The descriptors stay blocking, because other processes may share them: they are read when there
/// is something to read, and written a pipe's atomic unit at a time when there is room.
///
/// Unchecked, because it is touched on the loop's thread only.
package final class LineChannel: @unchecked Sendable {
  /// Bytes written in one step; a pipe that is writable takes so many (PIPE_BUF).
  static let stepByteCount = 4096
  /// Bytes read in one turn of the loop.
  static let readByteCount = 64 * 1024
  /// Unsent bytes at which a writer should wait.
  package static let unsentHighWater = 256 * 1024

  private let loop: EventLoop
  private let input: Int32
  private let output: Int32
  private let lineByteLimit: Int
  private let onLine: @Sendable ([UInt8]) -> Void
  private let onEnd: @Sendable () -> Void

  private var line: [UInt8] = []
  private var isDroppingLine = false
  private var unsent: [UInt8] = []
  private var isWaitingToWrite = false
  private var isBroken = false
  private var writers: [@Sendable () -> Void] = []

  /// - Parameters:
  ///   - lineByteLimit: a longer line is dropped whole.
  ///   - onLine: called on the loop for each line, its end taken off.
  ///   - onEnd: called on the loop once, when nothing more will come.
  package init(
    loop: EventLoop, input: Int32, output: Int32, lineByteLimit: Int = 4 * 1024 * 1024,
    onLine: @escaping @Sendable ([UInt8]) -> Void, onEnd: @escaping @Sendable () -> Void
  ) {
    self.loop = loop
    self.input = input
    self.output = output
    self.lineByteLimit = lineByteLimit
    self.onLine = onLine
    self.onEnd = onEnd
  }

  /// Begins to read; on the loop.
  package func start() {
    guard isPollable(input) else { return readFile() }
    loop.watch(input, for: .readable) { [self] _ in
      if !readOnce() { loop.unwatch(input) }
    }
  }

  /// Files and devices that epoll refuses never block.
  private func readFile() {
    if readOnce() { loop.run { self.readFile() } }
  }

  private func isPollable(_ fd: Int32) -> Bool {
    var status = stat()
    guard fstat(fd, &status) == 0 else { return false }
    let kind = status.st_mode & S_IFMT
    return kind == S_IFIFO || kind == S_IFSOCK || isatty(fd) == 1
  }

  /// Whether there may be more.
  private func readOnce() -> Bool {
    var buffer = [UInt8](repeating: 0, count: Self.readByteCount)
    let count = read(input, &buffer, buffer.count)
    guard count > 0 else {
      if count < 0, errno == EINTR || errno == EAGAIN { return true }
      onEnd()
      return false
    }
    var rest = buffer[..<count]
    while let end = rest.firstIndex(of: 10) {
      take(rest[..<end])
      rest = rest[(end + 1)...]
      if line.last == 13 { line.removeLast() }
      if !isDroppingLine { onLine(line) }
      line = []
      isDroppingLine = false
    }
    take(rest)
    return true
  }

  private func take(_ bytes: ArraySlice<UInt8>) {
    if line.count + bytes.count > lineByteLimit {
      isDroppingLine = true
      line = []
    }
    if !isDroppingLine { line += bytes }
  }

  /// Sends bytes as they are; on the loop. Without limit: a long writer asks `whenWritable`.
  package func write(_ bytes: [UInt8]) {
    guard !isBroken else { return }
    unsent += bytes
    if !isWaitingToWrite { flush() }
  }

  /// Calls `body` on the loop, never inside this call, when there is room; never on a broken pipe.
  package func whenWritable(_ body: @escaping @Sendable () -> Void) {
    if unsent.count < Self.unsentHighWater { loop.run(body) } else { writers.append(body) }
  }

  private func flush() {
    var sent = 0
    while sent < unsent.count, hasRoom {
      let step = min(Self.stepByteCount, unsent.count - sent)
      let count = unsent[sent..<sent + step].withUnsafeBytes {
        Glibc.write(output, $0.baseAddress, $0.count)
      }
      guard count >= 0 else {
        if errno == EINTR { continue }
        isBroken = true
        sent = unsent.count
        break
      }
      sent += count
    }
    unsent.removeFirst(sent)
    let mustWait = !unsent.isEmpty
    if mustWait != isWaitingToWrite {
      isWaitingToWrite = mustWait
      if mustWait {
        loop.watch(output, for: .writable) { [self] _ in flush() }
      } else {
        loop.unwatch(output)
      }
    }
    guard !isBroken, unsent.count < Self.unsentHighWater / 2 else { return }
    for writer in writers { loop.run(writer) }
    writers = []
  }

  private var hasRoom: Bool {
    var question = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
    return poll(&question, 1, 0) > 0
  }
}
