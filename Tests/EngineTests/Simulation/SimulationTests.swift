import FleetModel
import Testing

@testable import Simulation

@Suite struct `A fleet's life from a seed` {
  private static let storms = (UInt64(1)...12).map { seed in
    var simulation = Simulation(seed: seed)
    return simulation.run()
  }

  @Test(arguments: UInt64(1)...64)
  func `no storm breaks an invariant, and calm heals everything`(seed: UInt64) {
    var simulation = Simulation(seed: seed)
    let report = simulation.run()
    #expect(report.violations.isEmpty, "make simulate SEED=\(seed) tells more")
    #expect(report.tallies.calls <= report.tallies.finished)
    #expect(report.tallies.calls > 20)
  }

  @Test func `equal seeds live equal lives, others do not`() {
    let reports = [UInt64(7), 7, 9].map { seed in
      var simulation = Simulation(seed: seed)
      return simulation.run()
    }
    #expect(reports[0] == reports[1])
    #expect(reports[0].digest != reports[2].digest)
  }

  @Test func `fleets change, servers are found again, and strangers are seen`() {
    let found = Self.storms.reduce(into: Set<String>()) { $0.formUnion($1.sights) }
    #expect(
      found == ["added", "changed", "found again", "progress", "removed", "stranger", "trusted"])
  }

  @Test func `storms open breakers, fill the queue of dead letters and make calls run in doubt`() {
    let tallies = Self.storms.map(\.tallies)
    #expect(tallies.reduce(0) { $0 + $1.breakerOpenings } > 100)
    #expect(tallies.reduce(0) { $0 + $1.deadLetters } > 100)
    #expect(tallies.allSatisfy { $0.executions > 0 && $0.executions <= $0.attempts })
  }
}

@Suite struct `A fault plan` {
  private let plans = (UInt64(1)...200).map { FaultPlan(seed: $0) }

  @Test func `is the same for the same seed`() {
    #expect(FaultPlan(seed: 3) == plans[2])
    #expect(FaultPlan(seed: 3).timeline == plans[2].timeline)
  }

  @Test func `has every kind of trouble among its seeds`() {
    let faults = Set(plans.flatMap { $0.faults.map { word("\($0.kind)") } })
    #expect(
      faults == [
        "outage", "slow", "flapping", "failing", "throttling", "trap", "lostReplies", "silent",
        "crashing", "unreachable", "rotting", "odd",
      ])
    let happenings = Set(plans.flatMap { $0.happenings.map { word("\($0.kind)") } })
    #expect(
      happenings == [
        "cut", "sessionLoss", "toolChange", "clockJump", "cancelStorm", "burst", "storeTrouble",
        "override", "reset", "reconnect", "invalidate", "reconfigure", "relocate", "trust",
      ])
    #expect(Set(plans.map(\.ending)) == Set(FaultPlan.Ending.allCases))
  }

  @Test func `has every kind of server among its seeds`() {
    let policies = plans.flatMap { $0.servers.map(\.policies) }
    #expect(
      Set(policies.map(\.retry.schedule.jitter)) == Set(RetrySchedule.Jitter.allCases))
    #expect(
      Set(policies.map(\.retry.delivery)) == Set(RetryPolicy.DeliveryRule.allCases))
    #expect(Set(policies.map(\.cache.eviction)) == Set(CachePolicy.Eviction.allCases))
    #expect(policies.contains { !$0.retry.rules.isEmpty })
    #expect(policies.contains { !$0.retry.toolDelivery.isEmpty })
    #expect(policies.contains { $0.load.isHedging })
    #expect(policies.contains { $0.load.rate > 0 && $0.load.quota > 0 })
    #expect(policies.contains { $0.breaker.slowCallDuration > .zero })
    #expect(policies.contains { !$0.fallbacks.isEmpty })
    #expect(plans.contains { $0.servers.contains { $0.choices.count == 3 } })
    #expect(plans.contains { $0.servers.contains { $0.endpoint.isRanged } })
    #expect(plans.contains { $0.servers.contains { $0.identity != nil } })
  }

  @Test func `ends every fault and order with the storm`() {
    for plan in plans {
      #expect(plan.faults.allSatisfy { $0.from < $0.until && $0.until <= plan.stormEnd })
      #expect(plan.happenings.allSatisfy { $0.at <= plan.stormEnd })
      #expect(plan.calmEnd > plan.stormEnd)
    }
  }

  @Test func `tells its servers, its events in the order of time, and its end`() {
    let lines = FaultPlan(seed: 3).timeline.split(separator: "\n")
    #expect(lines.first?.hasPrefix("  server-1: ") ?? false)
    #expect(lines.last?.contains("the storm is over") ?? false)
    let times = lines.compactMap { Double($0.split(separator: " ")[0]) }
    #expect(times == times.sorted() && times.count > 5)
  }

  /// The case's name.
  private func word(_ text: String) -> String {
    String(text.prefix { $0.isLetter })
  }
}

@Suite struct `A simulation's agenda` {
  @Test func `gives what is due first, and equals in the order they came`() {
    var agenda = Agenda<String>()
    for (index, second) in [3, 1, 2, 1, 3, 2].enumerated() {
      agenda.add("\(second)\(index)", at: .origin + .seconds(second))
    }
    agenda.removeAll { $0 == "25" }
    var order: [String] = []
    while let next = agenda.pop() { order.append(next) }
    #expect(order == ["11", "13", "22", "30", "34"])
  }
}
