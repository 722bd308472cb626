import FleetModel

/// Letters of one server that wait for their turn, in the order of sending.
struct ReplayQueue: Sendable {
  private var candidates: [ReplayRun.Candidate] = []
  private var head = 0

  var count: Int { candidates.count - head }
  var isEmpty: Bool { count == 0 }
  var first: ReplayRun.Candidate? { isEmpty ? nil : candidates[head] }

  /// - Parameter candidate: that comes after all others.
  mutating func append(_ candidate: ReplayRun.Candidate) { candidates.append(candidate) }

  mutating func popFirst() -> ReplayRun.Candidate? {
    guard let first else { return nil }
    head += 1
    return first
  }

  /// One that was taken and could not be sent yet.
  mutating func putBack(_ candidate: ReplayRun.Candidate) {
    let rest = candidates[head...]
    let index = rest.firstIndex { $0.position > candidate.position } ?? rest.endIndex
    candidates.insert(candidate, at: index)
  }
}
