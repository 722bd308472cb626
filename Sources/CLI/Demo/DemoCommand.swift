import Adapters
import Engine
import FleetModel
import Glibc
import Telemetry

/// `mcpdash demo`: a small fleet of real servers that misbehave by a script, and load on it.
struct DemoCommand {
  /// Without a terminal the fleet is shown once, after this time.
  private static let headlessTime = Duration.seconds(10)
  /// A picture is taken when failures have had time to show.
  private static let pictureTime = Duration.seconds(45)
  /// Between two calls to one server.
  private static let loadInterval = Duration.milliseconds(250)

  let context: CommandContext
  let seed: UInt64
  let picture: PictureRequest?

  @MainActor func run() async -> ExitStatus {
    do throws(CommandFailure) {
      // Before the fleet has run its time for nothing.
      if let picture { try DashboardPicture(context: context, request: picture).check() }
      let stage = try await DemoStage.set(seed: seed, environment: context.environment)
      let status: ExitStatus
      do throws(CommandFailure) { status = try await play(on: stage) } catch {
        await stage.clear()
        throw error
      }
      await stage.clear()
      return status
    } catch {
      context.complain(error.message)
      return error.status
    }
  }

  @MainActor private func play(
    on stage: DemoStage
  ) async throws(CommandFailure) -> ExitStatus {
    var configuration = Configuration()
    configuration.servers = stage.servers
    let letters = DeadLetterSettings().policy(
      at: .file(StandardPlaces.deadLetters(in: stage.directory)))
    let load = { @Sendable [seed] (engine: LocalEngine) async in
      await DemoLoad(
        fleet: engine.fleet, loop: engine.loop, servers: stage.servers.map(\.id),
        interval: Self.loadInterval, seed: seed
      ).run()
    }
    if picture == nil, isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 {
      return try await DashboardCommand(context: context).run(
        configuration, letters: letters, stateDirectory: stage.directory, alongside: load)
    }
    let engine = try await LocalEngine.start(
      configuration, letters: letters, tickInterval: GlobalOptions.standardRefresh)
    let running = Task { await load(engine) }
    await context.sleep(picture == nil ? Self.headlessTime : Self.pictureTime)
    let snapshot = engine.fleet.latest()
    running.cancel()
    await running.value
    await engine.stop()
    if let picture {
      try DashboardPicture(context: context, request: picture).write(snapshot)
    } else {
      try context.print(SnapshotText.render(snapshot, columns: context.columns))
    }
    return .success
  }
}
