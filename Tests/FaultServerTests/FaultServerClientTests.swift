import Adapters
import Engine
import FleetModel
import Synchronization
import Testing
import Wire

@testable import FaultServer

/// Our own client against our own server, over a real socket.
@Suite(.timeLimit(.minutes(5))) struct FaultServerClientTests {
  private final class Events: Sendable {
    private let events = Mutex<[TransportEvent]>([])
    var all: [TransportEvent] { events.withLock { $0 } }
    func add(_ event: TransportEvent) { events.withLock { $0.append(event) } }
  }

  private static let connection = ConnectionID(number: 1)

  private func withClient(
    _ era: String, _ session: (inout SessionPolicy) -> Void = { _ in },
    _ body: (TestServer, MCPTransport, Events) async throws -> Void
  ) async throws {
    try await withFaultServer(["--era", era]) { server in
      let transport = MCPTransport(
        loop: server.loop, client: ClientIdentity(name: "mcpdash", version: "1"))
      let events = Events()
      transport.onEvent { events.add($0) }
      var definition = ServerDefinition(
        id: ServerID("s"),
        endpoint: .http(url: "http://127.0.0.1:\(server.port)/mcp", headers: []))
      session(&definition.policies.session)
      _ = try await transport.open(Self.connection, to: definition, knownEra: nil)
      try await body(server, transport, events)
      await transport.shutdown()
    }
  }

  @Test(arguments: ["modern", "handshake"])
  func `a change of tools reaches a client that listens`(era: String) async throws {
    try await withClient(era) { server, _, events in
      // Whoever is not yet there to listen hears the next change.
      var revision = 0
      while events.all.isEmpty {
        revision += 1
        server.set(#"{"toolsRevision":\#(revision)}"#)
        await Task.yield()
      }
      #expect(events.all.first == .toolsChanged(ServerID("s")))
    }
  }

  @Test(arguments: [
    (SessionPolicy.InputAnswer.decline, "decline"), (.cancel, "cancel"), (.defaults, "accept"),
  ])
  func `a tool that asks is answered by policy`(
    answer: SessionPolicy.InputAnswer, action: String
  ) async throws {
    try await withClient("modern", { $0.inputAnswer = answer }) { _, transport, events in
      let call = Call.tool(
        "confirm", arguments: .emptyObject, on: ServerID("s"), id: CallID(high: 0, low: 1),
        origin: .cli)
      let exchange = await transport.exchange(
        call, attempt: AttemptID(number: 1), on: Self.connection)
      guard case .success(let result) = exchange.reply else {
        Issue.record("no result")
        return
      }
      #expect(result.text.contains("answered with \(action)"))
      #expect(events.all.count == 1)
    }
  }
}
