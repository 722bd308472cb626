import FleetModel
import Telemetry
import TestInputs
import Testing

@Suite struct OperationStatisticsTests {
  private func call(_ method: String, _ target: String? = nil) -> Call {
    Call(
      id: CallID(high: 1, low: 2), server: ServerID("alpha"), method: method, target: target,
      origin: .cli)
  }

  @Test func `an operation is a method, and a tool's name where there is one`() {
    var statistics = OperationStatistics()
    let calls = [
      call("tools/call", "search"), call("tools/list"), call("resources/read", "file:///a"),
      call("resources/read", "file:///b"), call("tools/call"), call("tools/call", "search"),
    ]
    #expect(calls.map { statistics.number(of: $0) } == [0, 1, 2, 2, 3, 0])
    #expect(
      statistics.snapshot.map(\.name) == [
        "tools/call search", "tools/list", "resources/read", "tools/call",
      ])
  }

  @Test func `every count goes to its operation and the totals to all`() {
    var statistics = OperationStatistics()
    let search = statistics.number(of: call("tools/call", "search"))
    let list = statistics.number(of: call("tools/list"))
    // One call that succeeds at its third try, one that gives up at its first.
    statistics.called(search)
    statistics.attempted(search)
    statistics.retried(search, after: .milliseconds(100), isHinted: false)
    statistics.waited(search, .milliseconds(90))
    statistics.attempted(search)
    statistics.retried(search, after: .seconds(3), isHinted: true)
    statistics.waited(search, .seconds(3))
    statistics.attempted(search)
    statistics.ended(search, isSuccess: true, retries: 2)
    statistics.called(search)
    statistics.attempted(search)
    statistics.gaveUp(search, reason: "may have run")
    statistics.ended(search, isSuccess: false, retries: 0)
    statistics.called(list)
    statistics.attempted(list)
    statistics.ended(list, isSuccess: true, retries: 0)

    var expected = OperationSnapshot(name: "tools/call search")
    (expected.calls, expected.attempts, expected.retries) = (2, 4, 2)
    (expected.successes, expected.successesAfterRetry) = (1, 1)
    expected.giveUps = [.init(reason: "may have run", count: 1)]
    var sleeps = DelayHistogram()
    sleeps.record(.milliseconds(100))
    sleeps.record(.seconds(3))
    expected.sleeps = sleeps.snapshot
    expected.timeWaiting = .milliseconds(3090)
    expected.retryAfterHonoured = 1
    #expect(statistics.snapshot[search] == expected)
    #expect(statistics.snapshot[search].amplification == 2)
    #expect(statistics.snapshot[list].successes == 1)
    #expect(statistics.snapshot[list].successesAfterRetry == 0)
    #expect(statistics.totals == (calls: 3, attempts: 5))
  }

  @Test func `beyond the limit operations are counted together, and they come last`() {
    var statistics = OperationStatistics()
    let limit = ServerSnapshot.operationLimit
    for index in 0..<500 {
      let number = statistics.number(of: call("tools/call", "tool\(index)"))
      #expect(number == min(index, limit - 1))
      statistics.called(number)
    }
    #expect(statistics.number(of: call("tools/call", "tool7")) == 7)
    let snapshot = statistics.snapshot
    #expect(snapshot.count == limit)
    #expect(snapshot.dropLast().map(\.name) == (0..<limit - 1).map { "tools/call tool\($0)" })
    #expect(snapshot.last?.name == "other")
    #expect(snapshot.last?.calls == 500 - (limit - 1))
    #expect(statistics.totals.calls == 500)
  }

  @Test func `a name without end is one of the others`() {
    var statistics = OperationStatistics()
    let long = String(repeating: "x", count: OperationStatistics.nameLimit)
    let others = statistics.number(of: call("tools/call", long))
    #expect(statistics.number(of: call(long + long)) == others)
    for index in 0..<500 { _ = statistics.number(of: call("tools/call", "tool\(index)")) }
    let names = statistics.snapshot.map(\.name)
    #expect(names.count == ServerSnapshot.operationLimit)
    #expect(names.last == "other" && names.first == "tools/call tool0")
  }

  @Test(arguments: [false, true])
  func `no two operations have one name`(isLate: Bool) {
    var statistics = OperationStatistics()
    let sameNames = [call("other"), call("tools/call a"), call("tools/call", "a")]
    if !isLate { for call in sameNames { _ = statistics.number(of: call) } }
    for index in 0..<500 { _ = statistics.number(of: call("tools/call", "tool\(index)")) }
    if isLate { for call in sameNames { _ = statistics.number(of: call) } }
    let names = statistics.snapshot.map(\.name)
    #expect(Set(names).count == names.count && names.count <= ServerSnapshot.operationLimit)
    #expect(names.last == "other")
  }

  @Test(arguments: 0..<10)
  func `give-ups are counted by reason, in the order of their names`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var statistics = OperationStatistics()
    let number = statistics.number(of: call("ping"))
    var counts: [String: Int] = [:]
    for _ in 0..<300 {
      let reason = "reason \(random.below(12))"
      counts[reason, default: 0] += 1
      statistics.gaveUp(number, reason: reason)
    }
    let found = statistics.snapshot[number].giveUps
    #expect(found.map(\.reason) == counts.keys.sorted())
    #expect(found.allSatisfy { counts[$0.reason] == $0.count })
  }

  @Test func `reasons without end are counted together`() {
    var statistics = OperationStatistics()
    let number = statistics.number(of: call("ping"))
    for index in 0..<1000 { statistics.gaveUp(number, reason: "reason \(index)") }
    let found = statistics.snapshot[number].giveUps
    #expect(found.count == OperationStatistics.reasonLimit)
    #expect(found.reduce(0) { $0 + $1.count } == 1000)
    #expect(found.contains { $0.reason == "other" && $0.count == 1000 - found.count + 1 })
    #expect(found.map(\.reason) == found.map(\.reason).sorted())
  }
}
