import Adapters
import Engine
import FleetModel
import Gateway
import Wire

/// An engine in this process, with the thread it lives on.
struct LocalEngine: Sendable {
  static let standardLifetime = Duration.seconds(7 * 86_400)

  let loop: EventLoop
  let fleet: LiveFleet

  /// Connects to every server; returns at once.
  /// - Parameter onPublish: called on the engine's thread when there is a new snapshot.
  static func start(
    _ configuration: Configuration, deadLetters path: String, tickInterval: Duration,
    onPublish: @escaping @Sendable () -> Void = {}
  ) async throws(CommandFailure) -> LocalEngine {
    let store: SQLiteDeadLetterStore
    do throws(DeadLetterStoreError) { store = try SQLiteDeadLetterStore(path: path) } catch {
      throw CommandFailure(error.message, .cannotCreate)
    }
    let loop = EventLoop(name: "engine")
    loop.start()
    let identity = ClientIdentity(name: "mcpdash", version: ProgramVersion.text)
    let machine = FleetMachine(
      engine: EngineIdentity(
        name: "mcpdash", version: ProgramVersion.text, startedAt: loop.wallClock),
      servers: configuration.servers, tickInterval: tickInterval,
      deadLetterLifetime: configuration.settings.deadLetterLifetime ?? standardLifetime)
    let fleet = LiveFleet(
      machine: machine, host: loop, transport: MCPTransport(loop: loop, client: identity),
      store: store, seed: .random(in: .min ... .max), onPublish: onPublish)
    await fleet.start()
    return LocalEngine(loop: loop, fleet: fleet)
  }

  /// Returns when every call has its outcome and every child process has ended.
  func stop() async {
    await fleet.stop()
    loop.stop()
  }

  /// The requests of the control interface, answered by this engine.
  var control: ControlInterface {
    ControlInterface(
      fleet: fleet, makeCallID: { await fleet.makeCallID() }, now: { loop.now },
      wallClock: { loop.wallClock })
  }
}
