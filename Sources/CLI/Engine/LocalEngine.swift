import Adapters
import Engine
import FleetModel
import Gateway
import Wire

/// An engine in this process, with the thread it lives on.
struct LocalEngine: Sendable {
  let loop: EventLoop
  let fleet: LiveFleet
  /// Follows the changes of where servers come from; nil where they come from nowhere else.
  let keeper: SourceKeeper?
  private let keeping: Task<Void, Never>?
  private let letterLifetime: Duration

  /// Connects to every server; returns at once.
  /// - Parameter origin: where the configuration is from; nil when it is made up.
  /// - Parameter policy: how dead letters are kept, and where.
  /// - Parameter state: the directory of logins and of letters that no store has taken; nil where
  ///   there is none.
  /// - Parameter onPublish: called on the engine's thread when there is a new snapshot.
  static func start(
    _ configuration: Configuration, from origin: ConfigurationOrigin? = nil,
    letters policy: DeadLetterPolicy, state: String? = nil, tickInterval: Duration,
    onPublish: @escaping @Sendable () -> Void = {}
  ) async throws(CommandFailure) -> LocalEngine {
    let store = try DeadLetterStores.open(policy)
    let loop = EventLoop(name: "engine")
    loop.start()
    let identity = ClientIdentity(name: "mcpdash", version: ProgramVersion.text)
    let machine = FleetMachine(
      engine: EngineIdentity(
        name: "mcpdash", version: ProgramVersion.text, startedAt: loop.wallClock),
      servers: configuration.servers, tickInterval: tickInterval,
      deadLetters: policy)
    let fleet = LiveFleet(
      machine: machine, host: loop,
      transport: MCPTransport(
        loop: loop, client: identity, tokens: state.map(StandardPlaces.tokens)),
      store: store,
      spillFile: state.map { PrivateSpillFile(path: StandardPlaces.letterSpill(in: $0)) },
      seed: .random(in: .min ... .max), onPublish: onPublish)
    await fleet.start()
    let complete: ConfigurationOrigin?
    do throws(CommandFailure) {
      complete = try origin?.withDiscovery(for: configuration) { line in
        await fleet.announce(line.level.severity, line.text)
      }
    } catch {
      await fleet.stop()
      loop.stop()
      throw error
    }
    let keeper = complete.map {
      SourceKeeper(configuration, from: $0, fleet: fleet, now: { loop.wallClock })
    }
    let keeping = keeper.map { keeper in Task { @concurrent in await keeper.run() } }
    return LocalEngine(
      loop: loop, fleet: fleet, keeper: keeper, keeping: keeping,
      letterLifetime: policy.lifetime)
  }

  /// The fleet stays as it is from here on.
  func stopKeeping() async {
    keeping?.cancel()
    await keeping?.value
  }

  /// Returns when every call has its outcome and every child process has ended; dead letters that
  /// are lost are told on standard error.
  func stop() async {
    await stopKeeping()
    if let lost = await fleet.stop() { Console.standard.complaint("mcpdash: \(lost)") }
    loop.stop()
  }

  /// The requests of the control interface, answered by this engine.
  var control: ControlInterface {
    ControlInterface(
      fleet: fleet, makeCallID: { await fleet.makeCallID() }, now: { loop.now },
      wallClock: { loop.wallClock }, letterLifetime: letterLifetime)
  }
}
