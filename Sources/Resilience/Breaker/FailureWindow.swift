import FleetModel

/// Successes and failures of the last while, in ten slices, so that memory does not grow with load.
///
/// A result belongs to the slice of its completion; a slice counts until ten newer ones have begun,
/// so the window reaches back between nine and ten tenths of its length.
struct FailureWindow: Sendable {
  static let sliceCount = 10

  private struct Slice: Sendable {
    var number: Int64
    var total = 0
    var failures = 0
  }

  private let sliceLength: Int64
  private var slices: [Slice] = []

  init(length: Duration) {
    sliceLength = max(1, length.nanoseconds / Int64(FailureWindow.sliceCount))
  }

  mutating func record(isFailure: Bool, at now: Instant) {
    let number = number(of: now)
    if slices.last.map({ $0.number < number }) ?? true {
      slices.removeAll { $0.number <= number - Int64(FailureWindow.sliceCount) }
      slices.append(Slice(number: number))
    }
    // A clock that goes back a little counts into the newest slice.
    slices[slices.count - 1].total += 1
    if isFailure { slices[slices.count - 1].failures += 1 }
  }

  func counts(at now: Instant) -> (total: Int, failures: Int) {
    let oldest = number(of: now) - Int64(FailureWindow.sliceCount)
    return slices.reduce(into: (total: 0, failures: 0)) { sum, slice in
      guard slice.number > oldest else { return }
      sum.total += slice.total
      sum.failures += slice.failures
    }
  }

  mutating func removeAll() { slices = [] }

  private func number(of now: Instant) -> Int64 {
    let (quotient, remainder) = now.nanoseconds.quotientAndRemainder(dividingBy: sliceLength)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
