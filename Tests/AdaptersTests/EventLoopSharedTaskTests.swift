import Synchronization
import Testing

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `A shared task` {
  /// An operation that ends when it is told to, or cancelled.
  private final class Operation: Sendable {
    private let waiting = Mutex<[AsyncStream<Int>.Continuation]>([])
    var begun: Int { waiting.withLock { $0.count } }

    func run() async -> Int {
      let (stream, continuation) = AsyncStream<Int>.makeStream()
      waiting.withLock { $0.append(continuation) }
      for await value in stream { return value }
      return -1
    }

    func end(_ number: Int, with value: Int) {
      _ = waiting.withLock { $0[number] }.yield(value)
    }
  }

  private func until(_ condition: () -> Bool) async {
    while !condition() { await Task.yield() }
  }

  @Test func `is run once for all who wait, and again for who comes later`() async {
    await withEventLoop { loop in
      let operation = Operation()
      let shared = SharedTask(loop: loop) { await operation.run() }
      let callers = (0..<10).map { _ in Task { await shared.value() } }
      await until { operation.begun == 1 }
      while await shared.callerCount < 10 { await Task.yield() }
      operation.end(0, with: 7)
      for caller in callers { #expect(await caller.value == 7) }
      let late = Task { await shared.value() }
      await until { operation.begun == 2 }
      operation.end(1, with: 8)
      #expect(await late.value == 8)
    }
  }

  @Test func `lets one go and serves the others`() async {
    await withEventLoop { loop in
      let operation = Operation()
      let shared = SharedTask(loop: loop) { await operation.run() }
      let one = Task { await shared.value() }
      let other = Task { await shared.value() }
      while await shared.callerCount < 2 { await Task.yield() }
      one.cancel()
      #expect(await one.value == nil)
      await until { operation.begun == 1 }
      operation.end(0, with: 7)
      #expect(await other.value == 7)
    }
  }

  @Test func `is cancelled when the last has left, and begun anew for the next`() async {
    await withEventLoop { loop in
      let operation = Operation()
      let shared = SharedTask(loop: loop) { await operation.run() }
      let caller = Task { await shared.value() }
      await until { operation.begun == 1 }
      caller.cancel()
      #expect(await caller.value == nil)
      let next = Task { await shared.value() }
      await until { operation.begun == 2 }
      operation.end(1, with: 8)
      #expect(await next.value == 8)
    }
  }

  @Test func `that is stopped serves nobody`() async {
    await withEventLoop { loop in
      let operation = Operation()
      let shared = SharedTask(loop: loop) { await operation.run() }
      let caller = Task { await shared.value() }
      await until { operation.begun == 1 }
      await shared.stop()
      #expect(await caller.value == nil)
    }
  }
}
