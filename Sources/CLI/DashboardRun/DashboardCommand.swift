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
    let (options, settings) = (context.options, configuration.settings)
    let themes = ThemeChoice(
      wanted: options.theme(settings), isASCII: options.isASCII, read: context.files.read)
    try themes.check()
    let path = try context.deadLetterPath(settings)
    let stateDirectory = try context.stateDirectory()
    if options.isColorless { setenv("NO_COLOR", "1", 1) }
    let terminal = try openTerminal(mouse: options.mouse(settings))
    // Every way out gives the terminal back first, so that what is said then can be read.
    defer { terminal.close() }
    let waker = terminal.waker
    let engine = try await LocalEngine.start(
      configuration, deadLetters: path, tickInterval: options.refresh(settings),
      onPublish: { waker.wake() })
    let end: DashboardLoop.End
    do throws(CommandFailure) {
      let control = try ControlService.start(for: engine, in: stateDirectory)
      await announce(configuration, to: engine)
      let (loop, fleet) = (engine.loop, engine.fleet)
      var dashboard = try DashboardLoop(
        terminal: terminal, fleet: fleet, themes: themes,
        servers: configuration.servers.map(\.id), refresh: options.refresh(settings),
        wallClock: { loop.wallClock })
      end = dashboard.run()
      terminal.close()
      await control.stop()
    } catch {
      terminal.close()
      await engine.stop()
      throw error
    }
    await engine.stop()
    return status(of: end)
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

  private func status(of end: DashboardLoop.End) -> ExitStatus {
    switch end {
    case .quit: .success
    case .signal(SIGINT): .interrupted
    case .signal: .terminated
    }
  }
}
