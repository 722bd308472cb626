package import FleetModel

/// Delays counted in the buckets of the seed's `fastmcp_retry_backoff_seconds`.
package struct DelayHistogram: Sendable {
  /// Upper bounds in seconds, inclusive; one more bucket takes the rest.
  package static let bounds = [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30]

  private var counts = [Int](repeating: 0, count: bounds.count + 1)
  private var sum = 0.0

  package init() {}

  package mutating func record(_ delay: Duration) {
    let seconds = delay.seconds
    let index = DelayHistogram.bounds.firstIndex { seconds <= $0 } ?? DelayHistogram.bounds.count
    counts[index] += 1
    sum += seconds
  }

  /// Cumulative, the last bound infinite.
  package var snapshot: HistogramSnapshot {
    var snapshot = HistogramSnapshot()
    for (bound, count) in zip(DelayHistogram.bounds + [.infinity], counts) {
      snapshot.count += count
      snapshot.buckets.append(
        HistogramSnapshot.Bucket(upperBound: bound, count: snapshot.count))
    }
    snapshot.sum = sum
    return snapshot
  }
}
