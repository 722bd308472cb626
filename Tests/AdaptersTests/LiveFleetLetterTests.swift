import Engine
import FleetModel
import Glibc
import Synchronization
import Testing

@testable import Adapters

/// The engine's driver with dead letters: stores that hang or fail, replays, the spill's file.
@Suite(.timeLimit(.minutes(1))) struct `The live fleet's dead letters` {
  private static let server = ServerID("alpha")

  private static func call(_ number: UInt64) -> Call {
    .tool(
      "pay", arguments: .emptyObject, on: server, id: CallID(high: 3, low: number), origin: .cli)
  }

  /// One server whose calls fail until they may go well.
  private static func with(
    _ store: any DeadLetterStore, _ transport: MoodyTransport = MoodyTransport(),
    spillFile: (any SpillFile)? = nil, _ test: (WatchedFleet) async throws -> Void
  ) async throws -> String? {
    var definition = ServerDefinition(
      id: server, endpoint: .http(url: "http://alpha/mcp", headers: []))
    definition.policies.retry.schedule = .none
    let loop = EventLoop(name: "test")
    loop.start()
    defer { loop.stop() }
    let news = Publications()
    let fleet = LiveFleet(
      machine: FleetMachine(
        engine: EngineIdentity(name: "test", version: "0", startedAt: loop.wallClock),
        servers: [definition], tickInterval: .milliseconds(20)),
      host: loop, transport: transport, store: store, spillFile: spillFile, seed: 1,
      onPublish: { news.tell() })
    await fleet.start()
    try await test(WatchedFleet(fleet: fleet, news: news))
    return await withTaskCancellationHandler {
      await fleet.stop(patience: .zero)
    } onCancel: {
      // The suite's time is over: it fails, and need not wait for ever.
      (store as? MoodyStore)?.mood = .well
    }
  }

  private static func memory() -> MemoryDeadLetterStore {
    MemoryDeadLetterStore { Timestamp(millisecondsSinceEpoch: 1_795_230_245_678) }
  }

  @Test func `are told in the singular where one was decided about`() async throws {
    let lost = try await Self.with(Self.memory()) { fleet in
      for number in 1...3 { _ = await fleet.call(Self.call(UInt64(number))) }
      let first = DeadLetterID(CallID(high: 3, low: 1))
      let receipts = [
        try await fleet.perform(.discard(.ids([first]))),
        try await fleet.perform(.delete(.ids([first]))), try await fleet.perform(.delete(.all)),
      ]
      #expect(
        receipts.map(\.text) == [
          "1 dead letter discarded", "1 dead letter deleted", "2 dead letters deleted",
        ])
    }
    #expect(lost == nil)
  }

  @Test func `keep in memory what a failing store does not take, and say so`() async throws {
    let store = MoodyStore(Self.memory())
    store.mood = .failing
    let lost = try await Self.with(store) { fleet in
      let outcome = await fleet.call(Self.call(1))
      #expect(outcome.deadLetter == .memory)
      let picture = await fleet.picture { $0.deadLetters.spilled == 1 }
      #expect(picture.deadLetters.trouble == "the disk is full")
      #expect(picture.deadLetters.store == "moody")
      #expect(picture.notices.contains { $0.text.contains("the dead-letter store does not work") })
      store.mood = .well
      let well = await fleet.picture { $0.deadLetters.spilled == 0 }
      #expect(well.deadLetters.trouble == nil)
      #expect(await store.inner.count(.all) == 1)
    }
    #expect(lost == nil)
  }

  @Test func `do not make a caller wait for a store that hangs`() async throws {
    let store = MoodyStore(Self.memory())
    store.mood = .hanging
    _ = try await Self.with(store) { fleet in
      let outcome = await fleet.call(Self.call(1))
      #expect(outcome.deadLetter == .memory)
      store.mood = .well
    }
    #expect(await store.inner.count(.all) == 1, "its late answer counts")
  }

  @Test func `that no store takes are left in a private file, and taken from it next time`()
    async throws
  {
    let directory = TemporaryDirectory()
    let file = PrivateSpillFile(path: directory.file("spill.jsonl"))
    let store = MoodyStore(Self.memory())
    store.mood = .failing
    let lost = try await Self.with(store, spillFile: file) { fleet in
      for number in 1...3 as ClosedRange<UInt64> { _ = await fleet.call(Self.call(number)) }
    }
    #expect(lost == nil)
    var status = stat()
    #expect(stat(file.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    store.mood = .well
    _ = try await Self.with(store, spillFile: file) { fleet in
      _ = await fleet.picture { $0.deadLetters.size == 3 }
    }
    let letters = await store.inner.page(.all, after: nil, limit: 10).letters
    #expect(Set(letters.map(\.id.call)) == Set((1...3).map { Self.call($0).id }))
    #expect(try file.read() == [], "all of it is in the store")
  }

  @Test func `of several engines are all in the file, and only those are taken out that it took`()
    async throws
  {
    let directory = TemporaryDirectory()
    let file = PrivateSpillFile(path: directory.file("state/spill.jsonl"))
    let bad = MoodyStore(Self.memory())
    bad.mood = .failing
    _ = try await Self.with(bad, spillFile: file) { fleet in _ = await fleet.call(Self.call(1)) }
    let good = MoodyStore(Self.memory())
    good.mood = .hanging
    _ = try await Self.with(good, spillFile: file) { fleet in
      // It has read the file; meanwhile another one ends.
      _ = try await Self.with(bad, spillFile: file) { fleet in _ = await fleet.call(Self.call(2)) }
      good.mood = .well
      _ = await fleet.picture { $0.deadLetters.spilled == 0 }
    }
    #expect(await good.inner.count(.all) == 1)
    _ = try await Self.with(good, spillFile: file) { fleet in
      _ = await fleet.picture { $0.deadLetters.size == 2 && $0.deadLetters.spilled == 0 }
    }
    #expect(try file.read() == [])
  }

  @Test func `that cannot be read stay in the file, and are told`() async throws {
    let directory = TemporaryDirectory()
    let file = PrivateSpillFile(path: directory.file("spill.jsonl"))
    let bad = MoodyStore(Self.memory())
    bad.mood = .failing
    _ = try await Self.with(bad, spillFile: file) { fleet in
      for number in 1...2 as ClosedRange<UInt64> { _ = await fleet.call(Self.call(number)) }
    }
    let whole = try #require(try file.read().first)
    let newer = Array(
      String(decoding: whole, as: UTF8.self)
        .replacing(#""version":1"#, with: #""version":2"#).utf8)
    let strange = [Array("hello".utf8), newer, Array(whole.prefix(whole.count / 2))]
    try file.exchange([], for: strange)
    let store = MoodyStore(Self.memory())
    for _ in 0..<2 {
      let lost = try await Self.with(store, spillFile: file) { fleet in
        let picture = await fleet.picture {
          $0.deadLetters.size == 2 && $0.deadLetters.spilled == 0
        }
        let words = "3 lines of \(file.path) cannot be read as dead letters and stay there: line"
        #expect(picture.notices.contains { $0.text.hasPrefix(words) })
      }
      #expect(lost == nil)
      #expect(try file.read() == strange)
      #expect(await store.inner.count(.all) == 2)
    }
  }

  @Test func `of the last run are not told to be lost while they are in the file`() async throws {
    let directory = TemporaryDirectory()
    let store = MoodyStore(Self.memory())
    store.mood = .failing
    let file = PrivateSpillFile(path: directory.file("spill.jsonl"))
    _ = try await Self.with(store, spillFile: file) { fleet in _ = await fleet.call(Self.call(1)) }
    let stuck = StuckFile(inner: file)
    let lost = try await Self.with(store, spillFile: stuck) { fleet in
      _ = await fleet.call(Self.call(2))
    }
    #expect(lost?.hasPrefix("1 dead letter is lost: ") ?? false)
    #expect(try file.read().count == 1)
  }

  @Test func `are told to be lost where not even a file takes them`() async throws {
    let store = MoodyStore(Self.memory())
    store.mood = .failing
    let file = PrivateSpillFile(path: "/proc/nowhere/at/all")
    let lost = try await Self.with(store, spillFile: file) { fleet in
      _ = await fleet.call(Self.call(1))
    }
    #expect(lost?.hasPrefix("1 dead letter is lost: ") ?? false)
  }

  @Test func `are in the store, or said to be in memory`() async throws {
    let store = MoodyStore(Self.memory())
    _ = try await Self.with(store) { fleet in
      #expect(await fleet.call(Self.call(1)).deadLetter == .stored)
      store.mood = .failing
      #expect(await fleet.call(Self.call(2)).deadLetter == .memory)
      store.mood = .well
    }
    #expect(store.closeCount == 1, "its owner closes it")
  }

  @Test func `of a store that never answers do not hold up the end`() async throws {
    let directory = TemporaryDirectory()
    let file = PrivateSpillFile(path: directory.file("spill.jsonl"))
    let store = MoodyStore(Self.memory())
    store.mood = .hanging
    let lost = try await Self.with(store, spillFile: file) { fleet in
      #expect(await fleet.call(Self.call(1)).deadLetter == .memory)
    }
    #expect(lost == nil)
    #expect(try file.read().count == 1)
    store.mood = .well
  }

  @Test func `whose replay waits for a store that never answers do not hold up the end`()
    async throws
  {
    let store = MoodyStore(Self.memory())
    let replaying = Mutex<Task<CommandReceipt, any Error>?>(nil)
    _ = try await Self.with(store) { fleet in
      _ = await fleet.call(Self.call(1))
      store.mood = .hanging
      let caller = Task { try await fleet.perform(.replay(ReplayOrder(.all, owner: "anna"))) }
      replaying.withLock { $0 = caller }
      _ = await fleet.picture { !$0.deadLetters.replays.isEmpty }
    }
    let caller = try #require(replaying.withLock { $0 })
    await #expect(throws: CommandError.store("the store does not answer")) {
      try await caller.value
    }
    store.mood = .well
  }

  @Test func `of a Redis that is stopped are left in the file, and in it when it goes on`()
    async throws
  {
    let server = try await RedisServer.start()
    let directory = TemporaryDirectory()
    let file = PrivateSpillFile(path: directory.file("spill.jsonl"))
    let lost = try await Self.with(
      try RedisDeadLetterStore(server.address()), spillFile: file
    ) { fleet in
      #expect(await fleet.call(Self.call(1)).deadLetter == .stored)
      let picture = await fleet.picture { $0.deadLetters.durability?.grade == .lossy }
      let warnings = picture.notices.filter { $0.text.contains("dead letters may be lost: Redis") }
      #expect(warnings.map(\.severity) == [.warning])
      server.signal(SIGSTOP)
      #expect(await fleet.call(Self.call(2)).deadLetter == .memory)
    }
    #expect(lost == nil)
    server.signal(SIGCONT)
    _ = try await Self.with(
      try RedisDeadLetterStore(server.address()), spillFile: file
    ) { fleet in _ = await fleet.picture { $0.deadLetters.size == 2 } }
    #expect(try file.read() == [])
  }

  @Test func `of a file that another program has locked are left in the spill's file`()
    async throws
  {
    let directory = TemporaryDirectory()
    let file = PrivateSpillFile(path: directory.file("spill.jsonl"))
    let store = try SQLiteDeadLetterStore(path: directory.file("letters"))
    let other = try SQLiteConnection(path: directory.file("letters"))
    let lost = try await Self.with(store, spillFile: file) { fleet in
      #expect(await fleet.call(Self.call(1)).deadLetter == .stored)
      try other.execute("BEGIN IMMEDIATE")
      #expect(await fleet.call(Self.call(2)).deadLetter == .memory)
    }
    #expect(lost == nil)
    #expect(try file.read().count == 1)
    try other.execute("ROLLBACK")
  }

  @Test func `are sent again by a replay, which returns when all are dealt with`() async throws {
    let store = Self.memory()
    let transport = MoodyTransport()
    _ = try await Self.with(store, transport) { fleet in
      // So that all of them are tried.
      let disabled = BreakerOverride(.disabled, owner: "test")
      _ = try await fleet.perform(.override(Self.server, disabled))
      for number in 1...20 as ClosedRange<UInt64> { _ = await fleet.call(Self.call(number)) }
      #expect(await store.count(.all) == 20)
      transport.isWell = true
      let order = ReplayOrder(.all, pace: nil, owner: "anna")
      let receipt = try await fleet.perform(.replay(order))
      #expect(receipt.replay == ReplayCount(delivered: 20))
      #expect(receipt.text == "20 delivered")
      let picture = await fleet.picture { $0.deadLetters.replays.first?.endedAt != nil }
      #expect(picture.deadLetters.counts.delivered == 20)
      #expect(await store.count(.all) == 0)
    }
  }

  @Test func `stop being sent when the replay's caller is gone`() async throws {
    let store = Self.memory()
    let transport = MoodyTransport()
    _ = try await Self.with(store, transport) { fleet in
      // So that all of them are tried.
      let disabled = BreakerOverride(.disabled, owner: "test")
      _ = try await fleet.perform(.override(Self.server, disabled))
      for number in 1...20 as ClosedRange<UInt64> { _ = await fleet.call(Self.call(number)) }
      transport.isWell = true
      let order = ReplayOrder(.all, pace: 0.1, owner: "anna")
      let caller = Task { try await fleet.perform(.replay(order)) }
      _ = await fleet.picture { $0.deadLetters.replays.contains { $0.count.delivered == 1 } }
      caller.cancel()
      let count = try await caller.value.replay
      #expect(count == ReplayCount(delivered: 1, left: 19))
    }
  }

  @Test func `are edited one at a time`() async throws {
    _ = try await Self.with(Self.memory()) { fleet in
      for selection in [DeadLetterSelection.all, .ids([])] {
        await #expect(throws: CommandError.self) {
          _ = try await fleet.perform(
            .replay(ReplayOrder(selection, arguments: .emptyObject)))
        }
      }
      let id = DeadLetterID("one")
      await #expect(throws: CommandError.invalid("the arguments must be an object")) {
        _ = try await fleet.perform(.replay(ReplayOrder(.ids([id]), arguments: .null)))
      }
      await #expect(throws: CommandError.noSuchDeadLetter(id)) {
        _ = try await fleet.perform(.replay(ReplayOrder(.ids([id]))))
      }
    }
  }
}

