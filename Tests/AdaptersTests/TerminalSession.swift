import Foundation
import Testing

/// A real terminal for one test: a tmux server of its own, one pane, a plain shell in it.
final class TerminalSession {
  struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  /// How often the screen is looked at before a test gives up, and the pause between two looks.
  private static let tries = 400
  private static let pause = Duration.milliseconds(25)

  /// The shell's working directory, removed at the end.
  let directory: URL
  private var socket: String { directory.appending(path: "tmux").path(percentEncoded: false) }
  private var recording: URL { directory.appending(path: "record") }
  private var output: URL { directory.appending(path: "output") }

  /// Runs the test host, beside the tests in the build's directory, through the whole of `body`.
  ///
  /// - Parameter command: typed into the shell; `HOST` stands for the host.
  static func with(
    _ command: String, environment: String = "TERM=xterm-256color", columns: Int = 80,
    rows: Int = 24, _ body: (TerminalSession) async throws -> Void
  ) async throws {
    let session = try TerminalSession(columns: columns, rows: rows)
    defer { session.end() }
    let host = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(filePath: host).deletingLastPathComponent().appending(path: "terminal-testhost")
    // A file, so that the screen shows no command line that could be taken for its result.
    let script = "\(command.replacing("HOST", with: path.path(percentEncoded: false)))\n"
    try script.write(to: session.directory.appending(path: "s"), atomically: true, encoding: .utf8)
    try session.tmux("send-keys", "-l", "clear; export \(environment); . ./s")
    try session.press("Enter")
    try await body(session)
  }

  private init(columns: Int, rows: Int) throws {
    directory = FileManager.default.temporaryDirectory
      .appending(path: "mcpdash-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try tmux(
      "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
      "-c", directory.path(percentEncoded: false),
      "exec env -i PATH=/usr/bin:/bin PS1='$ ' TERM=xterm-256color sh -i")
  }

  func end() {
    // The server may be gone already; the directory is only a temporary one.
    hangUp()
    try? FileManager.default.removeItem(at: directory)
  }

  /// Takes the terminal away from the programs in it.
  func hangUp() { _ = try? tmux("kill-server") }

  /// Keys by tmux' names, such as `Up` or `C-z`.
  func press(_ keys: String...) throws { try tmux(["send-keys"] + keys) }

  /// Bytes as the terminal itself would send them.
  func send(_ text: String) throws {
    try tmux(["send-keys", "-H"] + text.utf8.map { String($0, radix: 16) })
  }

  func paste(_ text: String) throws {
    try tmux("set-buffer", text)
    try tmux("paste-buffer", "-p")
  }

  func resize(columns: Int, rows: Int) throws {
    try tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
  }

  /// Sends the host a signal from outside.
  func signal(_ number: Int32) async throws { kill(try await hostProcess(), number) }

  func hostProcess() async throws -> pid_t {
    try await expect("selected")
    let match = try screen().firstMatch(of: /process (\d+) end/)
    return try #require(match.flatMap { pid_t(String($0.1)) })
  }

  /// What the pane shows, with its colours if asked.
  func screen(colors: Bool = false) throws -> String {
    try tmux(["capture-pane", "-p"] + (colors ? ["-e"] : []))
  }

  /// The pane's modes: on the alternate screen, with a cursor, with the mouse.
  func modes() throws -> String {
    try tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}")
      .trimmingCharacters(in: .newlines)
  }

  /// Writes on the screen as another program would.
  func scribble(_ text: String) throws {
    let path = try tmux("display-message", "-p", "#{pane_tty}").trimmingCharacters(in: .newlines)
    let terminal = try FileHandle(forWritingTo: URL(filePath: path))
    try terminal.write(contentsOf: Data(text.utf8))
    try terminal.close()
  }

  /// Keeps every byte that the pane gets from now on.
  func record() throws {
    try tmux("pipe-pane", "exec cat > \(recording.path(percentEncoded: false))")
  }

  /// What has been kept so far: nothing before the first byte.
  func recorded() throws -> String {
    guard FileManager.default.fileExists(atPath: recording.path(percentEncoded: false)) else {
      return ""
    }
    return String(decoding: try Data(contentsOf: recording), as: UTF8.self)
  }

  func expect(
    _ text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await expect("the screen to show \"\(text)\"", sourceLocation: sourceLocation) {
      try screen().contains(text)
    }
  }

  func expect(modes: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await expect("the modes to be \(modes)", sourceLocation: sourceLocation) {
      try self.modes() == modes
    }
  }

  /// Looks until it is so; gives up after a bounded number of looks.
  func expect(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ isSo: () throws -> Bool
  ) async throws {
    for _ in 0..<Self.tries {
      if try isSo() { return }
      try await Task.sleep(for: Self.pause)
    }
    // There is nothing more to say where the terminal itself is gone.
    let found = (try? "modes \(modes()), screen:\n\(screen())") ?? "no terminal"
    Issue.record("waited for \(what), found \(found)", sourceLocation: sourceLocation)
    throw Fault(description: what)
  }

  @discardableResult
  private func tmux(_ arguments: String...) throws -> String { try tmux(arguments) }

  @discardableResult
  private func tmux(_ arguments: [String]) throws -> String {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/tmux") else {
      throw Fault(description: "tmux is missing; install it: apt-get install tmux")
    }
    let status = try spawn("/usr/bin/tmux", ["-S", socket] + arguments)
    let text = try String(contentsOf: output, encoding: .utf8)
    guard status == 0 else {
      throw Fault(description: "tmux \(arguments.joined(separator: " ")): \(text)")
    }
    return text
  }

  /// Not by Foundation, which waits for the end of a descriptor that the server inherits; nor may
  /// the server inherit the signals that are blocked on the tests' threads, or it would not end.
  private func spawn(_ program: String, _ arguments: [String]) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, output.path(percentEncoded: false), flags, 0o600)
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
      texts.map { strdup($0) } + [nil]
    }
    let words = cStrings([program] + arguments)
    // tmux writes UTF-8 only where it is told that it may.
    let environment = cStrings(["LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"])
    defer { for word in words + environment { free(word) } }
    var process = pid_t()
    let error = posix_spawn(&process, program, &actions, &attributes, words, environment)
    guard error == 0 else {
      throw Fault(description: "\(program): \(String(cString: strerror(error)))")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status
  }
}
