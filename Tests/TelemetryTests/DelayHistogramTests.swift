import FleetModel
import Telemetry
import TestInputs
import Testing

@Suite struct DelayHistogramTests {
  @Test func `it begins empty with every bound`() {
    let snapshot = DelayHistogram().snapshot
    #expect(snapshot.count == 0 && snapshot.sum == 0)
    #expect(
      snapshot.buckets.map(\.upperBound) == [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, .infinity])
  }

  @Test func `a delay on a bound belongs below it`() {
    var histogram = DelayHistogram()
    histogram.record(.milliseconds(500))
    histogram.record(.milliseconds(500) + .nanoseconds(1))
    let counts = histogram.snapshot.buckets.map(\.count)
    #expect(counts == [0, 0, 0, 1, 2, 2, 2, 2, 2, 2])
  }

  @Test(arguments: 0..<10)
  func `a bucket counts all delays up to its bound`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var histogram = DelayHistogram()
    var delays: [Duration] = []
    for _ in 0..<500 {
      let delay = Duration.microseconds(1 << random.below(26))
      histogram.record(delay)
      delays.append(delay)
    }
    let snapshot = histogram.snapshot
    for bucket in snapshot.buckets {
      #expect(bucket.count == delays.count { $0.seconds <= bucket.upperBound })
    }
    #expect(snapshot.count == 500 && snapshot.buckets.last?.count == 500)
    #expect(abs(snapshot.sum - delays.reduce(0) { $0 + $1.seconds }) < 1e-6)
  }
}
