import FleetModel
import Gateway
import Telemetry

/// What every command works with; the outside world comes in here and nowhere else.
struct CommandContext: Sendable {
  var options: GlobalOptions
  var environment: [String: String]
  var console: Console
  var doors: any EngineDoors
  /// Of a line of text.
  var columns: Int
  /// Who runs the program, as the system knows them; nil when it does not.
  var userName: String?
  var files: FileAccess
  var sleep: @Sendable (Duration) async -> Void
  /// Where servers come from beside files.
  var sources: [any ServerSource] = []

  /// How files are looked for and read.
  struct FileAccess: Sendable {
    var exists: @Sendable (String) -> Bool
    var read: @Sendable (String) throws(FileError) -> [UInt8]
    /// All of standard input.
    var standardInput: @Sendable () throws(FileError) -> [UInt8]
    /// What tells whether a file has changed; nil when there is none.
    var stamp: @Sendable (String) -> FileStamp?
    /// Where the program runs, absolute.
    var directory: String
  }

  /// Problems told one by one; the others are counted.
  private static let problemLimit = 12

  // MARK: - Output

  func print(_ text: String) throws(CommandFailure) { try print(bytes: Array(text.utf8)) }

  func print(bytes: [UInt8]) throws(CommandFailure) {
    do throws(FileError) { try console.output(bytes) } catch {
      throw CommandFailure("cannot write: \(error.reason)", .inputOutput)
    }
  }

  func complain(_ message: String) { console.complaint("mcpdash: " + PlainText.clean(message)) }

  func tell(_ problems: [ConfigurationProblem], as kind: String) {
    for problem in problems.prefix(Self.problemLimit) { complain("\(kind): \(problem)") }
    let rest = problems.count - Self.problemLimit
    if rest > 0 { complain("and \(rest) more; 'mcpdash check-config' shows all") }
  }

  // MARK: - Places

  func stateDirectory() throws(CommandFailure) -> String {
    if let directory = options.stateDirectory { return directory }
    if let directory = StandardPlaces(environment: environment).stateDirectory { return directory }
    throw CommandFailure(
      "there is no place for state: set HOME, or name one with --state-dir", .cannotCreate)
  }

  func deadLetterPath(_ settings: Configuration.Settings) throws(CommandFailure) -> String {
    if let path = settings.deadLetterPath { return path }
    return StandardPlaces.deadLetters(in: try stateDirectory())
  }

  // MARK: - Configuration

  /// How the configuration is read, now and later.
  var origin: ConfigurationOrigin {
    ConfigurationOrigin(
      named: options.configurationFiles, discovers: options.discovers, environment: environment,
      files: files, sources: sources)
  }

  /// The whole configuration with its problems.
  /// - Throws: when there is none at all, or a file that was named cannot be read.
  func configuration() throws(CommandFailure) -> Configuration {
    let configuration = origin.load()
    if let failure = origin.failure(of: configuration) { throw failure }
    return configuration
  }

  /// The configuration, its problems told; servers that are broken are left out of it.
  /// - Throws: when nothing can be run with it.
  func usableConfiguration() throws(CommandFailure) -> Configuration {
    let configuration = try configuration()
    tell(configuration.warnings, as: "warning")
    tell(configuration.errors, as: "error")
    guard configuration.isUsable else {
      throw CommandFailure("the configuration cannot be used; nothing was started", .badData)
    }
    return configuration
  }

  // MARK: - Engines

  /// The running engine.
  func runningDoor() async throws(CommandFailure) -> any EngineDoor {
    let directory = try stateDirectory()
    if let door = await doors.running(in: directory) { return door }
    throw CommandFailure(
      "no mcpdash runs here (nothing answers on "
        + "\(StandardPlaces.controlSocket(in: directory))); start 'mcpdash' in another terminal,"
        + " or name its state with --state-dir", .noEngine)
  }

  /// The running engine, or else one of our own.
  func anyDoor() async throws(CommandFailure) -> (door: any EngineDoor, isOwn: Bool) {
    if let directory = options.stateDirectory
      ?? StandardPlaces(environment: environment).stateDirectory,
      let door = await doors.running(in: directory)
    {
      return (door, false)
    }
    let configuration = try usableConfiguration()
    let path = try deadLetterPath(configuration.settings)
    // Dead letters may have a place of their own where state has none.
    let tokens = (try? stateDirectory()).map { StandardPlaces.tokens(in: $0) }
    let door = try await doors.start(
      configuration, from: origin, deadLetters: path, tokens: tokens)
    return (door, true)
  }

  /// The running engine, or else the dead letters' file itself; nil when there is no such file,
  /// which is told.
  func letterDoor() async throws(CommandFailure) -> (any EngineDoor)? {
    if let door = await doors.running(in: try stateDirectory()) { return door }
    var settings = Configuration.Settings()
    // Letters can be read without any configuration; its problems are for other commands to tell.
    if let configuration = try? configuration() { settings = configuration.settings }
    let path = try deadLetterPath(settings)
    guard files.exists(path) else {
      complain("there are no dead letters yet (no file \(path))")
      return nil
    }
    return try doors.deadLetters(at: path)
  }

  /// The body of a request that was carried out; an unknown server is told with what was meant.
  func ask(
    _ door: any EngineDoor, _ request: ControlRequest, about server: String? = nil
  ) async throws(CommandFailure) -> ControlResponse {
    let response = try await door.answer(request)
    do throws(ControlClientError) {
      _ = try response.checked()
      return response
    } catch {
      throw CommandFailure(error, about: server)
    }
  }
}
