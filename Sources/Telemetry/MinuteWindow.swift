package import FleetModel

/// Success rate and latency of the calls that ended in the last minute, in fixed memory.
///
/// Six slices of ten seconds; a slice counts until six newer ones have begun, so the window reaches
/// back between 50 and 60 seconds.
package struct MinuteWindow: Sendable {
  static let sliceCount = 6
  static let sliceLength: Int64 = 10_000_000_000

  private struct Slice: Sendable {
    var number: Int64
    var total = 0
    var successes = 0
    var latencies = LatencyCounts()
  }

  /// Oldest first; at most `sliceCount`.
  private var slices: [Slice] = []

  package init() {}

  /// - Parameter latency: nil for a call that never reached the wire: it counts for the rate only.
  package mutating func record(latency: Duration?, isSuccess: Bool, at now: Instant) {
    let number = MinuteWindow.number(of: now)
    if slices.last.map({ $0.number < number }) ?? true {
      slices.removeAll { $0.number <= number - Int64(MinuteWindow.sliceCount) }
      slices.append(Slice(number: number))
    }
    // A clock that goes back a little counts into the newest slice.
    let last = slices.count - 1
    slices[last].total += 1
    if isSuccess { slices[last].successes += 1 }
    if let latency { slices[last].latencies.record(latency) }
  }

  /// Share of successes, 0…1; nil without calls.
  package mutating func successRate(at now: Instant) -> Double? {
    let live = liveSlices(at: now)
    let total = live.reduce(0) { $0 + $1.total }
    guard total > 0 else { return nil }
    return Double(live.reduce(0) { $0 + $1.successes }) / Double(total)
  }

  /// How many calls the window holds.
  package func count(at now: Instant) -> Int { liveSlices(at: now).reduce(0) { $0 + $1.total } }

  /// Percentiles by nearest rank, within 5 % of the true ones; nil without latencies.
  package mutating func latency(at now: Instant) -> LatencySnapshot {
    var merged = LatencyCounts()
    for slice in liveSlices(at: now) { merged.add(slice.latencies) }
    var snapshot = LatencySnapshot()
    snapshot.p50 = merged.percentile(50)
    snapshot.p95 = merged.percentile(95)
    snapshot.p99 = merged.percentile(99)
    return snapshot
  }

  private func liveSlices(at now: Instant) -> ArraySlice<Slice> {
    let oldest = MinuteWindow.number(of: now) - Int64(MinuteWindow.sliceCount)
    return slices.drop { $0.number <= oldest }
  }

  private static func number(of now: Instant) -> Int64 {
    let (quotient, remainder) = now.nanoseconds.quotientAndRemainder(dividingBy: sliceLength)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
