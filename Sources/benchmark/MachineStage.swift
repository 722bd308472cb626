import Engine
import FleetModel

/// The engine's machine, connected to servers that do not exist.
struct MachineStage {
  /// Between two events.
  private static let step = Duration.microseconds(1)

  private var machine: FleetMachine
  private var random = SplitMix64(seed: 7)
  private var now = Instant(nanoseconds: 1_000_000_000)
  private let ids: [ServerID]

  /// Connects, lists the tools and checks the health of each.
  init(servers count: Int) throws {
    ids = (0..<count).map { ServerID("server-\($0)") }
    let definitions = ids.map { id in
      var definition = ServerDefinition(
        id: id, endpoint: .http(url: "http://\(id)/mcp", headers: []))
      // A call that fails is to end with its first try.
      definition.policies.retry.schedule = .none
      return definition
    }
    let epoch = Timestamp(millisecondsSinceEpoch: 1_767_225_600_000)
    machine = FleetMachine(
      engine: EngineIdentity(name: "benchmark", version: "1", startedAt: epoch),
      servers: definitions)
    settle(.start(wallClock: epoch))
    for _ in 0..<10 { settle(.timeReached) }
    let connected = machine.snapshot(at: now).servers.filter(\.isConnected).count
    try MicroBenchmark.expect(connected, count, "a connected server")
  }

  mutating func feed(_ event: FleetEvent) -> [FleetEffect] {
    now = now + Self.step
    return machine.handle(event, at: now, using: &random)
  }

  /// As many tool calls, or reads, as asked for; spread over the servers in turn.
  mutating func makeCalls(_ count: Int, method: String = "tools/call") -> [Call] {
    let params = JSONText(
      unchecked: Array(#"{"name":"echo","arguments":{"message":"hello"}}"#.utf8))
    return (0..<count).map { number in
      Call(
        id: CallID(high: UInt64(number) + 1, low: random.next()), server: ids[number % ids.count],
        method: method, target: method == "tools/call" ? "echo" : nil,
        params: method == "tools/call" ? params : .emptyObject, origin: .gateway)
    }
  }

  /// By the rules: five calls find it failing.
  mutating func openBreaker() throws {
    let failure = Failure(.httpStatus(503), "HTTP 503", delivery: .refused)
    for call in makeCalls(5) {
      for effect in feed(.submit(call)) {
        if case .send(_, let attempt, _) = effect {
          settle(.exchanged(attempt, Exchange(reply: .failure(failure))))
        }
      }
    }
    let open = machine.snapshot(at: now).servers.filter { $0.breaker.state == .open }.count
    try MicroBenchmark.expect(open, ids.count, "an open breaker")
  }

  /// Feeds an event and all that the world answers to its effects.
  private mutating func settle(_ event: FleetEvent) {
    var events = [event]
    while !events.isEmpty {
      for effect in feed(events.removeFirst()) {
        if let answer = Self.answer(effect) { events.append(answer) }
      }
    }
  }

  private static func answer(_ effect: FleetEffect) -> FleetEvent? {
    switch effect {
    case .open(_, let id, _):
      .opened(id, ConnectionInfo(era: .modern, protocolVersion: "2026-07-28"))
    case .listTools(let server, _): .toolsListed(server, tools)
    case .check(let server, _, _): .checked(server.id, nil)
    case .store(let letter): .stored(letter.id.call, .stored)
    case .tally: .tallied(DeadLetterTally())
    case .validate(let id): .validated(id, nil)
    case .close, .abortValidation, .watch, .abortWatch, .send, .abort, .abortCheck, .finish,
      .abortTools, .locate, .abortLocate, .progress, .publish, .readClock, .drained:
      nil
    }
  }

  private static let tools = ToolList(
    tools: [ToolList.Tool(name: "echo", isReadOnly: true, isIdempotent: true)],
    result: .emptyObject)
}
