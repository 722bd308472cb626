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
    _ configuration: Configuration, from origin: ConfigurationOrigin, deadLetters path: String,
    tokens: String?, tickInterval: Duration
  ) async throws(CommandFailure) -> any EngineDoor {
    let engine = try await LocalEngine.start(
      configuration, from: origin, deadLetters: path, tokens: tokens, tickInterval: tickInterval)
    let door = LocalDoor(engine: engine)
    await engine.keeper?.waitForSources()
    return door
  }

  func deadLetters(at path: String) throws(CommandFailure) -> any EngineDoor {
    do throws(DeadLetterStoreError) {
      return StoredDoor(store: try SQLiteDeadLetterStore(path: path))
    } catch {
      throw CommandFailure(error.message, .cannotCreate)
    }
  }
}

/// The dead letters' file.
struct StoredDoor: EngineDoor {
  private let control: ControlInterface

  init(store: any DeadLetterStore) {
    let now = SQLiteDeadLetterStore.systemTime
    control = ControlInterface(
      fleet: StoredFleet(store: store, now: now),
      makeCallID: {
        var random = SystemRandomNumberGenerator()
        return CallID(at: now(), using: &random)
      }, now: { .origin }, wallClock: now)
  }

  func answer(
    _ request: ControlRequest, onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async -> ControlResponse {
    await control.answer(request, onProgress: onProgress)
  }

  func close() async {}
}
