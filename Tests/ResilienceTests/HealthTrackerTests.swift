import FleetModel
import Resilience
import Testing

@Suite struct HealthTrackerTests {
  private let noon = Timestamp(millisecondsSinceEpoch: 43_200_000)

  @Test func `nothing is known before the first check`() {
    #expect(HealthTracker(HealthPolicy()).snapshot == HealthSnapshot())
  }

  @Test func `a failure is counted and a success ends the count`() {
    var tracker = HealthTracker(HealthPolicy())
    tracker.succeeded(in: .milliseconds(12), at: noon)
    tracker.failed("refused", at: noon + .seconds(30))
    tracker.failed("reset", at: noon + .seconds(60))
    #expect(tracker.snapshot.status == .unhealthy)
    #expect(tracker.snapshot.consecutiveFailures == 2)
    #expect(tracker.snapshot.responseTime == nil)
    #expect(tracker.snapshot.lastSuccess == noon)
    #expect(tracker.snapshot.lastError == "reset")
    #expect(tracker.lastFailure == noon + .seconds(60))
    tracker.succeeded(in: .milliseconds(15), at: noon + .seconds(90))
    #expect(tracker.snapshot.status == .healthy)
    #expect(tracker.snapshot.consecutiveFailures == 0)
    #expect(tracker.snapshot.responseTime == .milliseconds(15))
    #expect(tracker.snapshot.lastError == "reset")
  }

  @Test func `intervals spread by a tenth to both sides`() {
    let tracker = HealthTracker(HealthPolicy())
    var random = SplitMix64(seed: 2)
    let intervals = (0..<500).map { _ in tracker.nextInterval(using: &random).seconds }
    #expect(intervals.allSatisfy { (27...33).contains($0) })
    #expect(intervals.contains { $0 < 27.3 } && intervals.contains { $0 > 32.7 })
  }
}
