import Dispatch
import Foundation
import Glibc
import Synchronization

@testable import Adapters

/// The process `letters-testhost`, beside the tests in the build's directory.
///
/// Not by Foundation's `Process`, which waits for ever where more than 1,024 descriptors are open.
final class LettersHost: Sendable {
  struct End: Sendable {
    /// All that it said, line by line; a line without its end is left out.
    var lines: [String]
    /// The signal that ended it; nil when it ended by itself.
    var signal: Int32?
    /// Its exit status when it ended by itself.
    var status: Int32?
  }

  private let process: pid_t
  private let output: FileHandle
  private let input: FileHandle
  /// What was read of its output before its end.
  private let said = Mutex(Data())
  /// Its number may be another process's from then on.
  private let isBuried = Mutex(false)

  init(_ arguments: [String]) throws {
    let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let host = URL(filePath: test).deletingLastPathComponent().appending(path: "letters-testhost")
    let command = try ChildCommand(
      command: host.path, arguments: arguments, environment: [], workingDirectory: nil)
    let input = try ChildPipe()
    let output = try ChildPipe()
    process = try command.spawn(
      input: input.readEnd, output: output.writeEnd, errors: STDERR_FILENO)
    self.input = FileHandle(fileDescriptor: input.takeWriteEnd(), closeOnDealloc: true)
    self.output = FileHandle(fileDescriptor: output.takeReadEnd(), closeOnDealloc: true)
  }

  /// Reads the next bytes it says.
  func firstWords() async -> String {
    await onThread { String(decoding: self.output.availableData, as: UTF8.self) }
  }

  /// Lets a host go on that waits for a line.
  func go() { input.write(Data("go\n".utf8)) }

  /// Kills it after so long, whatever it does just then.
  func kill(after delay: Duration) {
    let delay = DispatchTimeInterval.nanoseconds(
      Int(delay.components.attoseconds / 1_000_000_000))
    DispatchQueue.global().asyncAfter(deadline: .now() + delay) {
      self.kill()
    }
  }

  /// Kills it when it has said so many lines, or has ended.
  func kill(afterLines count: Int) async {
    await onThread {
      var lines = 0
      while lines < count {
        let piece = self.output.availableData
        if piece.isEmpty { return }
        lines += piece.count { $0 == UInt8(ascii: "\n") }
        self.said.withLock { $0 += piece }
      }
      self.kill()
    }
  }

  private func kill() {
    isBuried.withLock { if !$0 { _ = Glibc.kill(process, SIGKILL) } }
  }

  func end() async -> End {
    await onThread {
      let rest = self.output.readDataToEndOfFile()
      let bytes = self.said.withLock { $0 + rest }
      var information = siginfo_t()
      let ended = WEXITED | WNOWAIT
      while waitid(P_PID, id_t(self.process), &information, Int32(ended)) < 0, errno == EINTR {}
      let raw = self.isBuried.withLock { isBuried in
        isBuried = true
        var raw: Int32 = 0
        waitpid(self.process, &raw, 0)
        return raw
      }
      let lines = String(decoding: bytes, as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      let signal = raw & 0x7F
      return End(
        lines: lines.map(String.init), signal: signal == 0 ? nil : signal,
        status: signal == 0 ? raw >> 8 & 0xFF : nil)
    }
  }

  /// Waits for the process on a thread of its own: none of the tests' few is held up.
  private func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () -> Value
  ) async -> Value {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: body()) }
    }
  }
}
