import FleetModel
import Glibc
import Synchronization
import Testing

@testable import Adapters

/// What callbacks saw, in order, kept by the thread that runs them and read by the test.
final class Record<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  func add(_ element: Element) { elements.withLock { $0.append(element) } }

  var all: [Element] { elements.withLock { $0 } }
}

/// A loop that lives as long as the body.
func withEventLoop<Result: Sendable>(
  _ body: (EventLoop) async throws -> Result
) async rethrows -> Result {
  let loop = EventLoop(name: "test loop")
  loop.start()
  defer { loop.stop() }
  return try await body(loop)
}

extension EventLoop {
  /// Runs `body` on the loop and waits for what it passes on, now or later.
  func wait<Value: Sendable>(
    for body: @escaping @Sendable (@escaping @Sendable (Value) -> Void) -> Void
  ) async -> Value {
    await withCheckedContinuation { continuation in
      run { body { continuation.resume(returning: $0) } }
    }
  }

  /// Returns after the sockets were looked at once more.
  func turn() async {
    await wait { done in
      _ = self.schedule(at: self.now) { done(()) }
    }
  }
}

private actor Tally {
  let loop: EventLoop
  private(set) var value = 0

  init(on loop: EventLoop) { self.loop = loop }

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  func add(_ amount: Int) -> Bool {
    value += amount
    return loop.isCurrent
  }

  nonisolated func addFromCallback(_ amount: Int) {
    assumeIsolated { $0.value += amount }
  }
}

