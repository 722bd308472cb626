import FleetModel
import Synchronization

/// A fleet that answers what the test says and remembers what it was asked.
final class FakeFleet: Fleet {
  struct Memory {
    var calls: [Call] = []
    var commands: [Command] = []
    var listings: [(selection: DeadLetterSelection, after: DeadLetterCursor?, limit: Int)] = []
    var added: [DeadLetter] = []
  }

  let snapshot: Snapshot
  let reply: Reply
  let letters: [DeadLetter]
  /// Where more letters are.
  let next: DeadLetterCursor?
  let commandError: CommandError?
  /// What the server reports on every call.
  let reports: [CallProgress]
  private let memory = Mutex(Memory())

  init(
    servers: [String] = ["search", "pay/ments ü"],
    reply: Reply = .success(JSONText(unchecked: Array(#"{"content":[]}"#.utf8))),
    letters: [DeadLetter] = [], next: DeadLetterCursor? = nil,
    commandError: CommandError? = nil, reports: [CallProgress] = [],
    replays: [ReplaySnapshot] = []
  ) {
    self.reports = reports
    self.next = next
    var snapshot = Snapshot(
      at: Self.wallClock,
      engine: EngineIdentity(name: "mcpdash", version: "0.1.0", startedAt: Self.wallClock))
    snapshot.servers = servers.map { ServerSnapshot(id: ServerID($0), transport: .http) }
    snapshot.deadLetters.replays = replays
    self.snapshot = snapshot
    self.reply = reply
    self.letters = letters
    self.commandError = commandError
  }

  static let wallClock = Timestamp(millisecondsSinceEpoch: 1_795_230_245_678)

  var remembered: Memory { memory.withLock { $0 } }

  func call(
    _ call: Call, onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async -> Outcome {
    memory.withLock { $0.calls.append(call) }
    for report in reports { onProgress(report) }
    return Outcome(call: call.id, reply: reply, latency: .milliseconds(5))
  }

  func latest() -> Snapshot { snapshot }

  func perform(_ command: Command) async throws(CommandError) -> CommandReceipt {
    memory.withLock { $0.commands.append(command) }
    if let commandError { throw commandError }
    return switch command {
    case .replay:
      CommandReceipt(
        text: "1 delivered",
        replay: ReplayCount(
          delivered: 1, failed: 2, unsafe: 3, taken: 4, unsendable: 5, planned: 6, left: 7))
    case .override, .resetBreaker, .reconnect, .trust, .invalidateCache, .discard, .delete,
      .stopReplay:
      CommandReceipt(text: "done")
    }
  }

  func deadLetters(
    of selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(CommandError) -> DeadLetterPage {
    memory.withLock { $0.listings.append((selection, cursor, limit)) }
    if let commandError { throw commandError }
    return DeadLetterPage(letters: letters, next: next)
  }

  static let refusal = DeadLetterIntake.Refusal(
    id: DeadLetterID("list"), reason: "no room for a \"name\" like it")

  func add(_ letters: [DeadLetter]) async throws(CommandError) -> DeadLetterIntake {
    memory.withLock { $0.added += letters }
    if let commandError { throw commandError }
    return DeadLetterIntake(
      new: letters.count, known: 2, expired: 3, dropped: 4, refused: [Self.refusal])
  }

  func deadLetterStatistics() async throws(CommandError) -> DeadLetterStatistics {
    DeadLetterStatistics()
  }
}
