import Adapters
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
  var wallClock: @Sendable () -> Timestamp = SQLiteDeadLetterStore.systemTime
  /// Yields when the operator wants a long command to end in order.
  var interruptions: @Sendable () -> AsyncStream<Void> = { Interruption.stream() }
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
    /// A file piece by piece; nil is standard input.
    var chunks: @Sendable (String?) throws(FileError) -> FileChunks = {
      path throws(FileError) in try FileChunks.open(path)
    }
    /// Where the program runs, absolute.
    var directory: String
  }

  /// Problems told one by one; the others are counted.
  private static let problemLimit = 12

  // MARK: - Output

  func print(_ text: String) throws(CommandFailure) { try print(bytes: Array(text.utf8)) }

  func print(bytes: [UInt8]) throws(CommandFailure) {
    do throws(FileError) { try console.output(bytes) } catch {
      // Such as `| head -1`: nothing is wrong, and nobody wants more.
      guard !error.isBrokenPipe else { throw CommandFailure("", .brokenPipe) }
      throw CommandFailure("cannot write: \(error.reason)", .inputOutput)
    }
  }

  func complain(_ message: String) { console.complaint("mcpdash: " + PlainText.clean(message)) }

  var ink: Ink {
    Ink(
      isOn: console.isOutputTerminal && !options.isColorless && environment["TERM"] != "dumb")
  }

  func progressLine(isQuiet: Bool) -> ProgressLine {
    ProgressLine(console: console, columns: columns, isQuiet: isQuiet)
  }

  func tell(_ problems: [ConfigurationProblem], as kind: String) {
    for problem in problems.prefix(Self.problemLimit) { complain("\(kind): \(problem)") }
    let rest = problems.count - Self.problemLimit
    if rest > 0 { complain("and \(rest) more; 'mcpdash check' shows all") }
  }

  // MARK: - Places

  func stateDirectory() throws(CommandFailure) -> String {
    if let directory = options.stateDirectory { return directory }
    if let directory = StandardPlaces(environment: environment).stateDirectory { return directory }
    throw CommandFailure(
      "there is no place for state: set HOME, or name one with --state-dir", .cannotCreate)
  }

  // MARK: - Configuration

  /// How the configuration is read, now and later.
  var origin: ConfigurationOrigin {
    ConfigurationOrigin(
      named: options.configurationFiles, discovers: options.discovers, environment: environment,
      files: files, sources: sources, discovery: options.discovery)
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
    _ = try origin.discoverySettings(configuration)
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

  /// The running engine, if there is one.
  func runningDoorIfAny() async -> (any EngineDoor)? {
    let places = StandardPlaces(environment: environment)
    guard let directory = options.stateDirectory ?? places.stateDirectory else { return nil }
    return await doors.running(in: directory)
  }

  /// The running engine, or else one of our own.
  /// - Parameter server: the only one that is asked for; ours then runs no other, but for those
  ///   that may stand in for it.
  func anyDoor(
    for server: String? = nil
  ) async throws(CommandFailure) -> (door: any EngineDoor, isOwn: Bool) {
    if let door = await runningDoorIfAny() { return (door, false) }
    let scope = FleetScope(server: server.map { ServerID($0) })
    return (try await start(try usableConfiguration(), scope: scope), true)
  }

  /// An engine of our own.
  /// - Parameter endsAtInterrupt: whether Ctrl-C ends it, as it ends most commands.
  func start(
    _ configuration: Configuration, scope: FleetScope,
    tickInterval: Duration = GlobalOptions.standardRefresh, endsAtInterrupt: Bool = true
  ) async throws(CommandFailure) -> any EngineDoor {
    var configuration = configuration
    configuration.servers = scope.narrowed(configuration.servers)
    var origin = origin
    origin.scope = scope
    origin.log = { [console] in console.complaint($0.line) }
    var letters = try letterPolicy(configuration.settings)
    // One command is asked for, and the engine is gone after it.
    letters.processor.isOn = false
    return try await doors.start(
      configuration, from: origin, letters: letters,
      // Dead letters may have a place of their own where state has none.
      state: try? stateDirectory(),
      tickInterval: tickInterval, endsAtInterrupt: endsAtInterrupt)
  }

  /// The body of a request that was carried out; an unknown server is told with what was meant.
  func ask(
    _ door: any EngineDoor, _ request: ControlRequest, about server: String? = nil,
    onProgress: @escaping @Sendable (CallProgress) -> Void = { _ in }
  ) async throws(CommandFailure) -> ControlResponse {
    let response = try await door.answer(request, onProgress: onProgress)
    do throws(ControlClientError) {
      _ = try response.checked()
      return response
    } catch {
      throw CommandFailure(error, about: server)
    }
  }
}
