import Engine
import FleetModel
import Synchronization

/// Calls break until they may go well.
final class MoodyTransport: Transport {
  private let isWellNow = Mutex(false)

  var isWell: Bool {
    get { isWellNow.withLock { $0 } }
    set { isWellNow.withLock { $0 = newValue } }
  }

  func exchange(_ call: Call, attempt: AttemptID, on connection: ConnectionID) async -> Exchange {
    if isWell { return Exchange(reply: .success(.emptyObject)) }
    return Exchange(reply: .failure(Failure(.httpStatus(503), "HTTP 503", delivery: .refused)))
  }

  func locate(_ server: ServerDefinition) async -> [PortCandidate] { [] }
  func onEvent(_ sink: @escaping @Sendable (TransportEvent) -> Void) {}

  func open(
    _ connection: ConnectionID, to server: ServerDefinition, knownEra: ConnectionInfo?
  ) async throws(Failure) -> ConnectionInfo {
    ConnectionInfo(era: .modern, protocolVersion: "2026-07-28")
  }

  func close(_ connection: ConnectionID) async {}
  func validate(_ connection: ConnectionID) async throws(Failure) {}

  func listTools(on connection: ConnectionID) async throws(Failure) -> ToolList {
    ToolList(tools: [ToolList.Tool(name: "pay")], result: .emptyObject)
  }

  func check(
    _ server: ServerDefinition, knownEra: ConnectionInfo?, connection: ConnectionID?
  ) async throws(Failure) {}

  func shutdown() async {}
}
