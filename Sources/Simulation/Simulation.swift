import Engine
import FleetModel
import Resilience

/// A whole fleet with its failures on a virtual clock: minutes of life in milliseconds, from one
/// seed.
///
/// The machine under test is the production one; only the world around it is pretend.
package struct Simulation: Sendable {
  /// What a run is made of.
  package struct Plan: Sendable {
    package var serverCount = 4
    /// How long faults come and go.
    package var stormy = Duration.seconds(120)
    /// How long everything is well afterwards, so that recovery can be judged.
    package var calm = Duration.seconds(180)
    /// Calls a second over the whole fleet.
    package var callsPerSecond = 20.0

    package init() {}
  }

  /// What happens next, in the order it was arranged when times are equal.
  enum Step: Hashable, Sendable {
    case submit
    case cancel(CallID)
    case weather(Int)
    case report(Int)
  }

  let plan: Plan
  var random: SplitMix64
  var machine: FleetMachine
  var world: SimulatedWorld
  var now = Instant.origin
  var queue = DeadlineQueue<Step>()
  var reports: [Int: FleetEvent] = [:]
  var reportCount = 0
  var ledger = Ledger()

  package init(seed: UInt64, plan: Plan = Plan()) {
    self.plan = plan
    random = SplitMix64(seed: seed)
    let definitions = (0..<plan.serverCount).map { number in
      var definition = ServerDefinition(
        id: ServerID("server-\(number)"),
        endpoint: number % 3 == 2
          ? .stdio(command: "server", arguments: [], environment: [], workingDirectory: nil)
          : .http(url: "http://server-\(number)/mcp", headers: []))
      if number % 3 == 2 { definition.policies.pool = .stdio }
      definition.probes = [
        Probe(tool: "echo", arguments: .emptyObject, interval: .seconds(5))
      ]
      return definition
    }
    machine = FleetMachine(
      engine: EngineIdentity(
        name: "simulation", version: "0", startedAt: Self.epoch), servers: definitions)
    world = SimulatedWorld(servers: definitions.map(\.id))
  }

  static let epoch = Timestamp(millisecondsSinceEpoch: 1_767_225_600_000)

  /// Runs to the end of the calm.
  package mutating func run() -> SimulationReport {
    for number in 0..<plan.serverCount { queue.set(.weather(number), at: now) }
    queue.set(.submit, at: now)
    feed(.start(wallClock: Self.epoch))
    let end = Instant.origin + plan.stormy + plan.calm
    while let next = earliest(), next <= end {
      now = next
      if let step = queue.popDue(now) { take(step) } else { feed(.timeReached) }
    }
    ledger.judgeCalm(machine: &machine, at: now)
    feed(.stop)
    while let step = queue.popDue(Instant(nanoseconds: .max)) {
      if case .report = step { take(step) }
    }
    ledger.judgeEnd()
    return SimulationReport(
      digest: ledger.digest, calls: ledger.submitted.count, finished: ledger.finished.count,
      attempts: ledger.attempts, deadLetters: ledger.stored.count,
      breakerOpenings: ledger.openings, violations: ledger.violations)
  }

  private func earliest() -> Instant? {
    [queue.next, machine.nextDeadline].compactMap { $0 }.min()
  }

  private mutating func take(_ step: Step) {
    switch step {
    case .submit:
      submit()
      let gap = Duration(fractionalSeconds: 1 / plan.callsPerSecond)
      queue.set(.submit, at: now + between(.zero, gap + gap))
    case .cancel(let id): feed(.cancel(id))
    case .weather(let number):
      let isStormy = now < Instant.origin + plan.stormy
      world.changeWeather(of: number, isStormy: isStormy, using: &random)
      if isStormy { queue.set(.weather(number), at: now + between(.seconds(2), .seconds(20))) }
    case .report(let number):
      if let event = reports.removeValue(forKey: number) { feed(event) }
    }
  }

  private mutating func submit() {
    let server = ServerID("server-\(Int.random(in: 0..<plan.serverCount, using: &random))")
    let tool = Bool.random(using: &random) ? "echo" : "counter"
    let id = CallID(at: Self.epoch + (now - .origin), using: &random)
    let call = Call.tool(tool, arguments: .emptyObject, on: server, id: id, origin: .load)
    if Int.random(in: 0..<20, using: &random) == 0 {
      queue.set(.cancel(id), at: now + between(.zero, .seconds(2)))
    }
    ledger.submitted.insert(id)
    feed(.submit(call))
  }

  private mutating func feed(_ event: FleetEvent) {
    ledger.record(event.trace, at: now)
    let effects = machine.handle(event, at: now, using: &random)
    for effect in effects {
      ledger.judge(effect, at: now)
      for (delay, event) in world.answer(effect, at: now, using: &random) {
        reportCount += 1
        reports[reportCount] = event
        queue.set(.report(reportCount), at: now + delay)
      }
    }
  }

  private mutating func between(_ low: Duration, _ high: Duration) -> Duration {
    .nanoseconds(
      Int64.random(in: low.nanoseconds...max(low, high).nanoseconds, using: &random))
  }
}

/// What a run came to.
package struct SimulationReport: Hashable, Sendable {
  /// Of every event and effect in order: equal for equal seeds, in any process.
  package var digest: UInt64
  package var calls: Int
  package var finished: Int
  package var attempts: Int
  package var deadLetters: Int
  package var breakerOpenings: Int
  /// Broken invariants, in words; empty in a right engine.
  package var violations: [String]
}

extension FleetEvent {
  /// What happened to whom, for the digest; the rest follows from the seed.
  fileprivate var trace: String {
    switch self {
    case .start: "start"
    case .stop: "stop"
    case .submit(let call): "submit \(call.id)"
    case .cancel(let id): "cancel \(id)"
    case .opened(let id, _): "opened \(id.number)"
    case .openFailed(let id, let failure): "openFailed \(id.number) \(failure.kind.label)"
    case .closed(_, let id, let failure): "closed \(id.number) \(failure.kind.label)"
    case .exchanged(let attempt, let exchange):
      "exchanged \(attempt.number) \(exchange.reply.label)"
    case .toolsListed(let server, _): "toolsListed \(server)"
    case .toolsFailed(let server, _): "toolsFailed \(server)"
    case .toolsChanged(let server): "toolsChanged \(server)"
    case .readsChanged(let server, let methods): "readsChanged \(server) \(methods)"
    case .checked(let server, let failure): "checked \(server) \(failure?.kind.label ?? "")"
    case .noted(let server, _, let text): "noted \(server) \(text)"
    case .stored(let id, let error): "stored \(id) \(error?.message ?? "")"
    case .tallied: "tallied"
    case .storeFailed(let error): "storeFailed \(error.message)"
    case .drain: "drain"
    case .validated(let id, _): "validated \(id.number)"
    case .watched(let server, _): "watched \(server)"
    case .reconnect(let server): "reconnect \(server)"
    case .invalidateCache: "invalidateCache"
    case .override(let server, let override): "override \(server) \(override.kind)"
    case .resetBreaker(let server): "resetBreaker \(server)"
    case .announced(_, let text): "announced \(text)"
    case .timeReached: "timeReached"
    case .clockRead: "clockRead"
    }
  }
}
