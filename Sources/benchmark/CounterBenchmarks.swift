import FleetModel
import Telemetry

/// What counting costs: the engine's state has one owner, so a counter is a plain number.
enum CounterBenchmarks {
  static let all = [
    MicroBenchmark(
      id: "counter",
      name: "counter: one try of one of 4 operations of a server (`OperationStatistics.attempted`)",
      limit: 8, peers: ["client_golang"]
    ) { count in
      {
        var statistics = OperationStatistics()
        let operations = (0..<4).map { statistics.number(of: call("tool-\($0)")) }
        for turn in 0..<count { statistics.attempted(operations[turn & 3]) }
        try MicroBenchmark.expect(statistics.totals.attempts, count, "a count")
      }
    },
    MicroBenchmark(
      id: "counter-field",
      name: "counter: one success of one of 100 servers (`CallCounts.success`)", limit: 8
    ) { count in
      {
        var servers = [CallCounts](repeating: CallCounts(), count: 100)
        for turn in 0..<count { servers[turn % 100].success += 1 }
        try MicroBenchmark.expect(servers.reduce(0) { $0 + $1.success }, count, "a count")
      }
    },
    MicroBenchmark(
      id: "latency", name: "one latency into the sliding minute (`MinuteWindow.record`)",
      peers: ["client_golang-histogram"]
    ) { count in
      let instants = MicroBenchmark.readings(count)
      return {
        var window = MinuteWindow()
        for (turn, now) in instants.enumerated() {
          window.record(latency: .microseconds(200 + turn & 1023), isSuccess: true, at: now)
        }
        guard let last = instants.last else { return }
        try MicroBenchmark.expect(window.count(at: last), count, "a latency")
      }
    },
  ]

  private static func call(_ tool: String) -> Call {
    Call(
      id: CallID(high: 1, low: 1), server: ServerID("server"), method: "tools/call", target: tool,
      origin: .gateway)
  }
}
