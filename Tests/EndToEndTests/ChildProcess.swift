import Foundation
import Glibc

/// A process that a test started, without a terminal and with its output in two files.
///
/// Foundation's `Process` takes a child for running while a daemon that the child left behind lives;
/// tmux's client leaves one, so this is `posix_spawn` and `waitpid`.
final class ChildProcess {
  let pid: pid_t
  private let outputPath: String
  private let errorPath: String
  private var ended: Int32?

  init(
    _ program: String, _ arguments: [String], in directory: URL, output: String, errors: String,
    environment: [String: String]
  ) throws {
    (outputPath, errorPath) = (output, errors)
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
    for (descriptor, path) in [(Int32(1), output), (2, errors)] {
      posix_spawn_file_actions_addopen(
        &files, descriptor, path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
    }
    // What other tests of this process did to their signals is not the program's concern.
    var settings = posix_spawnattr_t()
    posix_spawnattr_init(&settings)
    defer { posix_spawnattr_destroy(&settings) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&settings, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&settings, &signals)
    posix_spawnattr_setflags(
      &settings, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    // Spawning cannot change the directory; `env` does it and becomes the program.
    let words = ["/usr/bin/env", "-C", directory.path, program] + arguments
    let variables = Self.environment(home: directory).merging(environment) { $1 }
      .map { "\($0.key)=\($0.value)" }
    pid = try Self.withCStrings(words) { words throws(POSIXError) in
      try Self.withCStrings(variables) { variables throws(POSIXError) in
        var pid: pid_t = 0
        let error = posix_spawn(&pid, "/usr/bin/env", &files, &settings, words, variables)
        guard error == 0 else { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EIO) }
        return pid
      }
    }
  }

  /// Only what every program needs: nothing of the developer's own settings reaches a test.
  private static func environment(home: URL) -> [String: String] {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return ["PATH": path, "HOME": home.path, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"]
  }

  private static func withCStrings<Value>(
    _ strings: [String],
    _ body: ([UnsafeMutablePointer<CChar>?]) throws(POSIXError) -> Value
  ) throws(POSIXError) -> Value {
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return try body(pointers + [nil])
  }

  /// The exit status, once it has ended; 128 and the signal when one ended it.
  var status: Int32? {
    if ended == nil {
      var raw: Int32 = 0
      guard waitpid(pid, &raw, WNOHANG) == pid else { return nil }
      ended = raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + raw & 0x7F
    }
    return ended
  }

  var output: String { Self.text(outputPath) }
  var errors: String { Self.text(errorPath) }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  /// Whether a process runs, one that nobody has waited for yet aside.
  static func isAlive(_ pid: pid_t) -> Bool {
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

  func send(_ signal: Int32) {
    guard status == nil else { return }
    kill(pid, signal)
  }

  /// Ends it at once; returns when it is gone.
  func stop() {
    guard status == nil else { return }
    kill(pid, SIGKILL)
    var raw: Int32 = 0
    waitpid(pid, &raw, 0)
    ended = 128 + SIGKILL
  }
}
