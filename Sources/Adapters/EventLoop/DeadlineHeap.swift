import FleetModel

/// Names one scheduled timer; worthless after it fired or was cancelled.
package struct TimerToken: Hashable, Sendable {
  fileprivate let sequence: UInt64
}

/// Timers by deadline, ties in the order they were made: a binary heap with lazy cancellation.
struct DeadlineHeap {
  typealias Body = @Sendable () -> Void

  private struct Entry {
    var deadline: Instant
    var sequence: UInt64

    static func < (left: Entry, right: Entry) -> Bool {
      (left.deadline, left.sequence) < (right.deadline, right.sequence)
    }
  }

  /// Cancelled entries stay in the heap until they outnumber the live ones by this many.
  static let garbageLimit = 64

  private var entries: [Entry] = []
  private var bodies: [UInt64: Body] = [:]
  private var nextSequence: UInt64 = 0

  /// How many timers wait to fire.
  var count: Int { bodies.count }

  /// How many places the heap holds, cancelled ones too.
  var capacityInUse: Int { entries.count }

  mutating func insert(at deadline: Instant, _ body: @escaping Body) -> TimerToken {
    let sequence = nextSequence
    nextSequence += 1
    bodies[sequence] = body
    entries.append(Entry(deadline: deadline, sequence: sequence))
    siftUp(from: entries.count - 1)
    return TimerToken(sequence: sequence)
  }

  mutating func cancel(_ token: TimerToken) {
    guard bodies.removeValue(forKey: token.sequence) != nil else { return }
    if entries.count > 2 * bodies.count + Self.garbageLimit { compact() }
  }

  /// When the next live timer fires; nil when there is none.
  mutating func nextDeadline() -> Instant? {
    while let first = entries.first {
      if bodies[first.sequence] != nil { return first.deadline }
      removeFirst()
    }
    return nil
  }

  /// Removes and returns the earliest timer whose deadline is at or before `now`.
  mutating func popDue(at now: Instant) -> Body? {
    while let first = entries.first, first.deadline <= now {
      removeFirst()
      if let body = bodies.removeValue(forKey: first.sequence) { return body }
    }
    return nil
  }

  private mutating func compact() {
    entries = entries.filter { bodies[$0.sequence] != nil }.sorted(by: <)
  }

  private mutating func removeFirst() {
    let last = entries.removeLast()
    guard !entries.isEmpty else { return }
    entries[0] = last
    siftDown(from: 0)
  }

  private mutating func siftUp(from start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child] < entries[parent] else { return }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown(from start: Int) {
    var parent = start
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child] < entries[least] {
        least = child
      }
      guard least != parent else { return }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}
