import FleetModel
import Telemetry
import TestInputs
import Testing

@Suite struct MinuteWindowTests {
  private func at(_ seconds: Double) -> Instant {
    .origin + Duration(fractionalSeconds: seconds)
  }

  @Test func `nothing is known without calls`() {
    var window = MinuteWindow()
    #expect(window.successRate(at: at(0)) == nil)
    #expect(window.latency(at: at(0)) == LatencySnapshot())
  }

  @Test func `a minute later everything is forgotten`() {
    var window = MinuteWindow()
    window.record(latency: .seconds(1), isSuccess: true, at: at(5))
    #expect(window.successRate(at: at(59.9)) == 1)
    #expect(window.successRate(at: at(60)) == nil)
    #expect(window.latency(at: at(60)) == LatencySnapshot())
    #expect(window.successRate(at: at(1e9)) == nil)
  }

  @Test func `a call that never reached the wire counts for the rate alone`() {
    var window = MinuteWindow()
    window.record(latency: nil, isSuccess: false, at: at(0))
    #expect(window.successRate(at: at(0)) == 0)
    #expect(window.latency(at: at(0)) == LatencySnapshot())
    window.record(latency: .seconds(2), isSuccess: true, at: at(0))
    #expect(window.successRate(at: at(0)) == 0.5)
    #expect(isNear(window.latency(at: at(0)).p50, .seconds(2)))
  }

  @Test(arguments: 0..<15)
  func `rate and percentiles are those of the listed calls within five percent`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var window = MinuteWindow()
    var calls: [(slice: Int64, latency: Duration, isSuccess: Bool)] = []
    var now = Instant(nanoseconds: Int64.random(in: -200_000_000_000...0, using: &random))
    for _ in 0..<600 {
      now = now + .milliseconds(random.chance(2) ? random.below(90_000) : random.below(700))
      let slice = Int64((Double(now.nanoseconds) / 1e10).rounded(.down))
      if random.chance(80) {
        let latency = Duration.microseconds(random.below(1 << (5 + random.below(26))) + 16)
        let isSuccess = random.chance(60)
        window.record(latency: latency, isSuccess: isSuccess, at: now)
        calls.append((slice, latency, isSuccess))
      }
      let live = calls.filter { $0.slice > slice - 6 }
      let successes = live.count { $0.isSuccess }
      #expect(
        window.successRate(at: now)
          == (live.isEmpty ? nil : Double(successes) / Double(live.count)))
      let sorted = live.map(\.latency).sorted()
      let latency = window.latency(at: now)
      for (percent, value) in [(50, latency.p50), (95, latency.p95), (99, latency.p99)] {
        let rank = (sorted.count * percent + 99) / 100
        #expect(isNear(value, sorted.isEmpty ? nil : sorted[rank - 1]))
      }
    }
  }

  @Test(arguments: [0, 1, 500, 1_000_000_000, 86_400_000_000_000, Int64.max, -5])
  func `no latency is too short or too long to be counted`(nanoseconds: Int64) {
    var window = MinuteWindow()
    window.record(latency: .nanoseconds(nanoseconds), isSuccess: true, at: at(0))
    let longest = Duration.seconds(1100)
    let expected = min(max(.zero, .nanoseconds(nanoseconds)), longest)
    #expect(isNear(window.latency(at: at(0)).p99, expected))
  }

  @Test func `its memory does not grow with time`() {
    var window = MinuteWindow()
    for step in 0..<500 {
      window.record(latency: .seconds(1), isSuccess: true, at: at(Double(step) * 7))
    }
    // No verb shows how many slices are kept.
    let slices = Mirror(reflecting: window).descendant("slices") as? [Any]
    #expect(slices?.count == 6)
  }

  private func isNear(_ measured: Duration?, _ exact: Duration?) -> Bool {
    guard let measured, let exact else { return measured == nil && exact == nil }
    return abs((measured - exact).seconds) <= max(0.05 * exact.seconds, 1e-6)
  }
}
