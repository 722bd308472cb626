import Engine
import FleetModel

/// Feeds a machine by hand on a virtual clock and keeps what it wanted done.
struct FleetBench {
  static let epoch = Timestamp(millisecondsSinceEpoch: 1_767_225_600_000)
  static let server = ServerID("alpha")

  var machine: FleetMachine
  var random = SplitMix64(seed: 1)
  var now = Instant.origin
  /// Every effect since the start, in order.
  var effects: [FleetEffect] = []
  private var calls: UInt64 = 0
  /// The fleet as it was last configured.
  private(set) var definitions: [ServerDefinition]

  static let http = Endpoint.http(url: "http://alpha/mcp", headers: [])
  static let stdio = Endpoint.stdio(
    command: "alpha", arguments: [], environment: [], workingDirectory: nil)

  /// One server `alpha`, already connected and its tools listed; others are left alone.
  init(
    policies: Policies = Policies(), endpoint: Endpoint = http, choices: [EndpointChoice] = [],
    probes: [Probe] = [], identity: ServerIdentity? = nil, others: [ServerDefinition] = [],
    isConnected: Bool = true,
    checkInterval: Duration = .seconds(86_400), tickInterval: Duration = .seconds(86_400),
    tools: [ToolList.Tool] = [
      ToolList.Tool(name: "echo", isReadOnly: true), ToolList.Tool(name: "pay"),
    ]
  ) {
    var quiet = policies
    quiet.health.interval = checkInterval
    var definition = ServerDefinition(
      id: Self.server, endpoint: endpoint, policies: quiet, probes: probes)
    definition.choices = choices
    definition.identity = identity
    definitions = [definition] + others
    machine = FleetMachine(
      engine: EngineIdentity(name: "test", version: "0", startedAt: Self.epoch),
      servers: definitions, tickInterval: tickInterval)
    feed(.start(wallClock: Self.epoch))
    if isConnected { connect(tools: tools) }
  }

  /// Another fleet from now on.
  @discardableResult
  mutating func reconfigure(
    _ change: (inout [ServerDefinition]) -> Void
  ) -> [FleetEffect] {
    change(&definitions)
    return feed(.reconfigured(definitions))
  }

  @discardableResult
  mutating func feed(_ event: FleetEvent) -> [FleetEffect] {
    var new = machine.handle(event, at: now, using: &random)
    effects += new
    // Idle connections are well unless a test says otherwise.
    for effect in new {
      if case .validate(let id) = effect { new += feed(.validated(id, nil)) }
    }
    return new
  }

  /// Lets time pass, waking the machine at each of its deadlines.
  @discardableResult
  mutating func advance(_ duration: Duration) -> [FleetEffect] {
    let end = now + duration
    var new: [FleetEffect] = []
    while let next = machine.nextDeadline, next <= end {
      now = max(now, next)
      new += feed(.timeReached)
    }
    now = end
    return new
  }

  mutating func connect(tools: [ToolList.Tool]) {
    answerOpens()
    feed(.toolsListed(Self.server, ToolList(tools: tools, result: .emptyObject)))
  }

  /// Every connection that was asked for and not yet answered is open now.
  mutating func answerOpens() {
    for effect in effects {
      if case .open(_, let id, _) = effect, opened.insert(id).inserted {
        feed(.opened(id, Self.info))
      }
    }
  }

  static let info = ConnectionInfo(era: .modern, protocolVersion: "2026-07-28")

  /// The connection asked for last.
  var lastOpen: ConnectionID? {
    effects.reversed().lazy.compactMap {
      if case .open(_, let id, _) = $0 { id } else { nil }
    }.first
  }
  private var opened: Set<ConnectionID> = []

  mutating func submit(
    _ tool: String, origin: Call.Origin = .cli, deadline: Instant? = nil,
    client: String = "mcpdash", server: ServerID = server, token: Secret? = nil,
    opens: Bool = true
  ) -> CallID {
    let id = nextID()
    feed(
      .submit(
        .tool(
          tool, arguments: .emptyObject, on: server, id: id, origin: origin,
          deadline: deadline, client: client, token: token)))
    if opens { answerOpens() }
    return id
  }

  /// A read such as `resources/list`.
  mutating func read(
    _ method: String, deadline: Instant? = nil, token: Secret? = nil
  ) -> CallID {
    let id = nextID()
    feed(
      .submit(
        Call(
          id: id, server: Self.server, method: method, origin: .cli, deadline: deadline,
          token: token)))
    answerOpens()
    return id
  }

  private mutating func nextID() -> CallID {
    calls += 1
    return CallID(high: 7, low: calls)
  }

  /// The newest try of a call that went on the wire.
  func attempt(of call: CallID) -> AttemptID? {
    effects.reversed().lazy.compactMap { effect in
      if case .send(let sent, let attempt, _) = effect, sent.id == call { attempt } else { nil }
    }.first
  }

  mutating func answer(
    _ call: CallID, _ reply: Reply, closes: Bool = false, timeToLive: Duration? = nil
  ) {
    guard let attempt = attempt(of: call) else { return }
    feed(
      .exchanged(
        attempt,
        Exchange(reply: reply, closesConnection: closes, timeToLive: timeToLive)))
  }

  /// The failure a call ended with; nil when it did not end, or not with one.
  func failure(of call: CallID) -> Failure? {
    guard case .failure(let failure)? = outcome(of: call)?.reply else { return nil }
    return failure
  }

  /// What callers were told of their calls, in order.
  var reports: [(call: CallID, report: CallProgress)] {
    effects.compactMap {
      if case .progress(let call, let report) = $0 { (call, report) } else { nil }
    }
  }

  /// Calls sent, in order.
  var sent: [CallID] {
    effects.compactMap { if case .send(let call, _, _) = $0 { call.id } else { nil } }
  }

  mutating func notices() -> [String] { machine.snapshot(at: now).notices.map(\.text) }

  func sendCount(of call: CallID) -> Int {
    effects.count { effect in
      if case .send(let sent, _, _) = effect { sent.id == call } else { false }
    }
  }

  func outcome(of call: CallID) -> Outcome? {
    effects.lazy.compactMap { effect in
      if case .finish(let outcome) = effect, outcome.call == call { outcome } else { nil }
    }.first
  }

  var stored: [DeadLetter] {
    effects.compactMap { if case .store(let letter) = $0 { letter } else { nil } }
  }

  mutating func storeAll() {
    for letter in stored { feed(.stored(letter.id.call, .stored)) }
  }

  mutating func picture() -> ServerSnapshot? { machine.snapshot(at: now).servers.first }
}

extension Reply {
  static let ok = Reply.success(.emptyObject)
  static let unavailable = Reply.failure(
    Failure(.httpStatus(503), "HTTP 503", delivery: .refused))
  static let lost = Reply.failure(
    Failure(.connectionReset, "connection reset", delivery: .unknown))
}
