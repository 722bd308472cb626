import FleetModel
import Synchronization
import Testing

@testable import Adapters

/// Knuth's MMIX generator: enough for test data, the same everywhere.
struct TestRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 32 | state << 32
  }
}

@Suite struct EventLoopDeadlineHeapTests {
  @Test(arguments: 1...20)
  func `the heap fires what a sorted list would, whatever is cancelled`(seed: UInt64) {
    var random = TestRandom(state: seed)
    var heap = DeadlineHeap()
    var model: [(deadline: Int64, number: Int, token: TimerToken)] = []
    let fired = Record<Int>()
    var expected: [Int] = []
    var now: Int64 = 0
    for number in 0..<400 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<6:
        let deadline = now + Int64.random(in: 0..<50, using: &random)
        let token = heap.insert(at: Instant(nanoseconds: deadline)) { fired.add(number) }
        model.append((deadline, number, token))
      case 6..<8 where !model.isEmpty:
        let victim = model.remove(at: Int.random(in: 0..<model.count, using: &random))
        heap.cancel(victim.token)
      default:
        now += Int64.random(in: 0..<20, using: &random)
        while let body = heap.popDue(at: Instant(nanoseconds: now)) { body() }
        let due = model.filter { $0.deadline <= now }
        expected += due.sorted { ($0.deadline, $0.number) < ($1.deadline, $1.number) }
          .map(\.number)
        model.removeAll { $0.deadline <= now }
      }
      #expect(heap.count == model.count)
      #expect(heap.nextDeadline()?.nanoseconds == model.map(\.deadline).min())
    }
    #expect(fired.all == expected)
  }

  @Test func `cancelled timers do not pile up`() {
    var heap = DeadlineHeap()
    for _ in 0..<10_000 { heap.cancel(heap.insert(at: .origin) {}) }
    #expect(heap.capacityInUse <= DeadlineHeap.garbageLimit + 1)
  }

  @Test func `a queue gives back in order across its growth and its clearing`() {
    let order = Record<Int>()
    var queue = JobQueue()
    var next = 0
    for round in 0..<5000 {
      for _ in 0..<(round % 3) {
        let number = next
        next += 1
        queue.append(.body { order.add(number) })
      }
      if case .body(let body)? = queue.popFirst() { body() }
    }
    while case .body(let body)? = queue.popFirst() { body() }
    #expect(queue.isEmpty)
    #expect(order.all == Array(0..<next))
  }
}
