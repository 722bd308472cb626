import FleetModel
import Gateway
import Telemetry
import Wire

/// Carries out every command but the dashboards.
struct CommandRunner {
  let context: CommandContext

  func run(_ action: Invocation.Action) async -> ExitStatus {
    do throws(CommandFailure) {
      return try await carryOut(action)
    } catch {
      if error.status != .brokenPipe { context.complain(error.message) }
      return error.status
    }
  }

  private func carryOut(_ action: Invocation.Action) async throws(CommandFailure) -> ExitStatus {
    switch action {
    case .dashboard, .demo: preconditionFailure("the dashboards have runners of their own")
    case .help(let commands):
      try context.print(commands.isEmpty ? HelpText.program() : HelpText.commands(commands))
    case .simulate(let request):
      return try await SimulateCommand(context: context, request: request).run()
    case .manual: try context.print(ManualPage.text(version: ProgramVersion.text))
    case .completions(let shell): try context.print(Completions.script(for: shell))
    case .version: try context.print("mcpdash \(ProgramVersion.text)\n")
    case .check(let request):
      return try await CheckCommand(context: context, request: request).run()
    case .checkConfiguration(let isJSON): return try checkConfiguration(isJSON: isJSON)
    case .schema: try context.print(ConfigurationSchema.text)
    case .servers(let isJSON): try await ServerCommands(context: context).list(isJSON: isJSON)
    case .snapshot(let request): try await snapshot(request)
    case .tools(let request):
      return try await ToolCommands(context: context, request: request).run()
    case .call(let request):
      return try await CallCommand(context: context, request: request).run()
    case .breakerList(let isJSON):
      let door = try await context.runningDoor()
      try await show(.breakers(format(isJSON)), through: door)
    case .breaker(let change, let servers):
      try await ServerCommands(context: context).breaker(change, servers)
    case .reconnect(let server):
      try await ServerCommands(context: context).reconnect(server)
    case .trust(let server): try await ServerCommands(context: context).trust(server)
    case .toolHive(let request):
      try await ToolHiveCommands(context: context, request: request).run()
    case .login(let request):
      try await LoginCommand(context: context, request: request).run()
    case .logout(let server):
      return try await AuthorizationCommands(context: context).logout(server)
    case .authorizationStatus(let isJSON):
      try AuthorizationCommands(context: context).status(isJSON: isJSON)
    case .cacheClear(let selection):
      try await ServerCommands(context: context).clearCache(selection)
    case .cacheList(let server, let isJSON):
      try await show(
        .cache(of: server.map { ServerID($0) }, format(isJSON)),
        through: try await context.runningDoor(), about: server)
    case .statistics(let server, let isJSON):
      try await show(
        .statistics(of: server.map { ServerID($0) }, format(isJSON)),
        through: try await context.runningDoor(), about: server)
    case .deadLetters(let request):
      return try await DeadLetterCommands(context: context).run(request)
    }
    return .success
  }

  private func format(_ isJSON: Bool) -> ControlRequest.Format {
    isJSON ? .json : .text(columns: context.columns)
  }

  /// Prints an answer as it came: texts and documents of an engine are clean.
  private func show(
    _ request: ControlRequest, through door: any EngineDoor, about server: String? = nil
  ) async throws(CommandFailure) {
    try context.print(bytes: try await context.ask(door, request, about: server).body)
  }

  private func checkConfiguration(isJSON: Bool) throws(CommandFailure) -> ExitStatus {
    let configuration = try context.configuration()
    let letters = LetterStorePicture(try context.letterStore(configuration.settings))
    try context.print(
      isJSON
        ? ConfigurationText.json(configuration, letters: letters)
        : ConfigurationText.report(configuration, letters: letters))
    return configuration.errors.isEmpty ? .success : .badData
  }

  // MARK: - Snapshot

  private func snapshot(_ request: SnapshotRequest) async throws(CommandFailure) {
    let (door, isOwn) = try await context.anyDoor()
    if isOwn { await context.sleep(request.wait) }
    let ask: ControlRequest =
      switch request.format {
      case .json: .snapshot(.json)
      case .text: .snapshot(.text(columns: context.columns))
      case .prometheus: .metrics
      }
    var left = request.interval == nil ? 1 : request.count ?? .max
    do throws(CommandFailure) {
      while left > 0 {
        try await show(ask, through: door)
        left -= 1
        guard left > 0, let interval = request.interval else { continue }
        if request.format == .text { try context.print("\n") }
        await context.sleep(interval)
      }
    } catch {
      await door.close()
      throw error
    }
    await door.close()
  }
}
