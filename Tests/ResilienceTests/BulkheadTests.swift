import FleetModel
import Resilience
import TestInputs
import Testing

@Suite struct BulkheadTests {
  private func bulkhead(
    limit: Int = 1, queue: Int = 1000, timeout: Double = 5
  ) -> Bulkhead<Int> {
    Bulkhead(limit: limit, queueLimit: queue, queueTimeout: Duration(fractionalSeconds: timeout))
  }

  @Test func `as many as there are places enter, the next one waits`() {
    var bulkhead = bulkhead(limit: 3)
    for waiter in 1...3 {
      #expect(bulkhead.enter(waiter, .interactive, at: at(0)) == .entered)
    }
    #expect(bulkhead.enter(4, .interactive, at: at(0)) == .queued)
    #expect(bulkhead.running == 3 && bulkhead.waiting == 1)
  }

  @Test func `interactive calls go before batch before probes, each in order of arrival`() {
    var bulkhead = bulkhead()
    _ = bulkhead.enter(0, .batch, at: at(0))
    let arrivals: [(Int, Call.Priority)] = [
      (1, .probe), (2, .batch), (3, .interactive), (4, .batch), (5, .interactive), (6, .probe),
    ]
    for (waiter, priority) in arrivals {
      #expect(bulkhead.enter(waiter, priority, at: at(0)) == .queued)
    }
    #expect((0..<6).map { _ in bulkhead.leave() } == [3, 5, 2, 4, 1, 6])
  }

  @Test func `a place that is given back is taken already when the next one asks`() {
    var bulkhead = bulkhead()
    _ = bulkhead.enter(1, .interactive, at: at(0))
    _ = bulkhead.enter(2, .probe, at: at(0))
    #expect(bulkhead.leave() == 2)
    #expect(bulkhead.running == 1)
    #expect(bulkhead.enter(3, .interactive, at: at(0)) == .queued)
  }

  @Test func `a full queue turns away, and a queue of none turns everybody away`() {
    var bulkhead = bulkhead(queue: 1)
    _ = bulkhead.enter(1, .batch, at: at(0))
    #expect(bulkhead.enter(2, .batch, at: at(0)) == .queued)
    #expect(bulkhead.enter(3, .interactive, at: at(0)) == .full)
    bulkhead.cancel(2)
    #expect(bulkhead.enter(3, .interactive, at: at(0)) == .queued)
    var none = self.bulkhead(queue: 0)
    _ = none.enter(1, .batch, at: at(0))
    #expect(none.enter(2, .batch, at: at(0)) == .full)
  }

  @Test func `a waiter is overdue at its deadline and not before`() {
    var bulkhead = bulkhead(timeout: 5)
    _ = bulkhead.enter(0, .batch, at: at(0))
    #expect(bulkhead.nextDeadline == nil)
    _ = bulkhead.enter(1, .probe, at: at(1))
    _ = bulkhead.enter(2, .interactive, at: at(2))
    #expect(bulkhead.nextDeadline == at(6))
    #expect(bulkhead.popOverdue(at(5.999)) == nil)
    #expect(bulkhead.popOverdue(at(6)) == 1)
    #expect(bulkhead.popOverdue(at(6)) == nil)
    #expect(bulkhead.nextDeadline == at(7))
    #expect(bulkhead.leave() == 2)
    #expect(bulkhead.nextDeadline == nil && bulkhead.popOverdue(at(100)) == nil)
  }

  @Test func `a waiter that leaves the queue is forgotten at once (pitfall 27)`() {
    var bulkhead = bulkhead()
    _ = bulkhead.enter(0, .batch, at: at(0))
    for waiter in 1...1000 { _ = bulkhead.enter(waiter, .batch, at: at(0)) }
    for waiter in 1...1000 { bulkhead.cancel(waiter) }
    #expect(bulkhead.waiting == 0 && bulkhead.nextDeadline == nil)
    #expect(bulkhead.leave() == nil)
    #expect(bulkhead.running == 0)
  }

  @Test func `cancelling who does not wait changes nothing`() {
    var bulkhead = bulkhead()
    _ = bulkhead.enter(1, .batch, at: at(0))
    bulkhead.cancel(1)
    bulkhead.cancel(99)
    #expect(bulkhead.running == 1)
  }

  @Test func `all waiters come out in the order they would have been served`() {
    var bulkhead = bulkhead()
    _ = bulkhead.enter(0, .batch, at: at(0))
    _ = bulkhead.enter(1, .probe, at: at(0))
    _ = bulkhead.enter(2, .batch, at: at(0))
    _ = bulkhead.enter(3, .interactive, at: at(0))
    #expect(bulkhead.removeWaiters() == [3, 2, 1])
    #expect(bulkhead.waiting == 0 && bulkhead.nextDeadline == nil)
    #expect(bulkhead.running == 1 && bulkhead.leave() == nil)
  }

  @Test(arguments: [(0, -1, -1.0), (Int.min, Int.min, 0.0)])
  func `limits out of range count as the nearest that works`(
    limit: Int, queue: Int, timeout: Double
  ) {
    var bulkhead = bulkhead(limit: limit, queue: queue, timeout: timeout)
    #expect(bulkhead.enter(1, .batch, at: at(0)) == .entered)
    #expect(bulkhead.enter(2, .batch, at: at(0)) == .full)
  }

  /// What a bulkhead does, without any of its speed.
  private struct Model {
    var waiters: [(id: Int, priority: Call.Priority, deadline: Instant)] = []
    var running = 0

    mutating func popNext() -> Int? {
      let next = waiters.indices.min {
        (waiters[$0].priority.rawValue, $0) < (waiters[$1].priority.rawValue, $1)
      }
      return next.map { waiters.remove(at: $0).id }
    }
  }

  @Test(arguments: 0..<20)
  func `it agrees with a list, and nobody is lost or served twice (pitfall 26)`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let (limit, room) = (1 + random.below(4), random.below(12))
    var bulkhead = bulkhead(limit: limit, queue: room, timeout: 3)
    var model = Model()
    var (entered, ended, lastID) = (0, 0, 0)
    for step in 0..<2000 {
      let now = at(Double(step) / 10)
      switch random.below(10) {
      case 0..<5:
        lastID += 1
        let priority = Call.Priority.allCases[random.below(3)]
        let entry = bulkhead.enter(lastID, priority, at: now)
        if model.running < limit {
          #expect(entry == .entered)
          model.running += 1
          entered += 1
        } else if model.waiters.count < room {
          #expect(entry == .queued)
          model.waiters.append((lastID, priority, now + .seconds(3)))
        } else {
          #expect(entry == .full)
        }
      case 5..<8 where model.running > 0:
        ended += 1
        let next = model.popNext()
        if next == nil { model.running -= 1 } else { entered += 1 }
        #expect(bulkhead.leave() == next)
      case 8 where !model.waiters.isEmpty:
        bulkhead.cancel(model.waiters.remove(at: random.below(model.waiters.count)).id)
      default:
        let due = model.waiters.first { $0.deadline <= now }?.id
        model.waiters.removeAll { $0.id == due }
        #expect(bulkhead.popOverdue(now) == due)
      }
      #expect(bulkhead.running == model.running && bulkhead.waiting == model.waiters.count)
      #expect(bulkhead.nextDeadline == model.waiters.first?.deadline)
      #expect(bulkhead.running == entered - ended)
    }
  }
}