private func makePipe() -> (reader: Int32, writer: Int32) {
  var ends: [Int32] = [-1, -1]
  #expect(pipe(&ends) == 0)
  for end in ends { #expect(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
  return (ends[0], ends[1])
}

@Suite(.timeLimit(.minutes(5))) struct EventLoopTests {
  @Test func `bodies of one thread run in the order they were sent`() async {
    await withEventLoop { loop in
      let record = Record<Int>()
      for number in 0..<1000 { loop.run { record.add(number) } }
      await loop.turn()
      #expect(record.all == Array(0..<1000))
    }
  }

  @Test func `an actor bound to the loop runs on its thread`() async {
    await withEventLoop { loop in
      let tally = Tally(on: loop)
      #expect(await tally.add(2))
      #expect(!loop.isCurrent)
    }
  }

  @Test func `a callback may touch the actor that is bound to the loop`() async {
    await withEventLoop { loop in
      let tally = Tally(on: loop)
      await loop.wait { done in
        tally.addFromCallback(5)
        done(())
      }
      #expect(await tally.value == 5)
    }
  }

  @Test func `a task that prefers the loop runs on its thread`() async {
    await withEventLoop { loop in
      let task = Task(executorPreference: loop) { loop.isCurrent }
      #expect(await task.value)
    }
  }

  @Test func `timers fire by deadline, and equal deadlines by age`() async {
    await withEventLoop { loop in
      let record = Record<String>()
      await loop.wait { done in
        let now = loop.now
        _ = loop.schedule(at: now + .milliseconds(3)) {
          record.add("last")
          done(())
        }
        _ = loop.schedule(at: now + .milliseconds(1)) { record.add("first") }
        _ = loop.schedule(at: now + .milliseconds(2)) { record.add("second") }
        _ = loop.schedule(at: now + .milliseconds(2)) { record.add("third") }
      }
      #expect(record.all == ["first", "second", "third", "last"])
    }
  }

  @Test func `a timer never fires before its time`() async {
    await withEventLoop { loop in
      let early = await loop.wait { done in
        let deadline = loop.now + .milliseconds(2)
        _ = loop.schedule(at: deadline) { done(loop.now < deadline) }
      }
      #expect(!early)
    }
  }

  @Test func `a cancelled timer never fires`() async {
    await withEventLoop { loop in
      let record = Record<String>()
      await loop.wait { done in
        let now = loop.now
        let token = loop.schedule(at: now) { record.add("cancelled") }
        loop.cancel(token)
        _ = loop.schedule(at: now + .milliseconds(1)) { done(()) }
      }
      #expect(record.all == [])
    }
  }

  @Test func `a new alarm replaces the old one`() async {
    await withEventLoop { loop in
      let record = Record<String>()
      await loop.wait { done in
        let now = loop.now
        loop.setAlarm(at: now) { record.add("old") }
        loop.setAlarm(at: now + .milliseconds(1)) {
          record.add("new")
          done(())
        }
      }
      #expect(record.all == ["new"])
    }
  }

  @Test func `an alarm that was taken away stays silent`() async {
    await withEventLoop { loop in
      let record = Record<String>()
      await loop.wait { done in
        loop.setAlarm(at: loop.now) { record.add("alarm") }
        loop.setAlarm(at: nil) {}
        _ = loop.schedule(at: loop.now + .milliseconds(1)) { done(()) }
      }
      #expect(record.all == [])
    }
  }

  @Test func `a watched pipe reports data and then its end`() async {
    await withEventLoop { loop in
      let (reader, writer) = makePipe()
      let seen = Record<Readiness>()
      await loop.wait { done in
        loop.watch(reader, for: .readable) { readiness in
          seen.add(readiness)
          var byte: UInt8 = 0
          guard read(reader, &byte, 1) == 0 else {
            close(writer)
            return
          }
          loop.unwatch(reader)
          close(reader)
          done(())
        }
        write(writer, "x", 1)
      }
      #expect(seen.all == [.readable, .hangup])
    }
  }

  @Test func `interest can be changed to nothing and back`() async {
    await withEventLoop { loop in
      let (reader, writer) = makePipe()
      let seen = Record<Readiness>()
      await loop.wait { done in
        loop.watch(reader, for: .readable) { readiness in
          seen.add(readiness)
          loop.unwatch(reader)
        }
        write(writer, "x", 1)
        loop.change(reader, to: [])
        done(())
      }
      await loop.turn()
      await loop.turn()
      #expect(seen.all == [])
      loop.run { loop.change(reader, to: .readable) }
      await loop.turn()
      await loop.turn()
      #expect(seen.all == [.readable])
      close(reader)
      close(writer)
    }
  }

  @Test func `an event of a closed descriptor never reaches the next one of that number`() async {
    await withEventLoop { loop in
      let pipes = [makePipe(), makePipe()]
      let seen = Record<String>()
      await loop.wait { done in
        for (index, pipe) in pipes.enumerated() {
          let other = pipes[1 - index].reader
          loop.watch(pipe.reader, for: .readable) { _ in
            seen.add("first owner")
            loop.unwatch(pipe.reader)
            loop.unwatch(other)
            // Both are readable in this turn; the other number now belongs to a silent pipe.
            let fresh = makePipe()
            dup2(fresh.reader, other)
            loop.watch(other, for: .readable) { _ in seen.add("next owner") }
            _ = loop.schedule(at: loop.now) { done(()) }
          }
        }
        for pipe in pipes { write(pipe.writer, "x", 1) }
      }
      await loop.turn()
      #expect(seen.all == ["first owner"])
    }
  }

  @Test func `jobs that make jobs do not starve the sockets`() async {
    await withEventLoop { loop in
      let (reader, writer) = makePipe()
      let isOver = Atomic<Bool>(false)
      await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
        @Sendable func again() {
          guard isOver.load(ordering: .relaxed) else { return loop.run(again) }
          continuation.resume()
        }
        loop.run {
          loop.watch(reader, for: .readable) { _ in
            loop.unwatch(reader)
            isOver.store(true, ordering: .relaxed)
          }
          write(writer, "x", 1)
          again()
        }
      }
      close(reader)
      close(writer)
    }
  }

  @Test func `stopping runs what was sent before`() {
    let loop = EventLoop(name: "stopping")
    loop.start()
    let record = Record<Int>()
    for number in 0..<(3 * EventLoop.jobsPerTurn) { loop.run { record.add(number) } }
    loop.stop()
    #expect(record.all.count == 3 * EventLoop.jobsPerTurn)
  }

  @Test func `a write to a broken pipe is an error, not the end of the process`() async {
    await withEventLoop { _ in
      let (reader, writer) = makePipe()
      close(reader)
      #expect(write(writer, "x", 1) == -1)
      #expect(errno == EPIPE)
      close(writer)
    }
  }
}
