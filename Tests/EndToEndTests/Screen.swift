import Foundation
import Glibc

/// A program in a real terminal: a tmux server of its own with one pane.
final class Screen {
  private let place: Workplace
  private let socket: String
  private let statusFile: String
  private var serverPID: pid_t = 0
  /// The shell that runs the program; both are in one process group.
  private(set) var panePID: pid_t = 0

  /// - Parameter command: the program and its arguments.
  init(
    _ place: Workplace, columns: Int = 80, rows: Int = 24, command: [String],
    environment: [String: String] = [:]
  ) async throws {
    self.place = place
    let name = "tmux-\(UUID().uuidString.prefix(8))"
    (socket, statusFile) = (place.path("\(name).sock"), place.path("\(name).status"))
    let settings = try place.write(
      "\(name).conf", "set -g default-terminal tmux-256color\nset -g escape-time 0\n")
    let variables = environment.map { "export \($0.key)=\(Self.quoted($0.value)); " }.sorted()
    let line = command.map(Self.quoted).joined(separator: " ")
    // The pane outlives the program, so that what it left of the terminal can be looked at.
    // As an interactive shell it outlives a Ctrl-C that ends the program.
    let script =
      "trap : INT; \(variables.joined())\(line); echo $? >\(Self.quoted(statusFile)); exec sleep 600"
    try await tmux([
      "-f", settings, "new-session", "-d", "-x", String(columns), "-y", String(rows),
      "/bin/sh", "-c", script,
    ])
    var pids: [pid_t] = []
    for _ in 0..<50 where pids.count < 2 {
      pids = try await property("#{pid} #{pane_pid}").split(separator: " ").compactMap { pid_t($0) }
    }
    guard pids.count == 2 else { throw Refused(arguments: ["display-message"], errors: "no pids") }
    (serverPID, panePID) = (pids[0], pids[1])
  }

  deinit {
    // The program gets its chance to end its own children before the terminal goes.
    Self.end(-panePID, panePID)
    Self.end(serverPID, serverPID)
  }

  /// Asks a process or a group to end, and ends it when it does not.
  private static func end(_ target: pid_t, _ leader: pid_t) {
    guard leader > 1 else { return }
    kill(target, SIGTERM)
    for _ in 0..<60 where ChildProcess.isAlive(leader) { usleep(50_000) }
    kill(target, SIGKILL)
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }

  @discardableResult
  private func tmux(_ arguments: [String]) async throws -> String {
    let child = try place.start(
      "tmux-\(UUID().uuidString.prefix(8))", try Prerequisite.tmux.found(),
      ["-S", socket] + arguments)
    let status = try await eventually("the end of tmux \(arguments)", within: .seconds(10)) {
      child.status
    }
    guard status == 0 else { throw Refused(arguments: arguments, errors: child.errors) }
    return child.output
  }

  /// Sends keys by tmux's names: `o`, `Enter`, `Escape`, `C-c`.
  func press(_ keys: String...) async throws { try await tmux(["send-keys"] + keys) }

  func resize(columns: Int, rows: Int) async throws {
    try await tmux(["resize-window", "-x", String(columns), "-y", String(rows)])
  }

  /// What stands on the screen, a line a row.
  func text() async throws -> String { try await tmux(["capture-pane", "-p"]) }

  /// Formats of tmux: `#{alternate_on}`, `#{pane_title}`.
  func property(_ format: String) async throws -> String {
    try await tmux(["display-message", "-p", format]).trimmingCharacters(in: .newlines)
  }

  /// Waits until the screen holds the text and returns it.
  @discardableResult
  func shows(_ what: String, within limit: Duration = .seconds(20)) async throws -> String {
    var end = ContinuousClock.now + limit
    var hasEnded = false
    while true {
      if !hasEnded, FileManager.default.fileExists(atPath: statusFile) {
        // The terminal may still have to take in what the program wrote last.
        hasEnded = true
        end = min(end, ContinuousClock.now + .seconds(2))
      }
      let screen = try await text()
      if screen.contains(what) { return screen }
      guard ContinuousClock.now < end else {
        throw NeverHappened(
          what: "'\(what)' on the screen\(hasEnded ? " of a program that ended" : ""):\n\(screen)",
          limit: limit)
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// The program itself, the one child of the pane's shell.
  func programPID() async throws -> pid_t {
    guard let pid = try await children(of: panePID).first else {
      throw Refused(arguments: ["pgrep"], errors: "the program does not run")
    }
    return pid
  }

  /// The processes that the program started and has not buried yet.
  func childrenOfProgram() async throws -> [pid_t] {
    try await children(of: try await programPID())
  }

  private func children(of parent: pid_t) async throws -> [pid_t] {
    let search = try place.start(
      "pgrep-\(UUID().uuidString.prefix(8))", try Prerequisite.pgrep.found(),
      ["-P", String(parent)])
    _ = try await eventually("the end of pgrep") { search.status }
    return search.output.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
  }

  func signalProgram(_ signal: Int32) async throws { kill(try await programPID(), signal) }

  /// Takes the terminal away from everything in it.
  func hangUp() async throws { try await tmux(["kill-server"]) }

  /// The exit status of the program, once it has ended.
  func status(within limit: Duration = .seconds(10)) async throws -> Int {
    try await eventually("the program in the terminal ends", within: limit) {
      FileManager.default.contents(atPath: statusFile)
        .flatMap { Int(String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .newlines)) }
    }
  }

  struct Refused: Error, CustomStringConvertible {
    let arguments: [String]
    let errors: String

    var description: String { "tmux \(arguments.joined(separator: " ")): \(errors)" }
  }
}
