import Adapters
import Engine
import FleetModel
import Gateway

/// Doors to real engines.
struct LiveDoors: EngineDoors {
  func running(in stateDirectory: String) async -> (any EngineDoor)? {
    let path = StandardPlaces.controlSocket(in: stateDirectory)
    guard FileBytes.exists(path) else { return nil }
    let door = RunningDoor(socket: path)
    if await door.isAlive() { return door }
    await door.close()
    return nil
  }

  func start(
    _ configuration: Configuration, from origin: ConfigurationOrigin,
    letters policy: DeadLetterPolicy, state: String?, tickInterval: Duration,
    endsAtInterrupt: Bool
  ) async throws(CommandFailure) -> any EngineDoor {
    let engine = try await LocalEngine.start(
      configuration, from: origin, letters: policy, state: state, tickInterval: tickInterval)
    let door = LocalDoor(engine: engine, endsAtInterrupt: endsAtInterrupt)
    await engine.keeper?.waitForSources()
    return door
  }

  func deadLetters(_ policy: DeadLetterPolicy) throws(CommandFailure) -> any EngineDoor {
    StoredDoor(store: try DeadLetterStores.open(policy), lifetime: policy.lifetime)
  }
}

/// The dead letters' store itself.
struct StoredDoor: EngineDoor {
  private let store: any DeadLetterStore
  private let control: ControlInterface

  /// - Parameter lifetime: of letters that come without their time of expiry.
  init(
    store: any DeadLetterStore, lifetime: Duration,
    now: @escaping @Sendable () -> Timestamp = SQLiteDeadLetterStore.systemTime
  ) {
    self.store = store
    control = ControlInterface(
      fleet: StoredFleet(store: store, now: now),
      makeCallID: {
        var random = SystemRandomNumberGenerator()
        return CallID(at: now(), using: &random)
      }, now: { .origin }, wallClock: now, letterLifetime: lifetime)
  }

  func answer(
    _ request: ControlRequest, onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async -> ControlResponse {
    await control.answer(request, onProgress: onProgress)
  }

  func close() async { await store.close() }
}
