import Engine
package import FleetModel

/// A whole fleet with its failures on a virtual clock: minutes of life in milliseconds, from one
/// seed.
///
/// The machine under test is the production one; only the world around it is pretend.
package struct Simulation: Sendable {
  package let plan: FaultPlan
  private var machine: FleetMachine
  private var desk = LetterDesk(DeadLetterPolicy(), engineName: "simulation")
  private var world: SimulatedWorld
  private var traffic: Traffic
  private var ledger: Ledger
  private var agenda = Agenda<Step>()
  private var now = Instant.origin
  /// The machine's.
  private var random: SplitMix64

  package init(seed: UInt64) { self.init(plan: FaultPlan(seed: seed)) }

  package init(plan: FaultPlan) {
    self.plan = plan
    random = SplitMix64(seed: plan.seed)
    machine = FleetMachine(
      engine: EngineIdentity(name: "simulation", version: "0", startedAt: Self.epoch),
      servers: plan.servers)
    world = SimulatedWorld(plan: plan)
    traffic = Traffic(plan: plan)
    ledger = Ledger(servers: plan.servers)
  }

  package static let epoch = Timestamp(millisecondsSinceEpoch: 1_767_225_600_000)

  /// Runs to the end of the plan.
  package mutating func run() -> SimulationReport {
    begin()
    switch plan.ending {
    case .cut: live(until: .origin + (plan.stormEnd - .origin) / 2)
    case .drained:
      live(until: plan.stormEnd)
      calm()
      feed(.drain(limit: .seconds(5)))
      live(until: now + .seconds(6))
    case .quiet:
      live(until: plan.stormEnd)
      calm()
      agenda.removeAll { if case .call = $0 { true } else { false } }
      live(until: now + longestCall + FaultPlan.quietTime)
    }
    feedDesk(.stop)
    feed(.stop)
    finish()
    return SimulationReport(
      digest: ledger.digest.value, tallies: ledger.tallies, sights: ledger.sights,
      violations: ledger.violations)
  }

  private var longestCall: Duration {
    plan.servers.map(\.policies.retry.totalTimeout).max() ?? .zero
  }

  private mutating func begin() {
    for index in plan.happenings.indices {
      agenda.add(.happening(index), at: plan.happenings[index].at)
    }
    agenda.add(.call(server: nil), at: now)
    feed(.start(wallClock: Self.epoch))
    feedDesk(.start)
  }

  /// Everything is well from here on; calls go on, few but steady.
  private mutating func calm() {
    agenda.removeAll { if case .call = $0 { true } else { false } }
    for number in plan.servers.indices { agenda.add(.call(server: number), at: now) }
    ledger.expectRecovery(by: plan, at: now)
    live(until: plan.calmEnd + .seconds(2))
  }

  /// What was asked for before the stop still comes back.
  private mutating func finish() {
    while let at = agenda.next, at < Instant(nanoseconds: .max) {
      if !desk.isQuiet, let due = desk.nextDeadline, due < at {
        now = max(now, due)
        feedDesk(.timeReached)
        continue
      }
      guard let step = agenda.pop() else { break }
      switch step {
      case .call, .happening, .cancel: continue
      case .report, .check, .watch, .located, .tools, .opened, .died, .answer, .added, .swept:
        now = max(now, at)
        take(step)
      }
    }
    ledger.judgeLetters(
      stored: world.letters, spilled: Set(desk.spilled.map(\.id)), at: now)
    ledger.judgeEnd(machine.snapshot(at: now), at: now)
    ledger.judgeEmpty(machine.footprint, at: now)
  }

  private mutating func live(until end: Instant) {
    while true {
      let deadline = min(machine.nextDeadline ?? end, desk.nextDeadline ?? end)
      let next = agenda.next ?? end
      guard min(deadline, next) < end else {
        now = end
        return
      }
      if next <= deadline, let step = agenda.pop() {
        now = next
        take(step)
      } else {
        now = max(now, deadline)
        if let due = desk.nextDeadline, due <= now { feedDesk(.timeReached) }
        feed(.timeReached)
      }
    }
  }

  // MARK: One step

  private mutating func take(_ step: Step) {
    switch step {
    case .report(let event):
      feed(event)
      // Once a tick.
      if case .clockRead = event { ledger.judge(machine.footprint, at: now) }
    case .check(let server, let number, let failure):
      guard world.sites[server].check == number else { return }
      feed(.checked(plan.servers[server].id, failure))
    case .watch(let server, let number, let failure):
      guard world.sites[server].watch == number else { return }
      feed(.watched(plan.servers[server].id, failure))
    case .located(let server, let number, let candidates):
      guard world.sites[server].search == number else { return }
      feed(.located(plan.servers[server].id, candidates))
    case .tools(let server, let number, let event):
      guard world.sites[server].list == number else { return }
      feed(event)
    case .opened(let id):
      guard world.opened(id) else { return }
      let info = ConnectionInfo(
        era: .modern, protocolVersion: "2026-07-28", identity: world.links[id]?.identity)
      feed(.opened(id, info))
    case .died(let id, let failure):
      guard let server = world.links[id]?.server, world.died(id, at: now) else { return }
      feed(.closed(plan.servers[server].id, id, failure))
      arrange()
    case .answer(let attempt, let exchange):
      world.answered(attempt)
      feed(.exchanged(attempt, exchange))
    case .added(let id, let error):
      if error == nil { world.letters.insert(id) }
      let result = error.map { Result<DeadLetterAddition, DeadLetterStoreError>.failure($0) }
      feedDesk(.added(id, result ?? .success(DeadLetterAddition(isNew: true))))
    case .swept: feedDesk(.swept(0))
    case .call(let server): call(server)
    case .happening(let index): happen(plan.happenings[index].kind)
    case .cancel(let id): feed(.cancel(id))
    }
  }

  private mutating func call(_ server: Int?) {
    submit(to: server)
    let rate = server == nil ? plan.callsPerSecond : FaultPlan.calmCallsPerSecond
    agenda.add(.call(server: server), at: now + traffic.gap(rate))
  }

  private mutating func submit(to server: Int?) {
    let call = traffic.call(to: server, at: now, civil: world.civil(now))
    if let patience = traffic.patience() { agenda.add(.cancel(call.id), at: now + patience) }
    feed(.submit(call))
  }

  private mutating func happen(_ kind: Happening.Kind) {
    switch kind {
    case .cut(let server, let endpoint):
      world.cut(server, endpoint: endpoint, at: now)
      arrange()
    case .sessionLoss(let server): world.loseSessions(of: server)
    case .toolChange(let server, let isIdempotent):
      world.sites[server].isMaybeIdempotent = isIdempotent
      world.sites[server].toolsVersion += 1
      feed(.toolsChanged(plan.servers[server].id))
      feed(.readsChanged(plan.servers[server].id, "resources/"))
    case .clockJump(let offset): world.clockOffset = offset
    case .cancelStorm(let oneIn):
      for id in ledger.unfinishedCalls() where traffic.pick(oneIn) == 0 { feed(.cancel(id)) }
    case .burst(let server, let calls):
      for _ in 0..<calls { submit(to: server) }
    case .storeTrouble(let length, let hangs):
      let end = now + length
      if hangs { world.storeHangsUntil = end } else { world.storeFailsUntil = end }
    case .override(let server, let override):
      feed(.override(plan.servers[server].id, override))
    case .reset(let server): feed(.resetBreaker(plan.servers[server].id))
    case .reconnect(let server): feed(.reconnect(plan.servers[server].id))
    case .reconfigure(let fleet):
      world.reconfigure(fleet)
      feed(.reconfigured(fleet))
    case .relocate(let server, let port, let leavesStranger):
      world.relocate(server, to: port, leavesStranger: leavesStranger, at: now)
      arrange()
    case .trust(let server): feed(.trust(plan.servers[server].id))
    case .invalidate(let server):
      feed(.invalidateCache(server.map { .server(plan.servers[$0].id) } ?? .all))
    }
  }

  private mutating func feed(_ event: FleetEvent) {
    ledger.note(event, at: now)
    for effect in machine.handle(event, at: now, using: &random) {
      ledger.judge(effect, at: now)
      if case .store(let letter) = effect { feedDesk(.keep(letter)) }
      if world.carryOut(effect, at: now), case .send(let call, _, _) = effect {
        ledger.executed(call, at: now)
      }
    }
    arrange()
  }

  private mutating func feedDesk(_ event: LetterDesk.Event) {
    for effect in desk.handle(event, at: now, civil: world.civil(now), in: machine) {
      switch effect {
      case .spill(.add(let letter)): world.add(letter, at: now)
      case .spill(.settle(let id, let keeping, let error)):
        ledger.judge(keeping, of: id, isInStore: world.letters.contains(id), at: now)
        feed(.stored(id.call, keeping, error))
      case .spill(.announce(let severity, let text)), .announce(let severity, let text):
        feed(.announced(severity, text))
      case .sweep: world.sweep(at: now)
      case .tally: _ = world.carryOut(.tally, at: now)
      case .spill(.forgetFile), .replay, .ended: break
      }
    }
    arrange()
  }

  /// Enters what the world has decided.
  private mutating func arrange() {
    guard !world.steps.isEmpty else { return }
    for (at, step) in world.steps { agenda.add(step, at: at) }
    world.steps.removeAll(keepingCapacity: true)
  }
}
