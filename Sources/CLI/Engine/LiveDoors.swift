import Adapters
import FleetModel
import Gateway

/// Doors to real engines.
struct LiveDoors: EngineDoors {
  func running(in stateDirectory: String) async -> (any EngineDoor)? { nil }

  func start(
    _ configuration: Configuration, deadLetters path: String
  ) async throws(CommandFailure) -> any EngineDoor {
    throw CommandFailure("not yet", .internalError)
  }

  func deadLetters(at path: String) throws(CommandFailure) -> any EngineDoor {
    throw CommandFailure("not yet", .internalError)
  }
}
