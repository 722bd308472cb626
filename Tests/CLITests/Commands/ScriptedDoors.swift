import Engine
import FleetModel
import Gateway
import Synchronization

@testable import CLI

/// A fleet that answers what the test says and remembers what it was asked.
final class ScriptedFleet: Fleet {
  static let now = Timestamp(millisecondsSinceEpoch: 1_795_230_245_678)

  /// One for each call; the last for all the others.
  let replies: [Reply]
  let deadLetter: LetterKeeping?
  let source: Outcome.Source
  let replayCount: ReplayCount
  /// Goes on while a replay runs.
  let duringReplay: @Sendable () async -> Void
  /// When a replay is told to stop.
  let onStop: @Sendable () -> Void
  /// What the server reports on every call.
  let reports: [CallProgress]
  /// What is seen of the fleet, one a look; the last for all the others.
  private let pictures: Mutex<[Snapshot]>
  private let letters: Mutex<[DeadLetter]>
  private let journal = Mutex<[String]>([])
  private let orders = Mutex<(commands: [Command], listings: [Listing])>(([], []))

  struct Listing: Hashable {
    var selection: DeadLetterSelection
    var after: DeadLetterCursor?
    var limit: Int
  }

  init(
    reply: Reply = .success(.emptyObject), pages: [JSONText] = [], deadLetter: LetterKeeping? = nil,
    letters: [DeadLetter] = [], replayCount: ReplayCount = ReplayCount(delivered: 1),
    source: Outcome.Source = .server, reports: [CallProgress] = [], pictures: [Snapshot] = [],
    duringReplay: @escaping @Sendable () async -> Void = {},
    onStop: @escaping @Sendable () -> Void = {}
  ) {
    self.onStop = onStop
    self.duringReplay = duringReplay
    self.reports = reports
    self.pictures = Mutex(pictures)
    self.source = source
    replies = pages.isEmpty ? [reply] : pages.map { .success($0) }
    self.deadLetter = deadLetter
    self.letters = Mutex(letters)
    self.replayCount = replayCount
  }

  var asked: [String] { journal.withLock { $0 } }
  var commands: [Command] { orders.withLock { $0.commands } }
  var listings: [Listing] { orders.withLock { $0.listings } }

