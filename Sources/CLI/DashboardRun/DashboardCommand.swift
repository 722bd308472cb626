import Adapters
import Engine
import FleetModel
import Glibc

/// `mcpdash` without a command: an engine, its control socket, and the screen.
struct DashboardCommand {
  let context: CommandContext

  @MainActor func run() async -> ExitStatus {
    do throws(CommandFailure) { return try await start() } catch {
      context.complain(error.message)
      return error.status
    }
  }

  @MainActor private func start() async throws(CommandFailure) -> ExitStatus {
    let configuration = try context.usableConfiguration()
    return try await run(
      configuration, from: context.origin,
      letters: try context.letterPolicy(configuration.settings),
      stateDirectory: try context.stateDirectory())
  }

  /// - Parameters:
  ///   - origin: where the configuration is from; nil when it is made up.
  ///   - policy: how dead letters are kept, and where.
  ///   - companion: lives as long as the dashboard, beside its engine.
  @MainActor func run(
    _ configuration: Configuration, from origin: ConfigurationOrigin? = nil,
    letters policy: DeadLetterPolicy, stateDirectory: String,
    alongside companion: @escaping @Sendable (LocalEngine) async -> Void = { _ in }
  ) async throws(CommandFailure) -> ExitStatus {
    let (options, settings) = (context.options, configuration.settings)
    let themes = ThemeChoice(
      wanted: options.theme(settings), isASCII: options.isASCII, read: context.files.read)
    try themes.check()
    if options.isColorless { setenv("NO_COLOR", "1", 1) }
    let terminal = try openTerminal(mouse: options.mouse(settings))
    // Every way out gives the terminal back first, so that what is said then can be read.
    defer { terminal.close() }
    let waker = terminal.waker
    let engine = try await LocalEngine.start(
      configuration, from: origin, letters: policy,
      state: stateDirectory, tickInterval: options.refresh(settings),
      onPublish: { waker.wake() })
    let control = await openControl(of: engine, in: stateDirectory)
    await announce(configuration, to: engine)
    // Not on the main thread, which the screen holds.
    let running = Task { @concurrent in await companion(engine) }
    let end: Result<DashboardLoop.End, CommandFailure> = show(
      configuration, engine, on: terminal, themes)
    terminal.close()
    running.cancel()
    await running.value
    await engine.stopKeeping()
    // Whoever called over the socket learns what became of his call.
    if let lost = await engine.fleet.stop() { context.complain(lost) }
    await control?.stop()
    engine.loop.stop()
    return try status(of: try end.get())
  }

  @MainActor private func show(
    _ configuration: Configuration, _ engine: LocalEngine, on terminal: Terminal,
    _ themes: ThemeChoice
  ) -> Result<DashboardLoop.End, CommandFailure> {
    Result { () throws(CommandFailure) in
      let (loop, fleet) = (engine.loop, engine.fleet)
      let refresh = context.options.refresh(configuration.settings)
      var dashboard = try DashboardLoop(
        terminal: terminal, fleet: fleet, themes: themes,
        servers: configuration.servers.map(\.id), refresh: refresh,
        owner: LoginName.current(context.environment),
        wallClock: { loop.wallClock }, keeper: engine.keeper)
      return dashboard.run()
    }
  }

  /// Without its socket a dashboard is still a dashboard; scripts then find the other engine.
  private func openControl(
    of engine: LocalEngine, in stateDirectory: String
  ) async -> ControlService? {
    do throws(CommandFailure) {
      return try ControlService.start(for: engine, in: stateDirectory)
    } catch {
      await engine.fleet.announce(.warning, "no control socket: \(error.message)")
      return nil
    }
  }

  @MainActor private func openTerminal(mouse: Bool) throws(CommandFailure) -> Terminal {
    do throws(TerminalError) { return try Terminal(mouse: mouse) } catch {
      throw CommandFailure(error.description, .inputOutput)
    }
  }

  /// Messages scroll away under the screen, so the event list has them too.
  private func announce(_ configuration: Configuration, to engine: LocalEngine) async {
    for problem in configuration.warnings {
      await engine.fleet.announce(.warning, problem.description)
    }
    for problem in configuration.errors {
      await engine.fleet.announce(.error, problem.description)
    }
  }

  private func status(of end: DashboardLoop.End) throws(CommandFailure) -> ExitStatus {
    switch end {
    case .quit: return .success
    case .signal(SIGINT): return .interrupted
    case .signal: return .terminated
    case .failure(let failure): throw failure
    }
  }
}
