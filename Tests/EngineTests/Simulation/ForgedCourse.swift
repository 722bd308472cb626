import Engine
import FleetModel

@testable import Simulation

/// Events and effects made up by hand and shown to a ledger, on two servers; `one` is connected.
struct ForgedCourse {
  var ledger: Ledger
  var now = Instant.origin
  private var lastCall: UInt64 = 0
  private var lastAttempt: UInt64 = 0
  private var lastConnection: UInt64 = 0
  /// Connections by server, oldest first.
  private(set) var connections: [ServerID: [ConnectionID]] = [:]

  static let one = ServerID("one")
  static let two = ServerID("two")

  init(_ change: (inout Policies) -> Void = { _ in }, other: (inout Policies) -> Void = { _ in }) {
    ledger = Ledger(servers: [
      Self.definition(Self.one, change), Self.definition(Self.two, other),
    ])
    event(.start(wallClock: Simulation.epoch))
    connect(Self.one)
    event(
      .toolsListed(
        Self.one,
        ToolList(
          tools: [
            ToolList.Tool(name: "read", isReadOnly: true), ToolList.Tool(name: "add"),
          ], result: .emptyObject)))
  }

  static func definition(
    _ id: ServerID, _ change: (inout Policies) -> Void = { _ in }
  ) -> ServerDefinition {
    var policies = Policies()
    change(&policies)
    return ServerDefinition(
      id: id, endpoint: .http(url: "http://\(id)/mcp", headers: []), policies: policies)
  }

  /// Has `two` asked where `add` fails.
  static func askingTwo(_ policies: inout Policies) {
    policies.fallbacks = [Fallback(target: NamePattern("add"), source: .tool(two, nil))]
  }

  var words: [String] { ledger.violations.map(\.words) }

  // MARK: Steps

  mutating func wait(_ duration: Duration) { now = now + duration }

  mutating func event(_ event: FleetEvent) { ledger.note(event, at: now) }

  mutating func effect(_ effect: FleetEffect) { ledger.judge(effect, at: now) }

  /// Asks for a connection.
  @discardableResult
  mutating func open(_ server: ServerID = one) -> ConnectionID {
    lastConnection += 1
    let id = ConnectionID(number: lastConnection)
    let number = ledger.numbers[server] ?? 0
    effect(.open(ledger.servers[number].definition, id, knownEra: nil))
    return id
  }

  @discardableResult
  mutating func connect(_ server: ServerID = one) -> ConnectionID {
    let id = open(server)
    event(.opened(id, ConnectionInfo(era: .modern, protocolVersion: "2026-07-28")))
    connections[server, default: []].append(id)
    return id
  }

  mutating func call(
    _ tool: String = "add", on server: ServerID = one, origin: Call.Origin = .gateway,
    work: Int? = nil, deadline: Instant? = nil
  ) -> Call {
    lastCall += 1
    return Call.tool(
      tool, arguments: JSONText(unchecked: Array("{\"n\":\(work ?? Int(lastCall))}".utf8)),
      on: server, id: CallID(high: 7, low: lastCall), origin: origin, deadline: deadline)
  }

  mutating func submit(
    _ tool: String = "add", origin: Call.Origin = .gateway, deadline: Instant? = nil
  ) -> Call {
    let call = call(tool, origin: origin, deadline: deadline)
    event(.submit(call))
    return call
  }

  /// Sends a call on the server's newest connection or on the one given.
  @discardableResult
  mutating func send(
    _ call: Call, on connection: ConnectionID? = nil, runs: Bool = false
  ) -> AttemptID {
    lastAttempt += 1
    let attempt = AttemptID(number: lastAttempt)
    let place = connection ?? connections[call.server]?.last ?? ConnectionID(number: 0)
    effect(.send(call, attempt, place))
    if runs { ledger.executed(call, at: now) }
    return attempt
  }

  mutating func answer(_ attempt: AttemptID, _ reply: Reply = .success(.emptyObject)) {
    event(.exchanged(attempt, Exchange(reply: reply)))
  }

  mutating func fail(
    _ attempt: AttemptID, _ kind: Failure.Kind = .httpStatus(503),
    _ delivery: Delivery = .refused, retryAfter: Duration? = nil
  ) {
    answer(attempt, .failure(Failure(kind, "no", delivery: delivery, retryAfter: retryAfter)))
  }

  mutating func finish(
    _ call: Call, _ reply: Reply = .success(.emptyObject), source: Outcome.Source = .server,
    deadLetter: LetterKeeping? = nil
  ) {
    effect(
      .finish(
        Outcome(call: call.id, reply: reply, source: source, deadLetter: deadLetter)))
  }

  mutating func finish(
    _ call: Call, _ kind: Failure.Kind, _ delivery: Delivery = .notSent
  ) {
    finish(call, .failure(Failure(kind, "no", delivery: delivery)))
  }

  mutating func store(_ call: Call, _ delivery: Delivery, words: String = "") {
    let time = Simulation.epoch
    effect(
      .store(
        DeadLetter(
          id: DeadLetterID(call.id), server: call.server, client: call.client, method: call.method,
          target: call.target, params: call.params, errorKind: "", errorMessage: words,
          delivery: delivery, isIdempotent: false, attempts: [], createdAt: time,
          lastAttemptAt: time, expiresAt: time)))
  }

  /// One call from its submission to its answer.
  mutating func succeed(runs: Bool = true) {
    let call = submit()
    let attempt = send(call, runs: runs)
    wait(.milliseconds(1))
    answer(attempt)
    finish(call)
  }

  /// One call that the server fails.
  mutating func failOnce(_ kind: Failure.Kind = .httpStatus(503)) {
    let call = submit()
    let attempt = send(call)
    wait(.milliseconds(1))
    fail(attempt, kind)
    store(call, .refused)
    finish(
      call, .failure(Failure(kind, "no", delivery: .refused)), deadLetter: .stored)
  }

  mutating func override(_ kind: BreakerOverride.Kind, for time: Duration) {
    event(.override(Self.one, BreakerOverride(kind, owner: "anna", timeToLive: time)))
  }

  // MARK: Pictures

  /// One call and two servers are held, and nothing else.
  mutating func judgeMemory() {
    ledger.judge((calls: 1, attempts: 0, timers: 0, places: 2), at: now)
  }

  /// A picture as the ledger itself would take it, changed for the server `one`.
  mutating func publish(_ change: (inout ServerSnapshot) -> Void = { _ in }) {
    effect(.publish(picture(change)))
  }

  func picture(_ change: (inout ServerSnapshot) -> Void = { _ in }) -> Snapshot {
    var snapshot = Snapshot(
      at: Simulation.epoch + (now - .origin),
      engine: EngineIdentity(name: "forged", version: "0", startedAt: Simulation.epoch))
    snapshot.servers = ledger.shown.map { number in
      let record = ledger.servers[number]
      var picture = ServerSnapshot(id: record.definition.id, transport: .http)
      picture.isConnected = record.open > 0
      picture.pool.open = record.open
      picture.pool.connecting = record.connecting
      picture.pool.active = record.streams
      picture.load.running = record.callsOnWire
      picture.load.hedges = record.hedges
      picture.calls = record.outcomes
      picture.retries.amplification =
        record.callsSent > 0 ? Double(record.sends) / Double(record.callsSent) : nil
      return picture
    }
    change(&snapshot.servers[0])
    return snapshot
  }
}
