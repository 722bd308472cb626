import FleetModel

/// Latencies in log-linear buckets: sixteen to each doubling, so a bucket's middle is within 3.2 %
/// of what it holds (below 16 µs: within half a microsecond). After Gil Tene's HdrHistogram.
struct LatencyCounts: Sendable {
  /// A unit is 1.024 µs.
  private static let unitBits = 10
  private static let stepBits = 4
  /// Up to 2^40 ns, eighteen minutes; what is longer counts into the last bucket.
  private static let doublings = 26
  static let bucketCount = (doublings + 1) << stepBits

  private var counts: [UInt32] = []
  private var total = 0

  mutating func record(_ latency: Duration) {
    if counts.isEmpty { counts = Array(repeating: 0, count: LatencyCounts.bucketCount) }
    let index = LatencyCounts.index(of: max(0, latency.nanoseconds))
    if counts[index] < .max { counts[index] += 1 }
    total += 1
  }

  mutating func add(_ other: LatencyCounts) {
    guard other.total > 0 else { return }
    guard total > 0 else { return self = other }
    for index in counts.indices {
      let (sum, isTooLarge) = counts[index].addingReportingOverflow(other.counts[index])
      counts[index] = isTooLarge ? .max : sum
    }
    total += other.total
  }

  /// By nearest rank: the middle of the bucket that holds it; nil without latencies.
  func percentile(_ percent: Int) -> Duration? {
    guard total > 0 else { return nil }
    let rank = max(1, (total * percent + 99) / 100)
    var seen = 0
    for (index, count) in counts.enumerated() {
      seen += Int(count)
      if seen >= rank { return LatencyCounts.middle(of: index) }
    }
    return LatencyCounts.middle(of: LatencyCounts.bucketCount - 1)
  }

  static func index(of nanoseconds: Int64) -> Int {
    let units = Int(nanoseconds >> Int64(unitBits))
    let steps = 1 << stepBits
    guard units >= steps else { return units }
    let doubling = Int.bitWidth - 1 - units.leadingZeroBitCount - stepBits
    let step = units >> doubling - steps
    return min((doubling + 1) * steps + step, bucketCount - 1)
  }

  static func middle(of index: Int) -> Duration {
    let steps = 1 << stepBits
    guard index >= steps else { return .nanoseconds(Int64(index) << unitBits + 512) }
    let doubling = index / steps - 1
    let low = Int64(index % steps + steps) << Int64(doubling + unitBits)
    return .nanoseconds(low + Int64(1) << Int64(doubling + unitBits - 1))
  }
}