  func call(
    _ call: Call, onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async -> Outcome {
    let limit = call.deadline.map { " within \($0.nanoseconds / 1_000_000)ms" } ?? ""
    let number = journal.withLock {
      $0.append(
        "\(call.method) \(call.target ?? "-") \(call.params.text) on \(call.server)\(limit)")
      return $0.count
    }
    for report in reports { onProgress(report) }
    return Outcome(
      call: call.id, reply: replies[min(number, replies.count) - 1], source: source,
      deadLetter: deadLetter)
  }

  func latest() -> Snapshot {
    let next = pictures.withLock { $0.count > 1 ? $0.removeFirst() : $0.first }
    if let next { return next }
    var snapshot = Snapshot(
      at: Self.now,
      engine: EngineIdentity(name: "mcpdash", version: "1", startedAt: Self.now))
    snapshot.servers = ["alpha", "beta"].map { ServerSnapshot(id: ServerID($0), transport: .http) }
    return snapshot
  }

  func perform(_ command: Command) async throws(CommandError) -> CommandReceipt {
    journal.withLock { $0.append("\(command)") }
    orders.withLock { $0.commands.append(command) }
    switch command {
    case .override(let server, _), .resetBreaker(let server), .reconnect(let server),
      .trust(let server):
      guard latest().servers.map(\.id).contains(server) else {
        throw .unknownServer(server.name, known: ["alpha", "beta"])
      }
      return CommandReceipt(text: "done with \(server)")
    case .replay:
      await duringReplay()
      return CommandReceipt(text: "replayed", replay: replayCount)
    case .discard, .delete: return CommandReceipt(text: "discarded", letters: 1)
    case .stopReplay:
      onStop()
      return CommandReceipt(text: "stopped")
    case .invalidateCache: return CommandReceipt(text: "discarded")
    }
  }

  func deadLetters(
    of selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(CommandError) -> DeadLetterPage {
    let listing = Listing(selection: selection, after: cursor, limit: limit)
    orders.withLock { $0.listings.append(listing) }
    return DeadLetterPage(
      letters: letters.withLock { letters in
        Array(letters.filter { selection.contains($0) }.prefix(limit))
      })
  }

  func deadLetterStatistics() async throws(CommandError) -> DeadLetterStatistics {
    DeadLetterStatistics()
  }
}

/// Doors to scripted fleets: one that runs already, and one that is started.
final class ScriptedDoors: EngineDoors {
  struct Door: EngineDoor {
    let control: ControlInterface
    let onClose: @Sendable () -> Void

    func answer(
      _ request: ControlRequest, onProgress: @escaping @Sendable (CallProgress) -> Void
    ) async -> ControlResponse {
      await control.answer(request, onProgress: onProgress)
    }

    func close() async { onClose() }
  }

  let runningFleet: ScriptedFleet?
  let ownFleet: ScriptedFleet
  /// Behind the door to letters alone; nil is the own fleet.
  let store: MemoryDeadLetterStore?
  private let journal = Mutex<[String]>([])

  init(
    running: ScriptedFleet? = nil, own: ScriptedFleet = ScriptedFleet(),
    store: MemoryDeadLetterStore? = nil
  ) {
    runningFleet = running
    ownFleet = own
    self.store = store
  }

  /// What was opened and closed, in order.
  var opened: [String] { journal.withLock { $0 } }

  func running(in stateDirectory: String) async -> (any EngineDoor)? {
    runningFleet.map { door(to: $0, named: "running in \(stateDirectory)") }
  }

  func start(
    _ configuration: Configuration, from origin: ConfigurationOrigin,
    letters policy: DeadLetterPolicy, state: String?, tickInterval: Duration,
    endsAtInterrupt: Bool
  ) async throws(CommandFailure) -> any EngineDoor {
    let place = policy.place?.words ?? "-"
    return door(
      to: ownFleet,
      named:
        "own of \(configuration.servers.map(\.id.name).joined(separator: ",")) with \(place)")
  }

  func deadLetters(_ policy: DeadLetterPolicy) throws(CommandFailure) -> any EngineDoor {
    let name = "letters at \(policy.place?.words ?? "-")"
    guard let store else { return door(to: ownFleet, named: name) }
    journal.withLock { $0.append(name) }
    return StoredDoor(store: store, lifetime: policy.lifetime, now: { ScriptedFleet.now })
  }

  private func door(to fleet: ScriptedFleet, named name: String) -> Door {
    journal.withLock { $0.append(name) }
    let control = ControlInterface(
      fleet: fleet, makeCallID: { CallID(high: 7, low: 1) }, now: { .origin },
      wallClock: { ScriptedFleet.now })
    return Door(control: control) { self.journal.withLock { $0.append("closed") } }
  }
}

/// A run of the program in memory.
struct ProgramBench {
  var doors = ScriptedDoors()
  var files: [String: String] = [:]
  var environment = ["HOME": "/home/op"]
  var input = ""
  var userName: String?
  var isTerminal = false
  /// What a person answers at a terminal; nil is no terminal.
  var agrees: Bool?
  /// Hears what is told while it works.
  var onStatus: @Sendable (String) -> Void = { _ in }
  var interruptions: @Sendable () -> AsyncStream<Void> = { AsyncStream { $0.finish() } }
  /// Nobody reads what is printed.
  var isPipeBroken = false

  struct Result: Equatable {
    var status: CLI.ExitStatus
    var output: String
    var complaints: [String]
    var slept: [Duration]
    /// What was told while it worked.
    var said = ""
  }

  func run(_ words: String...) async -> Result { await run(words) }

  func run(_ words: [String]) async -> Result {
    let output = Mutex<[UInt8]>([])
    let complaints = Mutex<[String]>([])
    let slept = Mutex<[Duration]>([])
    let status = Mutex("")
    let (isPipeBroken, onStatus) = (isPipeBroken, onStatus)
    var question: (@Sendable (String) -> Bool)?
    if let agrees {
      question = { text in
        status.withLock { $0.append(text) }
        return agrees
      }
    }
    let console = Console(
      output: { bytes throws(FileError) in
        if isPipeBroken { throw FileError(reason: "Broken pipe", isBrokenPipe: true) }
        output.withLock { $0 += bytes }
      },
      complaint: { text in complaints.withLock { $0.append(text) } },
      status: { text in
        status.withLock { $0.append(text) }
        onStatus(text)
      }, isOutputTerminal: isTerminal, isStatusTerminal: isTerminal, question: question)
    let (files, input) = (files, input)
    let access = CommandContext.FileAccess(
      exists: { files[$0] != nil },
      read: { path throws(FileError) in
        guard let text = files[path] else {
          throw FileError(reason: "No such file or directory", isAbsent: true)
        }
        return Array(text.utf8)
      }, standardInput: { Array(input.utf8) }, stamp: { _ in nil },
      chunks: { path throws(FileError) in
        guard let text = path == nil ? input : files[path ?? ""] else {
          throw FileError(reason: "No such file or directory", isAbsent: true)
        }
        // A few bytes at a time, so that lines are in pieces.
        let rest = Mutex(Array(text.utf8)[...])
        return FileChunks(
          next: {
            rest.withLock { rest in
              defer { rest = rest.dropFirst(7) }
              return Array(rest.prefix(7))
            }
          }, close: {})
      }, directory: "/home/op/work")
    let context = CommandContext(
      options: GlobalOptions(), environment: environment, console: console, doors: doors,
      columns: 80, userName: userName, files: access,
      sleep: { time in
        slept.withLock { $0.append(time) }
        // Whoever sleeps lets others work.
        await Task.yield()
      }, wallClock: { ScriptedFleet.now },
      interruptions: interruptions)
    let end = await Program.run(words, in: context)
    return Result(
      status: end, output: String(decoding: output.withLock { $0 }, as: UTF8.self),
      complaints: complaints.withLock { $0 }, slept: slept.withLock { $0 },
      said: status.withLock { $0 })
  }
}
