import Foundation
import Glibc

/// A process that a test started, without a terminal and with its output in two files.
final class ChildProcess {
  private let process = Process()
  private let outputPath: String
  private let errorPath: String

  init(
    _ program: String, _ arguments: [String], in directory: URL, output: String, errors: String,
    environment: [String: String]
  ) throws {
    (outputPath, errorPath) = (output, errors)
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.environment = Self.environment(home: directory).merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.file(output)
    process.standardError = try Self.file(errors)
    try process.run()
  }

  /// Only what every program needs: nothing of the developer's own settings reaches a test.
  static func environment(home: URL) -> [String: String] {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return ["PATH": path, "HOME": home.path, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"]
  }

  private static func file(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(filePath: path))
    return try FileHandle(forWritingTo: URL(filePath: path))
  }

  var pid: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  /// The exit status, once it has ended; 128 and the signal when one ended it.
  var status: Int32? {
    guard !process.isRunning else { return nil }
    return process.terminationReason == .exit
      ? process.terminationStatus : 128 + process.terminationStatus
  }

  var output: String { Self.text(outputPath) }
  var errors: String { Self.text(errorPath) }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  /// Whether a process runs, one that nobody has waited for yet aside.
  static func isAlive(_ pid: Int32) -> Bool {
    let stat = text("/proc/\(pid)/stat")
    return stat.split(separator: ") ").last.map { !$0.hasPrefix("Z") } ?? false
  }

  /// The most memory it ever held; 0 once it has ended.
  var peakKilobytes: Int {
    let line = Self.text("/proc/\(pid)/status").split(separator: "\n").first {
      $0.hasPrefix("VmHWM:")
    }
    return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
  }

  func send(_ signal: Int32) { Glibc.kill(pid, signal) }

  /// Ends it at once; returns when it is gone.
  func stop() {
    guard process.isRunning else { return }
    send(SIGCONT)
    send(SIGKILL)
    process.waitUntilExit()
  }
}
