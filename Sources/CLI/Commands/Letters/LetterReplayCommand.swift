import FleetModel
import Gateway

/// `mcpdash dlq replay`: sends letters again, says how far it is, and stops in order at Ctrl-C.
struct LetterReplayCommand {
  /// Between two looks at how far it is.
  static let pause = Duration.milliseconds(500)
  /// Looks for our replay before the question itself is taken back.
  private static let lookLimit = 20

  /// What Ctrl-C came to.
  private enum Interruption {
    case none
    /// The engine was told to stop.
    case stopped
    /// The replay was not among those that run, and the question was taken back.
    case givenUp
  }

  let context: CommandContext
  let request: LetterReplayRequest

  func run() async throws(CommandFailure) -> ExitStatus {
    var order = ReplayOrder(request.choice.selection(now: context.wallClock()))
    order.isForced = request.isForced
    order.isDryRun = request.isDryRun
    order.pace = request.pace
    order.waitsForBreaker = request.waitsForBreaker
    order.arguments = try request.arguments.map { arguments throws(CommandFailure) in
      try context.json(of: arguments)
    }
    order.token = try request.token.map { place throws(CommandFailure) in
      try context.token(at: place)
    }
    order.owner = context.environment["USER"] ?? context.userName ?? ControlOverride.standardOwner
    if order.owner.isEmpty { order.owner = ControlOverride.standardOwner }
    let door = try await context.replayDoor(for: order.selection.server)
    let wanted = order
    let (response, isInterrupted) = try await context.asking(door) {
      door throws(CommandFailure) in try await carryOut(wanted, through: door)
    }
    try context.print(response, isJSON: request.isJSON)
    if isInterrupted { return .interrupted }
    guard !order.isDryRun, let count = try context.receipt(of: response).replay else {
      return .success
    }
    let undelivered = count.failed + count.unsafe + count.taken + count.unsendable + count.left
    return undelivered > 0 ? .failure : .success
  }

  private func carryOut(
    _ order: ReplayOrder, through door: any EngineDoor
  ) async throws(CommandFailure) -> (ControlResponse, isInterrupted: Bool) {
    let least = try await lastReplay(through: door)
    let interruptions = context.interruptions()
    let line = context.progressLine(isQuiet: request.isQuiet)
    let context = context
    let replaying = Task { () -> Result<ControlResponse, CommandFailure> in
      do throws(CommandFailure) {
        return .success(
          try await context.ask(door, .perform(.replay(order)), about: order.selection.server))
      } catch {
        return .failure(error)
      }
    }
    let watching = Task { await watch(door, order.owner, least, line) }
    let listening = Task {
      for await _ in interruptions {
        line.show("stopping: what is on the wire is waited for")
        if await stop(door, order.owner, least) { return Interruption.stopped }
        replaying.cancel()
        return .givenUp
      }
      return .none
    }
    let result = await replaying.value
    watching.cancel()
    listening.cancel()
    await watching.value
    let interruption = await listening.value
    line.end()
    if case (.givenUp, .failure) = (interruption, result) {
      throw CommandFailure(
        "the replay was given up; the engine ends what is on the wire", .interrupted)
    }
    return (try result.get(), interruption != .none)
  }

  private func lastReplay(through door: any EngineDoor) async throws(CommandFailure) -> Int {
    let answer = try await context.ask(door, .replays)
    do throws(ControlClientError) { return try answer.lastReplay() } catch {
      throw CommandFailure(error)
    }
  }

  /// Until the task is cancelled.
  private func watch(
    _ door: any EngineDoor, _ owner: String, _ least: Int, _ line: ProgressLine
  ) async {
    while true {
      await context.sleep(Self.pause)
      guard !Task.isCancelled else { return }
      if let replay = await look(door, owner, least) { line.show("replay: \(replay.words)") }
    }
  }

  /// Why there is no answer is told by the replay's own.
  private func look(
    _ door: any EngineDoor, _ owner: String, _ least: Int
  ) async -> (number: Int, words: String)? {
    guard let answer = try? await context.ask(door, .replays) else { return nil }
    return (try? answer.replay(of: owner, above: least)) ?? nil
  }

  /// Whether our replay was found, and told to stop.
  private func stop(_ door: any EngineDoor, _ owner: String, _ least: Int) async -> Bool {
    for _ in 0..<Self.lookLimit {
      if let replay = await look(door, owner, least) {
        return (try? await context.ask(door, .perform(.stopReplay(replay.number)))) != nil
      }
      await context.sleep(.milliseconds(100))
      guard !Task.isCancelled else { return true }
    }
    return false
  }
}
