import Adapters
import FleetModel
import Foundation
import Gateway
import Synchronization
import Testing

@testable import CLI

/// The control socket between two processes' engines and doors, here in one process.
struct ControlSocketTests {
  /// A socket with a fleet behind it, and a door to it.
  private static func connected(
    to fleet: any Fleet, _ body: (RunningDoor) async throws -> Void
  ) async throws {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "mcpdash-control-\(UUID().uuidString.prefix(8))").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let loop = EventLoop(name: "test")
    loop.start()
    let control = ControlInterface(
      fleet: fleet, makeCallID: { CallID(high: 7, low: 1) }, now: { .origin },
      wallClock: { ScriptedFleet.now })
    let service = try ControlService.start(control, on: loop, in: directory)
    let door = RunningDoor(socket: StandardPlaces.controlSocket(in: directory))
    let result: Result<Void, any Error>
    do { result = .success(try await body(door)) } catch { result = .failure(error) }
    await door.close()
    await service.stop()
    loop.stop()
    try result.get()
  }

  private static var question: ControlRequest {
    var request = ControlRequest.call("t", arguments: .emptyObject, on: ServerID("alpha"))
    request.takesProgress = true
    return request
  }

  @Test func `what the server reports comes before the outcome, the newest for certain`()
    async throws
  {
    let reports = (1...500).map { CallProgress(progress: Double($0), total: 500) }
    let big = #"{"content":[{"type":"text","text":"\#(String(repeating: "x", count: 3 << 20))"}]}"#
    let fleet = ScriptedFleet(
      reply: .success(JSONText(unchecked: Array(big.utf8))), reports: reports)
    try await Self.connected(to: fleet) { door in
      let seen = Mutex<[Double]>([])
      let answer = try await door.answer(Self.question) { report in
        seen.withLock { $0.append(report.progress) }
      }
      #expect(answer.status == 200)
      #expect(try answer.callEnd().detail.bytes.count == big.utf8.count)
      let order = seen.withLock { $0 }
      #expect(order.first == 1)
      #expect(order == order.sorted())
    }
  }

  @Test func `an answer is read on the door's own thread, however busy the others are`()
    async throws
  {
    let reports = (1...3).map { CallProgress(progress: Double($0), total: 3) }
    try await Self.connected(to: ScriptedFleet(reports: reports)) { door in
      let threads = Mutex<Set<String>>([])
      _ = try await door.answer(Self.question) { _ in
        let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        threads.withLock { _ = $0.insert(name ?? "") }
      }
      #expect(threads.withLock { $0 } == ["control\n"])
    }
  }

  @Test func `a call without a report is answered whole`() async throws {
    try await Self.connected(to: ScriptedFleet()) { door in
      let answer = try await door.answer(Self.question)
      #expect(answer.contentType == ControlLines.contentType)
      #expect(try answer.callEnd().end == .success)
      #expect(await door.isAlive())
    }
  }

  @Test func `whoever leaves in the middle of a call cancels it`() async throws {
    let fleet = PatientFleet()
    try await Self.connected(to: fleet) { door in
      let (reports, feed) = AsyncStream.makeStream(of: CallProgress.self)
      let caller = Task { try await door.answer(Self.question) { feed.yield($0) } }
      for await _ in reports { break }
      caller.cancel()
      for await _ in fleet.cancellations { break }
      await #expect(throws: CommandFailure.self) { try await caller.value }
    }
  }
}

/// Reports once on a call and then waits until it is cancelled.
private final class PatientFleet: Fleet {
  let cancellations: AsyncStream<Void>
  private let feed: AsyncStream<Void>.Continuation

  init() { (cancellations, feed) = AsyncStream.makeStream() }

  func call(
    _ call: Call, onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async -> Outcome {
    onProgress(CallProgress(progress: 1))
    let (silence, _) = AsyncStream<Void>.makeStream()
    // Ends with its task and not before.
    for await _ in silence {}
    feed.yield()
    let failure = Failure(.cancelled, "the caller gave up", delivery: .unknown)
    return Outcome(call: call.id, reply: .failure(failure))
  }

  func latest() -> Snapshot {
    Snapshot(
      at: ScriptedFleet.now,
      engine: EngineIdentity(name: "mcpdash", version: "1", startedAt: ScriptedFleet.now),
      servers: [ServerSnapshot(id: ServerID("alpha"), transport: .http)])
  }

  func perform(_ command: Command) async throws(CommandError) -> CommandReceipt {
    throw .unreachable("no")
  }

  func deadLetters(
    of selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(CommandError) -> DeadLetterPage { DeadLetterPage() }

  func deadLetterStatistics() async throws(CommandError) -> DeadLetterStatistics {
    DeadLetterStatistics()
  }
}
