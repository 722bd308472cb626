import FleetModel
import Resilience
import TestInputs
import Testing

@Suite struct DeadlineQueueTests {
  @Test func `equal deadlines pop in the order they were set`() {
    var queue = DeadlineQueue<Int>()
    for key in [5, 3, 9, 1] { queue.set(key, at: at(1)) }
    #expect((0..<4).map { _ in queue.popDue(at(1)) } == [5, 3, 9, 1])
    #expect(queue.popDue(at(1)) == nil)
  }

  @Test func `nothing pops before its time`() {
    var queue = DeadlineQueue<Int>()
    queue.set(1, at: at(2))
    #expect(queue.popDue(at(1.999)) == nil)
    #expect(queue.popDue(at(2)) == 1)
  }

  @Test(arguments: 0..<20)
  func `it agrees with a sorted list`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var queue = DeadlineQueue<Int>()
    var list: [(key: Int, at: Instant)] = []
    for _ in 0..<3000 {
      let key = random.below(60)
      switch random.below(10) {
      case 0..<5:
        let instant = at(Double(random.below(40)))
        queue.set(key, at: instant)
        list.removeAll { $0.key == key }
        list.insert((key, instant), at: list.firstIndex { $0.at > instant } ?? list.count)
      case 5..<7:
        queue.remove(key)
        list.removeAll { $0.key == key }
      default:
        let now = at(Double(random.below(40)))
        let due = list.first.flatMap { $0.at <= now ? $0.key : nil }
        if due != nil { list.removeFirst() }
        #expect(queue.popDue(now) == due)
      }
      #expect(queue.count == list.count)
      #expect(queue.next == list.first?.at)
    }
  }
}
