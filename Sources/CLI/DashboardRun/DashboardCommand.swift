import Adapters
import Engine
import FleetModel
import Glibc

/// `mcpdash` without a command: an engine, its control socket, and the screen.
struct DashboardCommand {
  let context: CommandContext

  func run() async -> ExitStatus {
    do throws(CommandFailure) { return try await start() } catch {
      context.complain(error.message)
      return error.status
    }
  }

  private func start() async throws(CommandFailure) -> ExitStatus {
    let configuration = try context.usableConfiguration()
    let (options, settings) = (context.options, configuration.settings)
    let themes = ThemeChoice(
      wanted: options.theme(settings), isASCII: options.isASCII, read: context.files.read)
    try themes.check()
    let stateDirectory = try context.stateDirectory()
    let path = try context.deadLetterPath(settings)
    if options.isColorless { setenv("NO_COLOR", "1", 1) }
    let wake = WakeLater()
    let engine = try await LocalEngine.start(
      configuration, deadLetters: path, tickInterval: options.refresh(settings),
      onPublish: { wake.wake() })
    do throws(CommandFailure) {
      let control = try ControlService.start(for: engine, in: stateDirectory)
      await announce(configuration, to: engine)
      let end: DashboardLoop.End
      do throws(CommandFailure) {
        end = try await show(configuration, engine, themes, wake)
      } catch {
        await control.stop()
        throw error
      }
      await control.stop()
      await engine.stop()
      return status(of: end)
    } catch {
      await engine.stop()
      throw error
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

  @MainActor private func show(
    _ configuration: Configuration, _ engine: LocalEngine, _ themes: ThemeChoice,
    _ wake: WakeLater
  ) async throws(CommandFailure) -> DashboardLoop.End {
    let settings = configuration.settings
    let terminal: Terminal
    do throws(TerminalError) {
      terminal = try Terminal(mouse: context.options.mouse(settings))
    } catch {
      throw CommandFailure(error.description, .inputOutput)
    }
    defer { terminal.close() }
    wake.set(terminal.waker)
    let mailbox = DashboardMailbox(fleet: engine.fleet, waker: terminal.waker)
    let (loop, fleet) = (engine.loop, engine.fleet)
    var dashboard = try DashboardLoop(
      terminal: terminal, fleet: fleet, mailbox: mailbox, themes: themes,
      servers: configuration.servers.map(\.id), refresh: context.options.refresh(settings),
      wallClock: { loop.wallClock })
    return dashboard.run()
  }

  private func status(of end: DashboardLoop.End) -> ExitStatus {
    switch end {
    case .quit: .success
    case .signal(SIGINT): .interrupted
    case .signal: .terminated
    }
  }
}
