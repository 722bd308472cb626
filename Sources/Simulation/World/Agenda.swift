import FleetModel

/// What happens when: a heap of times over payloads that stay where they are.
struct Agenda<Payload: Sendable>: Sendable {
  private struct Entry: Sendable {
    var at: Instant
    /// Breaks ties in the order of entry.
    var number: UInt64
    var slot: Int
  }

  private var heap: [Entry] = []
  private var payloads: [Payload?] = []
  private var free: [Int] = []
  private var lastNumber: UInt64 = 0

  var next: Instant? { heap.first?.at }
  var count: Int { heap.count }

  mutating func add(_ payload: Payload, at instant: Instant) {
    lastNumber += 1
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
      payloads[slot] = payload
    } else {
      slot = payloads.count
      payloads.append(payload)
    }
    heap.append(Entry(at: instant, number: lastNumber, slot: slot))
    rise(from: heap.count - 1)
  }

  /// The earliest; of equals the one that was added first.
  mutating func pop() -> Payload? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    free.append(first.slot)
    defer { payloads[first.slot] = nil }
    return payloads[first.slot]
  }

  /// Takes out what is not to happen any more.
  mutating func removeAll(where isOver: (Payload) -> Bool) {
    var staying: [(at: Instant, payload: Payload)] = []
    while let at = next, let payload = pop() {
      if !isOver(payload) { staying.append((at, payload)) }
    }
    for entry in staying { add(entry.payload, at: entry.at) }
  }

  private static func isBefore(_ left: Entry, _ right: Entry) -> Bool {
    left.at == right.at ? left.number < right.number : left.at < right.at
  }

  private mutating func rise(from start: Int) {
    var position = start
    while position > 0 {
      let parent = (position - 1) / 2
      guard Self.isBefore(heap[position], heap[parent]) else { return }
      heap.swapAt(position, parent)
      position = parent
    }
  }

  private mutating func sink() {
    var position = 0
    while true {
      var lowest = position
      let left = 2 * position + 1
      if left < heap.count, Self.isBefore(heap[left], heap[lowest]) { lowest = left }
      if left + 1 < heap.count, Self.isBefore(heap[left + 1], heap[lowest]) { lowest = left + 1 }
      guard lowest != position else { return }
      heap.swapAt(position, lowest)
      position = lowest
    }
  }
}
