import Adapters
import Engine
import FleetModel
import Wire

/// What one call costs this process: breaker, pool, machine, and over the wire also HTTP and JSON.
enum CallBenchmarks {
  private static let callers = 10

  /// A real server in another process, over HTTP in the modern era.
  static func overHTTP(_ bench: Bench) async throws -> Measurement {
    let server = try bench.startServers(1)[0]
    let loop = EventLoop(name: "engine")
    let transport = MCPTransport(
      loop: loop, client: ClientIdentity(name: "benchmark", version: "1"))
    let runs = try await measure(
      loop: loop, transport: transport, url: server.url, callsPerRun: 10_000)
    return Measurement(
      name: "processor time of a call through engine and HTTP, \(callers) callers", unit: "µs",
      bar: .atMost(150), runs: runs, command: "benchmark call")
  }

  /// A transport that answers at once: the engine's own part.
  static func engineAlone(_ bench: Bench) async throws -> Measurement {
    let runs = try await measure(
      loop: EventLoop(name: "engine"), transport: InstantTransport(), url: "http://127.0.0.1:1/mcp",
      callsPerRun: 50_000)
    return Measurement(
      name: "processor time of a call through the engine alone, \(callers) callers", unit: "µs",
      bar: .atMost(50), runs: runs, command: "benchmark call-alone")
  }

  private static func measure(
    loop: EventLoop, transport: any Transport, url: String, callsPerRun: Int
  ) async throws -> [Double] {
    loop.start()
    defer { loop.stop() }
    let id = ServerID("server")
    let machine = FleetMachine(
      engine: EngineIdentity(name: "benchmark", version: "1", startedAt: loop.wallClock),
      servers: [ServerDefinition(id: id, endpoint: .http(url: url, headers: []))])
    let fleet = LiveFleet(
      machine: machine, host: loop, transport: transport,
      store: MemoryDeadLetterStore { loop.wallClock }, seed: 7)
    await fleet.start()
    try await connected(fleet)
    try await run(fleet, id, count: callsPerRun / 5)
    var runs: [Double] = []
    for _ in 0..<5 {
      let before = ProcessorTime.now()
      try await run(fleet, id, count: callsPerRun)
      runs.append((ProcessorTime.now() - before) / .microseconds(1) / Double(callsPerRun))
    }
    await fleet.stop()
    return runs
  }

  private static func connected(_ fleet: LiveFleet) async throws {
    for _ in 0..<500 {
      if fleet.latest().servers.allSatisfy(\.isConnected) { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw BenchmarkError.neverHappened("the connection")
  }

  private static func run(_ fleet: LiveFleet, _ server: ServerID, count: Int) async throws {
    let failures = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<callers {
        group.addTask {
          var failures = 0
          for _ in 0..<(count / callers) {
            let call = Call.tool(
              "echo", arguments: JSONText(unchecked: Array(#"{"message":"hello"}"#.utf8)),
              on: server, id: await fleet.makeCallID(), origin: .load)
            let outcome = await fleet.call(call)
            if case .success = outcome.reply { continue }
            failures += 1
          }
          return failures
        }
      }
      return await group.reduce(0, +)
    }
    guard failures == 0 else {
      throw BenchmarkError.neverHappened("success of \(failures) of \(count) calls")
    }
  }
}

/// Answers every call at once.
private struct InstantTransport: Transport {
  func locate(_ server: ServerDefinition) async -> [PortCandidate] { [] }

  private static let info = ConnectionInfo(era: .modern, protocolVersion: "2026-07-28")

  func onEvent(_ sink: @escaping @Sendable (TransportEvent) -> Void) {}

  func open(
    _ connection: ConnectionID, to server: ServerDefinition, knownEra: ConnectionInfo?
  ) async throws(Failure) -> ConnectionInfo { Self.info }

  func close(_ connection: ConnectionID) async {}

  func validate(_ connection: ConnectionID) async throws(Failure) {}

  func exchange(_ call: Call, attempt: AttemptID, on connection: ConnectionID) async -> Exchange {
    Exchange(reply: .success(.emptyObject))
  }

  func listTools(on connection: ConnectionID) async throws(Failure) -> ToolList {
    ToolList(tools: [], result: .emptyObject)
  }

  func check(
    _ server: ServerDefinition, knownEra: ConnectionInfo?, connection: ConnectionID?
  ) async throws(Failure) {}

  func shutdown() async {}
}
