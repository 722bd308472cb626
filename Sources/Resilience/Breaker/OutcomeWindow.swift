import FleetModel

/// Completed calls of the last while, in ten slices, so that memory does not grow with load.
///
/// A result belongs to the slice of its completion; a slice counts until ten newer ones have begun,
/// so the window reaches back between nine and ten tenths of its length.
struct OutcomeWindow: Sendable {
  static let sliceCount = 10

  struct Counts: Hashable, Sendable {
    var total = 0
    var failures = 0
    var slow = 0
  }

  private struct Slice: Sendable {
    var number: Int64
    var counts = Counts()
  }

  private let sliceLength: Int64
  /// The slice that counts now; it lies outside the array so that counting touches no memory but
  /// the breaker's own.
  private var newest = Slice(number: .min)
  /// The first instant after the newest slice, in nanoseconds.
  private var newestEnd = Int64.min
  /// Those before it, oldest first; at most `sliceCount` − 1.
  private var older: [Slice] = []

  init(length: Duration) {
    sliceLength = max(1, length.nanoseconds / Int64(OutcomeWindow.sliceCount))
  }

  /// A clock that goes back a little counts into the newest slice.
  mutating func record(isFailure: Bool, isSlow: Bool, at now: Instant) {
    if now.nanoseconds >= newestEnd { begin(number(of: now)) }
    newest.counts.total += 1
    if isFailure { newest.counts.failures += 1 }
    if isSlow { newest.counts.slow += 1 }
  }

  func counts(at now: Instant) -> Counts {
    let number = now.nanoseconds < newestEnd ? newest.number : number(of: now)
    var sum = isLive(newest, at: number) ? newest.counts : Counts()
    for slice in older where isLive(slice, at: number) {
      sum.total += slice.counts.total
      sum.failures += slice.counts.failures
      sum.slow += slice.counts.slow
    }
    return sum
  }

  mutating func removeAll() {
    newest = Slice(number: .min)
    newestEnd = .min
    older = []
  }

  private mutating func begin(_ number: Int64) {
    guard number > newest.number else { return }
    older = (older + [newest]).filter { $0.counts.total > 0 && isLive($0, at: number) }
    newest = Slice(number: number)
    let (end, overflow) = (number &+ 1).multipliedReportingOverflow(by: sliceLength)
    newestEnd = overflow ? .max : end
  }

  private func isLive(_ slice: Slice, at number: Int64) -> Bool {
    let (age, overflow) = number.subtractingReportingOverflow(slice.number)
    return !overflow && age < Int64(OutcomeWindow.sliceCount)
  }

  private func number(of now: Instant) -> Int64 {
    let (quotient, remainder) = now.nanoseconds.quotientAndRemainder(dividingBy: sliceLength)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
