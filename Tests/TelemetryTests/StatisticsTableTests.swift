import FleetModel
import Telemetry
import Testing

@Suite struct StatisticsTableTests {
  private static let now = Timestamp(millisecondsSinceEpoch: 1_795_230_245_678)

  private static func snapshot(_ operations: [OperationSnapshot]) -> Snapshot {
    var server = ServerSnapshot(id: ServerID("search"), transport: .http)
    server.operations = operations
    server.retries.total = 150
    server.retries.amplification = 1.125
    (server.retries.budgetUsed, server.retries.budgetLimit) = (2, 10)
    return Snapshot(
      at: now, engine: EngineIdentity(name: "mcpdash", version: "1", startedAt: now),
      servers: [server])
  }

  private static func histogram(_ counts: [Int]) -> HistogramSnapshot {
    var histogram = HistogramSnapshot()
    histogram.count = counts.last ?? 0
    histogram.sum = 12.3
    histogram.buckets = zip([0.1, 0.4, 1, .infinity], counts).map {
      HistogramSnapshot.Bucket(upperBound: $0, count: $1)
    }
    return histogram
  }

  private static var find: OperationSnapshot {
    var find = OperationSnapshot(name: "tools/call find\u{1B}[2J")
    (find.calls, find.attempts, find.retries) = (1200, 1350, 150)
    (find.successes, find.successesAfterRetry) = (1170, 120)
    find.giveUps = [
      .init(reason: "attempts exhausted", count: 20), .init(reason: "budget exhausted", count: 10),
    ]
    find.sleeps = histogram([80, 140, 149, 150])
    find.timeWaiting = .seconds(14)
    find.retryAfterHonoured = 3
    return find
  }

  @Test func `each operation stands with its figures, and below them its sleeps and reasons`() {
    let text = StatisticsTable.text(
      Self.snapshot([OperationSnapshot(name: "tools/list"), Self.find]), columns: 80)
    #expect(
      text == """
        SERVER, OPERATION  CALLS  TRIES  RATIO  RETRIES  SAVED  GAVE UP  WAITED
        search              1200   1350   1.13      150    120       30     14s
            retry budget: 2 of 10 in use
          tools/list           0      0      -        0      0        0       0
          find\u{FFFD}[2J          1200   1350   1.13      150    120       30     14s
            slept 150 times, 12s in all, p50 ≤100ms, p95 ≤1.0s
            Retry-After honoured 3 times
            gave up: attempts exhausted 20, budget exhausted 10

        """)
  }

  @Test func `eighty columns have room for every figure of the longest names and counts`() {
    var operation = OperationSnapshot(name: "tools/call " + String(repeating: "x", count: 300))
    (operation.calls, operation.attempts, operation.retries) = (12_345_678, 23_456_789, 11_111_111)
    operation.timeWaiting = .seconds(12_345)
    let lines = StatisticsTable.text(Self.snapshot([operation]), columns: 80)
      .split(separator: "\n")
    #expect(lines[0].hasSuffix("WAITED"))
    #expect(lines[3].hasSuffix("12345s"))
    for line in lines { #expect(PlainText.width(String(line)) <= 80) }
  }

  @Test func `a quantile above the last bound says so, and nothing where nothing is known`() {
    var slow = OperationSnapshot(name: "ping")
    slow.sleeps = Self.histogram([1, 1, 1, 100])
    #expect(
      StatisticsTable.text(Self.snapshot([slow]), columns: 80)
        .contains("slept 100 times, 12s in all, p50 >1.0s, p95 >1.0s\n"))
    slow.sleeps.buckets = []
    #expect(
      StatisticsTable.text(Self.snapshot([slow]), columns: 80)
        .contains("slept 100 times, 12s in all\n"))
  }

  @Test func `as JSON every figure has its name`() {
    #expect(
      StatisticsTable.json(Self.snapshot([Self.find])).text
        == #"{"servers":[{"name":"search","retries":150,"amplification":1.125,"#
        + #""budget":{"used":2,"limit":10},"operations":[{"name":"tools/call find\u001b[2J","#
        + #""calls":1200,"attempts":1350,"amplification":1.125,"retries":150,"successes":1170,"#
        + #""successesAfterRetry":120,"giveUps":[{"reason":"attempts exhausted","count":20},"#
        + #"{"reason":"budget exhausted","count":10}],"sleeps":{"count":150,"sumSeconds":12.3,"#
        + #""p50AtMostSeconds":0.1,"p95AtMostSeconds":1},"timeWaitingSeconds":14,"#
        + #""retryAfterHonoured":3}]}]}"#)
  }

  @Test(arguments: [1, 20, 40, 80, 200])
  func `no line is wider than asked for`(columns: Int) {
    let text = StatisticsTable.text(Self.snapshot([Self.find]), columns: columns)
    for line in text.split(separator: "\n") { #expect(PlainText.width(String(line)) <= columns) }
  }
}
