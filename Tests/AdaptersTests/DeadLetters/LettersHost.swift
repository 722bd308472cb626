import Dispatch
import Foundation

/// The process `letters-testhost`, beside the tests in the build's directory.
final class LettersHost: Sendable {
  struct End: Sendable {
    /// All that it said, line by line; a line without its end is left out.
    var lines: [String]
    /// The signal that ended it; nil when it ended by itself.
    var signal: Int32?
    var status: Int32
  }

  private let process: Process
  private let output: FileHandle
  private let input: FileHandle

  init(_ arguments: [String]) throws {
    let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let (output, input) = (Pipe(), Pipe())
    let process = Process()
    process.executableURL =
      URL(filePath: test).deletingLastPathComponent().appending(path: "letters-testhost")
    process.arguments = arguments
    process.standardOutput = output
    process.standardInput = input
    try process.run()
    (self.process, self.output, self.input) =
      (process, output.fileHandleForReading, input.fileHandleForWriting)
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
      if self.process.isRunning { Foundation.kill(self.process.processIdentifier, SIGKILL) }
    }
  }

  func end() async throws -> End {
    let output = await onThread { () -> String in
      let bytes = self.output.readDataToEndOfFile()
      self.process.waitUntilExit()
      return String(decoding: bytes, as: UTF8.self)
    }
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let isSignal = process.terminationReason == .uncaughtSignal
    return End(
      lines: lines.map(String.init), signal: isSignal ? process.terminationStatus : nil,
      status: process.terminationStatus)
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
