import FleetModel
import Resilience

/// Admission and record of a circuit breaker with the default policy.
enum BreakerBenchmarks {
  static let all = [
    MicroBenchmark(
      id: "breaker", name: "breaker, closed: admit and record a success", limit: 60
    ) { count in
      let instants = MicroBenchmark.readings(count)
      return {
        var breaker = Breaker(BreakerPolicy())
        var admitted = 0
        for now in instants {
          guard case .success(let permit) = breaker.admit(at: now) else { continue }
          breaker.record(permit, .success, after: .milliseconds(1), at: now)
          admitted += 1
        }
        try MicroBenchmark.expect(admitted, count, "an admission")
      }
    },
    MicroBenchmark(
      id: "breaker-clock",
      name: "the same with a reading of the clock for each, as the others do twice",
      peers: ["gobreaker", "pybreaker"]
    ) { count in
      {
        var breaker = Breaker(BreakerPolicy())
        var admitted = 0
        for _ in 0..<count {
          let now = MicroBenchmark.now()
          guard case .success(let permit) = breaker.admit(at: now) else { continue }
          breaker.record(permit, .success, after: .milliseconds(1), at: now)
          admitted += 1
        }
        try MicroBenchmark.expect(admitted, count, "an admission")
      }
    },
    MicroBenchmark(
      id: "breaker-open", name: "breaker, open: reject, with the reason and the time left",
      peers: ["gobreaker-open", "pybreaker-open"]
    ) { count in
      {
        var breaker = Breaker(BreakerPolicy())
        for _ in 0..<5 {
          let now = MicroBenchmark.now()
          guard case .success(let permit) = breaker.admit(at: now) else { continue }
          breaker.record(permit, .failure("503"), after: .milliseconds(1), at: now)
        }
        var rejected = 0
        for _ in 0..<count {
          if case .failure = breaker.admit(at: MicroBenchmark.now()) { rejected += 1 }
        }
        try MicroBenchmark.expect(rejected, count, "a rejection")
      }
    },
  ]
}