/// A live fleet and the news of its pictures.
private struct WatchedFleet {
  var fleet: LiveFleet
  var news: Publications

  /// The first picture that is as wanted; there is a new one with each tick.
  func picture(_ isWanted: (Snapshot) -> Bool) async -> Snapshot {
    while true {
      let picture = fleet.latest()
      // Given up by the time limit: the rest of the test says what is wrong.
      if isWanted(picture) || Task.isCancelled { return picture }
      await news.next()
    }
  }

  func call(_ call: Call) async -> Outcome { await fleet.call(call) }

  func perform(_ command: Command) async throws(CommandError) -> CommandReceipt {
    try await fleet.perform(command)
  }
}

private final class Publications: Sendable {
  private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

  func next() async {
    await withCheckedContinuation { waiter in waiting.withLock { $0.append(waiter) } }
  }

  func tell() {
    let due = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    for waiter in due { waiter.resume() }
  }
}

/// A file that can be read and no longer written.
private struct StuckFile: SpillFile {
  let inner: PrivateSpillFile

  var path: String { inner.path }
  func read() throws(SpillFileError) -> [[UInt8]] { try inner.read() }

  func exchange(_ old: Set<[UInt8]>, for new: [[UInt8]]) throws(SpillFileError) {
    throw SpillFileError("no space left")
  }
}
