import Dashboard
import FleetModel
import Synchronization
import Testing

@testable import CLI

/// The driver's side of the dashboard's questions.
@Suite struct DashboardMailboxTests {
  @Test func `a question is answered under its number, in the fleet's own words`() async {
    let fleet = LetterFleet()
    let (mailbox, wakings) = mailbox(on: fleet)
    var questions = wakings.makeAsyncIterator()
    let request = LetterRequest(
      number: 7, filter: DeadLetterFilter(kind: "503"), cursor: nil, limit: 3)
    #expect(mailbox.ask(request))
    fleet.answer()
    _ = await questions.next()
    guard case .lettersRead(7, .failure(.store("ill: 503 3")))? = mailbox.take().first else {
      Issue.record("the page was not answered")
      return
    }
    #expect(mailbox.count(8, DeadLetterFilter()))
    fleet.answer()
    _ = await questions.next()
    guard case .lettersCounted(8, .success(42))? = mailbox.take().first else {
      Issue.record("the count was not answered")
      return
    }
    #expect(
      mailbox.rehearse(9, ReplayOrder(.matching(DeadLetterFilter()), isDryRun: true)))
    fleet.answer()
    _ = await questions.next()
    guard case .rehearsed(9, .success(let receipt))? = mailbox.take().first else {
      Issue.record("the dry run was not answered")
      return
    }
    #expect(receipt.text == "dry")
  }

  @Test func `a store that does not answer is not asked ever more`() async {
    let fleet = LetterFleet()
    let (mailbox, wakings) = mailbox(on: fleet)
    for _ in 0..<DashboardMailbox.questionLimit {
      #expect(mailbox.count(1, DeadLetterFilter()))
    }
    #expect(!mailbox.count(2, DeadLetterFilter()))
    #expect(
      !mailbox.ask(LetterRequest(number: 3, filter: DeadLetterFilter(), cursor: nil, limit: 1)))
    var questions = wakings.makeAsyncIterator()
    for _ in 0..<DashboardMailbox.questionLimit {
      fleet.answer()
      _ = await questions.next()
    }
    #expect(mailbox.take().count == DashboardMailbox.questionLimit)
    #expect(mailbox.count(4, DeadLetterFilter()))
    fleet.answer()
    _ = await questions.next()
  }

  private func mailbox(on fleet: LetterFleet) -> (DashboardMailbox, AsyncStream<Void>) {
    let (wakings, continuation) = AsyncStream.makeStream(of: Void.self)
    return (DashboardMailbox(fleet: fleet, wake: { continuation.yield() }), wakings)
  }
}

/// A fleet whose store answers when it is told to.
private final class LetterFleet: Fleet {
  private let (answers, continuation) = AsyncStream.makeStream(of: Void.self)

  func answer() { continuation.yield() }

  private func wait() async {
    var answers = answers.makeAsyncIterator()
    _ = await answers.next()
  }

  func call(
    _ call: Call, onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async -> Outcome {
    Outcome(call: call.id, reply: .success(.null))
  }

  func latest() -> Snapshot {
    let start = Timestamp(millisecondsSinceEpoch: 0)
    return Snapshot(
      at: start, engine: EngineIdentity(name: "test", version: "0", startedAt: start))
  }

  func perform(_ command: Command) async throws(CommandError) -> CommandReceipt {
    await wait()
    guard case .replay(let order) = command, order.isDryRun else { return CommandReceipt(text: "") }
    return CommandReceipt(text: "dry")
  }

  func deadLetters(
    of selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(CommandError) -> DeadLetterPage {
    await wait()
    guard case .matching(let filter) = selection else { return DeadLetterPage() }
    throw .store("ill: \(filter.kind ?? "") \(limit)")
  }

  func deadLetterCount(of selection: DeadLetterSelection) async throws(CommandError) -> Int? {
    await wait()
    return 42
  }

  func deadLetterStatistics() async throws(CommandError) -> DeadLetterStatistics {
    DeadLetterStatistics()
  }
}
