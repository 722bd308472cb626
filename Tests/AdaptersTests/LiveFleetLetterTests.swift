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
    #expect(try file.read() == nil, "all of it is in the store")
  }

  @Test func `are told to be lost where not even a file takes them`() async throws {
    let store = MoodyStore(Self.memory())
    store.mood = .failing
    let file = PrivateSpillFile(path: "/nowhere/at/all")
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
    #expect(try file.read()?.split(separator: UInt8(ascii: "\n")).count == 1)
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
    #expect(try file.read() == nil)
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
    #expect(try file.read()?.split(separator: UInt8(ascii: "\n")).count == 1)
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
      if isWanted(picture) { return picture }
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

/// Calls break until they may go well.
private final class MoodyTransport: Transport {
  private let isWellNow = Mutex(false)

  var isWell: Bool {
    get { isWellNow.withLock { $0 } }
    set { isWellNow.withLock { $0 = newValue } }
  }

  func exchange(_ call: Call, attempt: AttemptID, on connection: ConnectionID) async -> Exchange {
    if isWell { return Exchange(reply: .success(.emptyObject)) }
    return Exchange(reply: .failure(Failure(.httpStatus(503), "HTTP 503", delivery: .refused)))
  }

  func locate(_ server: ServerDefinition) async -> [PortCandidate] { [] }
  func onEvent(_ sink: @escaping @Sendable (TransportEvent) -> Void) {}

  func open(
    _ connection: ConnectionID, to server: ServerDefinition, knownEra: ConnectionInfo?
  ) async throws(Failure) -> ConnectionInfo {
    ConnectionInfo(era: .modern, protocolVersion: "2026-07-28")
  }

  func close(_ connection: ConnectionID) async {}
  func validate(_ connection: ConnectionID) async throws(Failure) {}

  func listTools(on connection: ConnectionID) async throws(Failure) -> ToolList {
    ToolList(tools: [ToolList.Tool(name: "pay")], result: .emptyObject)
  }

  func check(
    _ server: ServerDefinition, knownEra: ConnectionInfo?, connection: ConnectionID?
  ) async throws(Failure) {}

  func shutdown() async {}
}

/// The store in memory, on good days and bad ones.
private final class MoodyStore: DeadLetterStore {
  enum Mood { case well, failing, hanging }

  private struct State {
    var mood = Mood.well
    var held: [CheckedContinuation<Void, Never>] = []
    var closeCount = 0
  }

  let inner: MemoryDeadLetterStore
  let place = "moody"
  private let state = Mutex(State())

  init(_ inner: MemoryDeadLetterStore) { self.inner = inner }

  /// Whatever hangs goes on when this is set.
  var mood: Mood {
    get { state.withLock { $0.mood } }
    set {
      let held = state.withLock { state in
        state.mood = newValue
        defer { state.held = [] }
        return state.held
      }
      for continuation in held { continuation.resume() }
    }
  }

  var closeCount: Int { state.withLock { $0.closeCount } }

  private func check() async throws(DeadLetterStoreError) {
    await withCheckedContinuation { continuation in
      let isHeld = state.withLock { state in
        if state.mood == .hanging { state.held.append(continuation) }
        return state.mood == .hanging
      }
      if !isHeld { continuation.resume() }
    }
    if mood == .failing { throw DeadLetterStoreError("the disk is full") }
  }

  func add(_ letter: DeadLetter) async throws(DeadLetterStoreError) -> DeadLetterAddition {
    try await check()
    return await inner.add(letter)
  }

  func page(
    _ selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(DeadLetterStoreError) -> DeadLetterPage {
    try await check()
    return await inner.page(selection, after: cursor, limit: limit)
  }

  func count(_ selection: DeadLetterSelection) async throws(DeadLetterStoreError) -> Int {
    await inner.count(selection)
  }

  func statistics() async throws(DeadLetterStoreError) -> DeadLetterStatistics {
    await inner.statistics()
  }

  func claim(
    _ ids: [DeadLetterID], by owner: String, isForced: Bool, until: Timestamp
  ) async throws(DeadLetterStoreError) -> DeadLetterClaim {
    await inner.claim(ids, by: owner, isForced: isForced, until: until)
  }

  func complete(_ letter: DeadLetter, by owner: String) async throws(DeadLetterStoreError) {
    try await check()
    await inner.complete(letter, by: owner)
  }

  func giveBack(_ letter: DeadLetter, by owner: String) async throws(DeadLetterStoreError) {
    await inner.giveBack(letter, by: owner)
  }

  func revise(
    _ id: DeadLetterID, params: JSONText
  ) async throws(DeadLetterStoreError) -> Bool { await inner.revise(id, params: params) }

  func discard(_ selection: DeadLetterSelection) async throws(DeadLetterStoreError) -> Int {
    await inner.discard(selection)
  }

  func delete(_ selection: DeadLetterSelection) async throws(DeadLetterStoreError) -> Int {
    await inner.delete(selection)
  }

  func sweep() async throws(DeadLetterStoreError) -> Int {
    try await check()
    return await inner.sweep()
  }

  func tally(recentLimit: Int) async throws(DeadLetterStoreError) -> DeadLetterTally {
    try await check()
    return await inner.tally(recentLimit: recentLimit)
  }

  func close() async { state.withLock { $0.closeCount += 1 } }
}
