import FleetModel
import Gateway

/// Where dead letters are, and what is said of what was done with them.
extension CommandContext {
  /// The store that was chosen.
  func letterStore(
    _ settings: Configuration.Settings
  ) throws(CommandFailure) -> LetterStoreChoice {
    try LetterStoreChoice.resolve(
      options.letterStore, settings.deadLetters,
      standard: { () throws(CommandFailure) in
        StandardPlaces.deadLetters(in: try stateDirectory())
      }, read: { path throws(CommandFailure) in try password(in: path) })
  }

  func letterPolicy(
    _ settings: Configuration.Settings
  ) throws(CommandFailure) -> DeadLetterPolicy {
    settings.deadLetters.policy(at: try letterStore(settings).place)
  }

  /// The first line of a file.
  private func password(in path: String) throws(CommandFailure) -> Secret {
    let text: String
    do throws(FileError) { text = String(decoding: try files.read(path), as: UTF8.self) } catch {
      throw CommandFailure(
        "--redis-password-file: cannot read '\(path)': \(error.reason)", .inputOutput)
    }
    let line = text.prefix { !$0.isNewline }
    guard !line.isEmpty, text.dropFirst(line.count).allSatisfy(\.isWhitespace) else {
      throw CommandFailure(
        "--redis-password-file: '\(path)' must hold one line, the password", .badData)
    }
    return Secret(String(line))
  }

  /// The store that a flag names; else the running engine, or else the store itself. Nil when that
  /// is a file that is not there yet, which is told.
  /// - Parameter creates: makes the file instead.
  func letterDoor(creates: Bool = false) async throws(CommandFailure) -> (any EngineDoor)? {
    if !options.letterStore.isNamed, let door = await runningDoorIfAny() { return door }
    var settings = Configuration.Settings()
    // Letters can be read without any configuration; its problems are for other commands to tell.
    if let configuration = try? configuration() { settings = configuration.settings }
    let policy = try letterPolicy(settings)
    if case .file(let path)? = policy.place, !creates, !files.exists(path) {
      complain("there are no dead letters yet (no file \(path))")
      return nil
    }
    return try doors.deadLetters(policy)
  }

  /// What sends letters: the running engine, out of its own store, or one of our own out of the
  /// store that a flag names, or where none runs. Ctrl-C is left to whoever asked for it.
  /// - Parameter server: the only one that letters go to; ours then runs no other.
  func replayDoor(for server: String?) async throws(CommandFailure) -> any EngineDoor {
    if !options.letterStore.isNamed, let door = await runningDoorIfAny() { return door }
    return try await start(
      try usableConfiguration(), scope: FleetScope(server: server.map { ServerID($0) }),
      endsAtInterrupt: false)
  }

  /// The running engine, whose replays are of its own store.
  func stoppingDoor() async throws(CommandFailure) -> any EngineDoor {
    guard !options.letterStore.isNamed else {
      throw CommandFailure(
        "a running mcpdash stops its own replays; leave --dlq-file and --redis out", .usage)
    }
    return try await runningDoor()
  }

  /// Asks through a door, and closes it however that ends.
  func asking<Answer>(
    _ door: any EngineDoor, _ body: (any EngineDoor) async throws(CommandFailure) -> Answer
  ) async throws(CommandFailure) -> Answer {
    let answer: Answer
    do throws(CommandFailure) { answer = try await body(door) } catch {
      await door.close()
      throw error
    }
    await door.close()
    return answer
  }

  func receipt(of response: ControlResponse) throws(CommandFailure) -> CommandReceipt {
    do throws(ControlClientError) { return try response.receipt() } catch {
      throw CommandFailure(error)
    }
  }

  /// A receipt: the document, or its words.
  func print(_ response: ControlResponse, isJSON: Bool) throws(CommandFailure) {
    let receipt = try receipt(of: response)
    if isJSON { try print(bytes: response.body) } else { try print(receipt.text + "\n") }
  }
}
