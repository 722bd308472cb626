import Foundation
import Glibc

/// A process under measurement.
final class LaunchedProgram {
  /// Where its standard streams go.
  enum Streams {
    /// All three are this terminal, which becomes its controlling one.
    case terminal(path: String)
    /// Standard output and errors go to this file.
    case file(path: String)
  }

  /// `POSIX_SPAWN_SETSID`, which the headers keep from Swift.
  private static let newSession: Int16 = 0x80

  let pid: pid_t
  private var hasEnded = false

  init(
    _ program: String, _ arguments: [String], streams: Streams,
    environment: [String: String] = [:]
  ) throws(BenchmarkError) {
    guard access(program, X_OK) == 0 else { throw .missingProgram(program) }
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    var settings = posix_spawnattr_t()
    posix_spawnattr_init(&settings)
    defer { posix_spawnattr_destroy(&settings) }
    switch streams {
    case .terminal(let path):
      // A session leader gets the first terminal it opens as its controlling one.
      posix_spawnattr_setflags(&settings, Self.newSession)
      posix_spawn_file_actions_addopen(&files, 0, path, O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&files, 0, 1)
      posix_spawn_file_actions_adddup2(&files, 0, 2)
    case .file(let path):
      posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_addopen(&files, 1, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      posix_spawn_file_actions_adddup2(&files, 1, 2)
    }
    let inherited = ["PATH", "HOME"].compactMap { name in
      ProcessInfo.processInfo.environment[name].map { (name, $0) }
    }
    let variables = Dictionary(uniqueKeysWithValues: inherited)
      .merging(["LANG": "C.UTF-8", "TERM": "xterm-256color"]) { $1 }
      .merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
    let words = ([program] + arguments).map { strdup($0) }
    let values = variables.map { strdup($0) }
    defer { for pointer in words + values { free(pointer) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, program, &files, &settings, words + [nil], values + [nil])
    guard code == 0 else { throw .system("starting \(program)", code) }
    pid = child
  }

  deinit { stop() }

  /// Asks it to end, and ends it after two seconds; returns when it is gone.
  func stop() {
    guard !hasEnded else { return }
    kill(pid, SIGTERM)
    for _ in 0..<200 {
      guard waitpid(pid, nil, WNOHANG) == 0 else {
        hasEnded = true
        return
      }
      usleep(10_000)
    }
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
    hasEnded = true
  }

  /// Processor time of all its threads since it started.
  func processorTime() -> Duration {
    let tasks = "/proc/\(pid)/task"
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
    let nanoseconds = threads.reduce(Int64(0)) { sum, thread in
      let text = FileManager.default.contents(atPath: "\(tasks)/\(thread)/schedstat") ?? Data()
      let first = String(decoding: text, as: UTF8.self).split(separator: " ").first
      return sum + (first.flatMap { Int64($0) } ?? 0)
    }
    return .nanoseconds(nanoseconds)
  }

  /// Memory it holds just now, in MiB.
  func residentMebibytes() -> Double {
    let text = FileManager.default.contents(atPath: "/proc/\(pid)/statm") ?? Data()
    let pages = String(decoding: text, as: UTF8.self).split(separator: " ").dropFirst().first
    return Double(pages.flatMap { Int($0) } ?? 0) * Double(getpagesize()) / 1_048_576
  }
}
