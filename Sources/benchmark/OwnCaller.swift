import Adapters
import Engine
import FleetModel
import Wire

/// Calls a tool through the project's own client: over its transport alone, or through the engine.
struct OwnCaller {
  private static let server = ServerID("responder")
  private static let connection = ConnectionID(number: 1)

  private let loop: EventLoop
  private let transport: MCPTransport
  private let fleet: LiveFleet?

  init(url: String, throughEngine: Bool) async throws {
    loop = EventLoop(name: "caller")
    loop.start()
    transport = MCPTransport(loop: loop, client: ClientIdentity(name: "benchmark", version: "1"))
    var definition = ServerDefinition(id: Self.server, endpoint: .http(url: url, headers: []))
    definition.policies.pool.openLimit = 64
    definition.policies.pool.idleLimit = 64
    definition.policies.load.concurrency = 64
    guard throughEngine else {
      fleet = nil
      transport.onEvent { _ in }
      _ = try await transport.open(Self.connection, to: definition, knownEra: nil)
      return
    }
    let machine = FleetMachine(
      engine: EngineIdentity(name: "benchmark", version: "1", startedAt: loop.wallClock),
      servers: [definition])
    let fleet = LiveFleet(
      machine: machine, host: loop, transport: transport,
      store: MemoryDeadLetterStore { [loop] in loop.wallClock },
      seed: 7)
    self.fleet = fleet
    await fleet.start()
    for _ in 0..<500 where fleet.latest().servers.first?.isConnected != true {
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// - Throws: unless every call is answered well.
  func call(_ count: Int, _ width: Int, _ text: String) async throws {
    var arguments = JSONWriter()
    arguments.object { $0.member("text", text) }
    let json = arguments.json
    let good = await withTaskGroup(of: Int.self) { group in
      for lane in 0..<width {
        group.addTask(executorPreference: loop) {
          await self.lane(lane, count / width, json)
        }
      }
      return await group.reduce(0, +)
    }
    try MicroBenchmark.expect(good, count / width * width, "a good answer")
  }

  private func lane(_ lane: Int, _ count: Int, _ arguments: JSONText) async -> Int {
    var random = SplitMix64(seed: UInt64(lane))
    var good = 0
    for number in 0..<count {
      let call = Call.tool(
        "echo", arguments: arguments, on: Self.server,
        id: CallID(at: loop.wallClock, using: &random), origin: .load)
      let reply =
        if let fleet {
          await fleet.call(call).reply
        } else {
          await transport.exchange(
            call, attempt: AttemptID(number: UInt64(lane * count + number + 1)),
            on: Self.connection
          ).reply
        }
      if case .success = reply { good += 1 }
    }
    return good
  }

  func stop() async {
    if let fleet { await fleet.stop() } else { await transport.shutdown() }
    loop.stop()
  }
}
