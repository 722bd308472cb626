import CLinux
package import FleetModel
import Glibc

/// A child process that exchanges lines with us over its standard streams; lives on the event
/// loop.
///
/// It is never left behind as a zombie, nor are the processes of its group once it has ended.
package actor ChildProcess {
  package enum Event: Hashable, Sendable {
    case line([UInt8])
    /// A line longer than `lineLimit`; only its beginning was kept.
    case overlongLine(beginning: [UInt8])
    /// The last event: what it printed before came first.
    case exited(Exit)
  }

  package struct Exit: Hashable, Sendable {
    /// `ended with status 1`, `was killed by signal 9`.
    package var text: String
    /// The last line it wrote to its standard error; the server's own text.
    package var lastErrorLine: String?
    /// Bytes that went into its standard input.
    package var bytesWritten: Int
    /// It ended by itself with status 0.
    package var isSuccess = false
  }

  package static let lineLimit = 4 << 20
  /// Bytes that may wait for a child that does not read.
  package static let writeLimit = 8 << 20
  /// Of standard error.
  package static let errorLineLimit = 20
  package static let errorLineSize = 1024
  /// Between the steps of stopping: end of input, SIGTERM, SIGKILL.
  package static let patience = Duration.seconds(2)
  /// Read in one go, so that a flood does not hold up the loop.
  private static let readSize = 64 << 10

  private enum Stream { case output, errors }

  private let loop: EventLoop
  private let onEvent: @Sendable (Event) -> Void
  private let process: pid_t
  private let exitNotice: Int32
  private var input: Int32?
  private var output: Int32?
  private var errors: Int32?
  private var lines = LineReader(byteLimit: ChildProcess.lineLimit)
  private var errorLines = LineReader(byteLimit: ChildProcess.errorLineSize)
  private var errorTail: [String] = []
  private var unwritten: [UInt8] = []
  private var bytesWritten = 0
  private var hasExited = false
  private var isStopping = false
  private var stopTimer: TimerToken?
  private var exitWaiters: [CheckedContinuation<Void, Never>] = []

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  /// Starts the program. Must be called on the loop, where `onEvent` is called too.
  ///
  /// - Throws: `spawnFailed` with the reason.
  package static func start(
    _ command: ChildCommand, on loop: EventLoop, onEvent: @escaping @Sendable (Event) -> Void
  ) throws(Failure) -> ChildProcess {
    loop.checkIsolated()
    let input = try ChildPipe()
    let output = try ChildPipe()
    let errors = try ChildPipe()
    let process = try command.spawn(
      input: input.readEnd, output: output.writeEnd, errors: errors.writeEnd)
    let notice = clinux_pidfd(process)
    guard notice >= 0 else {
      kill(-process, SIGKILL)
      waitpid(process, nil, 0)
      throw Failure(.spawnFailed, "no descriptor for a new process", delivery: .notSent)
    }
    let child = ChildProcess(
      loop: loop, onEvent: onEvent, process: process, exitNotice: notice,
      input: nonBlocking(input.takeWriteEnd()), output: nonBlocking(output.takeReadEnd()),
      errors: nonBlocking(errors.takeReadEnd()))
    child.assumeIsolated { $0.watchEverything() }
    return child
  }

  private static func nonBlocking(_ descriptor: Int32) -> Int32 {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    return descriptor
  }

  private init(
    loop: EventLoop, onEvent: @escaping @Sendable (Event) -> Void, process: pid_t,
    exitNotice: Int32, input: Int32, output: Int32, errors: Int32
  ) {
    self.loop = loop
    self.onEvent = onEvent
    self.process = process
    self.exitNotice = exitNotice
    self.input = input
    self.output = output
    self.errors = errors
  }

  /// The newest lines of its standard error, oldest first; the server's own text.
  package var recentErrors: [String] { errorTail }

  /// Queues one line; the line feed is added.
  ///
  /// - Returns: the position of the line's last byte; written when `Exit.bytesWritten` reaches it.
  /// - Throws: `poolExhausted` when the child does not read, `processExited` when it is gone.
  package func write(_ line: [UInt8]) throws(Failure) -> Int {
    guard input != nil else {
      throw Failure(.processExited, "the process is gone", delivery: .notSent)
    }
    guard unwritten.count + line.count < Self.writeLimit else {
      throw Failure(
        .poolExhausted,
        "the process does not read: \(Self.writeLimit >> 20) MiB wait for it", delivery: .notSent)
    }
    unwritten.append(contentsOf: line)
    unwritten.append(0x0A)
    let position = bytesWritten + unwritten.count
    // Only the first of many lines writes; the rest waits until the pipe has room.
    if unwritten.count == line.count + 1 { writeMore() }
    return position
  }

  /// Ends its input, then asks, then kills; returns when the process is gone.
  package func stop() async {
    beginStop()
    // Looked at within: a task that prefers an executor may suspend before the body.
    await withCheckedContinuation { waiter in
      if hasExited { waiter.resume() } else { exitWaiters.append(waiter) }
    }
  }

  private func beginStop() {
    guard !isStopping, !hasExited else { return }
    isStopping = true
    closeInput()
    signalLater(SIGTERM) { $0.signalLater(SIGKILL) { _ in } }
  }

  private func signalLater(
    _ signal: Int32, then: @escaping @Sendable (isolated ChildProcess) -> Void
  ) {
    stopTimer = loop.schedule(at: loop.now + Self.patience) { [weak self] in
      self?.assumeIsolated { child in
        guard !child.hasExited else { return }
        kill(-child.process, signal)
        then(child)
      }
    }
  }

  // MARK: Descriptors

  private func watchEverything() {
    loop.watch(exitNotice, for: .readable) { _ in self.assumeIsolated { $0.reap() } }
    if let output {
      loop.watch(output, for: .readable) { [weak self] _ in
        self?.assumeIsolated { _ = $0.readOnce(.output) }
      }
    }
    if let errors {
      loop.watch(errors, for: .readable) { [weak self] _ in
        self?.assumeIsolated { _ = $0.readOnce(.errors) }
      }
    }
    if let input {
      loop.watch(input, for: []) { [weak self] readiness in
        self?.assumeIsolated { child in
          if readiness.contains(.error) { child.closeInput() } else { child.writeMore() }
        }
      }
    }
  }

  private func writeMore() {
    guard let input else { return }
    while !unwritten.isEmpty {
      let count = unwritten.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return loop.change(input, to: .writable) }
      guard count > 0 else { return closeInput() }
      bytesWritten += count
      unwritten.removeFirst(count)
    }
    loop.change(input, to: [])
  }

  private func closeInput() {
    close(&input)
    unwritten = []
  }

  private func close(_ descriptor: inout Int32?) {
    guard let open = descriptor else { return }
    loop.unwatch(open)
    Glibc.close(open)
    descriptor = nil
  }

  /// - Returns: whether there may be more.
  private func readOnce(_ stream: Stream) -> Bool {
    guard let descriptor = stream == .output ? output : errors else { return false }
    return withUnsafeTemporaryAllocation(byteCount: Self.readSize, alignment: 16) { buffer in
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count > 0 {
        take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), from: stream)
        return true
      }
      if count < 0, errno == EAGAIN || errno == EINTR { return false }
      closed(stream)
      return false
    }
  }

  private func take(_ bytes: UnsafeRawBufferPointer, from stream: Stream) {
    switch stream {
    case .output: for item in lines.feed(bytes) { report(item) }
    case .errors: for item in errorLines.feed(bytes) { keep(item) }
    }
  }

  private func closed(_ stream: Stream) {
    switch stream {
    case .output:
      close(&output)
      if let last = lines.end() { report(last) }
      // A server may say good-bye this way; without an output it is of no use to us.
      beginStop()
    case .errors:
      close(&errors)
      if let last = errorLines.end() { keep(last) }
    }
  }

  private func report(_ item: LineReader.Item) {
    switch item {
    case .line(let line): if !line.isEmpty { onEvent(.line(line)) }
    case .overlong(let beginning): onEvent(.overlongLine(beginning: beginning))
    }
  }

  private func keep(_ item: LineReader.Item) {
    let bytes: [UInt8] =
      switch item {
      case .line(let line): line
      case .overlong(let beginning): beginning
      }
    guard !bytes.isEmpty else { return }
    if errorTail.count == Self.errorLineLimit { errorTail.removeFirst() }
    errorTail.append(String(decoding: bytes, as: UTF8.self))
  }

  // MARK: The end

  private func reap() {
    guard !hasExited else { return }
    // Before the process is reaped its number names this group and no other.
    kill(-process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    hasExited = true
    loop.unwatch(exitNotice)
    Glibc.close(exitNotice)
    if let stopTimer { loop.cancel(stopTimer) }
    closeInput()
    drain(.errors)
    drain(.output)
    close(&output)
    close(&errors)
    onEvent(
      .exited(
        Exit(
          text: Self.text(status), lastErrorLine: errorTail.last, bytesWritten: bytesWritten,
          isSuccess: status == 0)))
    for waiter in exitWaiters { waiter.resume() }
    exitWaiters = []
  }

  /// What is in the pipe, and no more than it can hold: its writers are dead.
  private func drain(_ stream: Stream) {
    for _ in 0..<32 where !readOnce(stream) { return }
  }

  private static func text(_ status: Int32) -> String {
    let signal = status & 0x7F
    return signal == 0
      ? "ended with status \(status >> 8 & 0xFF)" : "was killed by signal \(signal)"
  }
}
