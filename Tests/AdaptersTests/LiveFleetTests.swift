import Adapters
import Engine
import FleetModel
import Synchronization
import Testing

/// The engine's driver on the real loop, with a transport that a test holds in its hand.
@Suite(.timeLimit(.minutes(1))) struct `The live fleet` {
  private static let server = ServerID("alpha")

  private static func call(_ number: UInt64) -> Call {
    .tool(
      "echo", arguments: .emptyObject, on: server, id: CallID(high: 3, low: number), origin: .cli)
  }

  /// One server whose tries have 20 ms.
  private static func with(
    _ transport: HeldTransport, _ test: (LiveFleet) async throws -> Void
  ) async throws {
    var definition = ServerDefinition(
      id: server, endpoint: .http(url: "http://alpha/mcp", headers: []))
    definition.policies.retry.tryTimeout = .milliseconds(20)
    definition.policies.retry.schedule = .none
    let loop = EventLoop(name: "test")
    loop.start()
    defer { loop.stop() }
    let fleet = LiveFleet(
      machine: FleetMachine(
        engine: EngineIdentity(name: "test", version: "0", startedAt: loop.wallClock),
        servers: [definition]),
      host: loop, transport: transport,
      store: MemoryDeadLetterStore { loop.wallClock }, seed: 1)
    await fleet.start()
    try await test(fleet)
    transport.release()
    await fleet.stop(patience: .zero)
  }

  @Test func `does not wait for a try that ignores its end (pitfall 24)`() async throws {
    let transport = HeldTransport(heedsCancellation: false)
    try await Self.with(transport) { fleet in
      let outcome = await fleet.call(Self.call(1))
      guard case .failure(let failure) = outcome.reply else {
        Issue.record("a hung call must fail")
        return
      }
      #expect(failure.kind == .tryTimeout)
      #expect(transport.ended == 0, "the transport still hangs")
    }
    #expect(transport.ended == 1, "its task had an owner to the end")
  }

  @Test func `gives up with its caller's task, and ends the try`() async throws {
    let transport = HeldTransport(heedsCancellation: true)
    try await Self.with(transport) { fleet in
      for number in 1...20 as ClosedRange<UInt64> {
        let caller = Task { await fleet.call(Self.call(number)) }
        if number % 2 == 0 { await transport.begun(Int(number) / 2) }
        caller.cancel()
        let kind: Failure.Kind? =
          if case .failure(let failure) = await caller.value.reply { failure.kind } else { nil }
        // Before or on the wire; the odd ones may also end by their own time.
        if number % 2 == 0 { #expect(kind == .cancelled || kind == .tryTimeout) }
        #expect(kind != nil)
      }
    }
  }

  @Test func `ends every call when it stops, whatever its transport does (pitfall 25)`()
    async throws
  {
    let transport = HeldTransport(heedsCancellation: true)
    let callers = Mutex<[Task<Outcome, Never>]>([])
    try await Self.with(transport) { fleet in
      for number in 1...50 as ClosedRange<UInt64> {
        let caller = Task { await fleet.call(Self.call(number)) }
        callers.withLock { $0.append(caller) }
      }
      await transport.begun(1)
    }
    for caller in callers.withLock({ $0 }) {
      let outcome = await caller.value
      #expect(outcome.reply != .success(.emptyObject))
    }
  }
}

/// Opens at once; its exchanges last until their task is cancelled, or until it is let go.
private final class HeldTransport: Transport {
  func locate(_ server: ServerDefinition) async -> [PortCandidate] { [] }

  private struct State {
    var isReleased = false
    var begun = 0
    var ended = 0
    var held: [CheckedContinuation<Void, Never>] = []
    var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let heedsCancellation: Bool
  private let state = Mutex(State())

  init(heedsCancellation: Bool) { self.heedsCancellation = heedsCancellation }

  var ended: Int { state.withLock { $0.ended } }

  /// Returns when so many exchanges have begun.
  func begun(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isDue = state.withLock {
        if $0.begun < count { $0.watchers.append((count, continuation)) }
        return $0.begun >= count
      }
      if isDue { continuation.resume() }
    }
  }

  func release() {
    let held = state.withLock { state in
      state.isReleased = true
      defer { state.held = [] }
      return state.held
    }
    for continuation in held { continuation.resume() }
  }

  func exchange(_ call: Call, attempt: AttemptID, on connection: ConnectionID) async -> Exchange {
    let due = state.withLock { state in
      state.begun += 1
      let begun = state.begun
      defer { state.watchers.removeAll { $0.count <= begun } }
      return state.watchers.filter { $0.count <= begun }.map(\.continuation)
    }
    for continuation in due { continuation.resume() }
    if heedsCancellation {
      try? await Task.sleep(for: .seconds(600))
    } else {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock {
          if !$0.isReleased { $0.held.append(continuation) }
          return $0.isReleased
        }
        if isOver { continuation.resume() }
      }
    }
    state.withLock { $0.ended += 1 }
    return Exchange(reply: .success(.emptyObject))
  }

  func onEvent(_ sink: @escaping @Sendable (TransportEvent) -> Void) {}

  func open(
    _ connection: ConnectionID, to server: ServerDefinition, knownEra: ConnectionInfo?
  ) async throws(Failure) -> ConnectionInfo {
    ConnectionInfo(era: .modern, protocolVersion: "2026-07-28")
  }

  func close(_ connection: ConnectionID) async {}
  func validate(_ connection: ConnectionID) async throws(Failure) {}

  func listTools(on connection: ConnectionID) async throws(Failure) -> ToolList {
    ToolList(tools: [ToolList.Tool(name: "echo", isReadOnly: true)], result: .emptyObject)
  }

  func check(
    _ server: ServerDefinition, knownEra: ConnectionInfo?, connection: ConnectionID?
  ) async throws(Failure) {}

  func shutdown() async {}
}
