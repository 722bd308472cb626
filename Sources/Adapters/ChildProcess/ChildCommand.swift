import CLinux
package import FleetModel
import Glibc

/// A program to start, with its environment made up and its file found.
package struct ChildCommand: Sendable {
  /// What a child gets of our own environment; everything else must be configured.
  static let inheritedVariables = ["HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "USER"]

  private let path: String
  private let arguments: [String]
  /// `NAME=value`; may hold secrets.
  private let environment: [String]
  private let workingDirectory: String?

  /// - Throws: `spawnFailed` when there is no such program.
  package init(
    command: String, arguments: [String], environment: [EnvironmentVariable],
    workingDirectory: String?
  ) throws(Failure) {
    var variables = Self.inheritedVariables.compactMap { name in
      getenv(name).map { EnvironmentVariable(name: name, value: String(cString: $0)) }
    }
    // A function exported by a shell is no setting.
    variables.removeAll { $0.value.hasPrefix("()") }
    for variable in environment {
      variables.removeAll { $0.name == variable.name }
      variables.append(variable)
    }
    let searchPath = variables.first { $0.name == "PATH" }?.value ?? "/usr/local/bin:/usr/bin:/bin"
    guard let path = Self.find(command, in: searchPath) else {
      throw Failure(.spawnFailed, "command not found: \(command)", delivery: .notSent)
    }
    self.path = path
    self.arguments = [command] + arguments
    self.environment = variables.map { "\($0.name)=\($0.value)" }
    self.workingDirectory = workingDirectory
  }

  private static func find(_ command: String, in searchPath: String) -> String? {
    guard !command.isEmpty else { return nil }
    if command.contains("/") { return command }
    return searchPath.split(separator: ":").map { "\($0)/\(command)" }
      .first { access($0, X_OK) == 0 }
  }

  /// Starts the program in a process group of its own, with these as its standard streams and no
  /// other descriptor of ours.
  func spawn(input: Int32, output: Int32, errors: Int32) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
    if let workingDirectory {
      posix_spawn_file_actions_addchdir_np(&actions, workingDirectory)
    }
    // What we ignore or block, the child would ignore or block too.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var process = pid_t()
    let status = Self.withCStrings(arguments) { arguments in
      Self.withCStrings(environment) { environment in
        posix_spawn(&process, path, &actions, &attributes, arguments, environment)
      }
    }
    guard status == 0 else {
      throw Failure(
        .spawnFailed, "cannot start \(path): \(String(cString: strerror(status)))",
        delivery: .notSent)
    }
    return process
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) } + [nil]
    defer { copies.forEach { free($0) } }
    return copies.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { preconditionFailure("the list has an end") }
      return body(start)
    }
  }
}
