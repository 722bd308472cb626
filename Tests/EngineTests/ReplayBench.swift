import FleetModel
import Synchronization

@testable import Engine

/// A replay's pure core against the store in memory, on a virtual clock; calls wait on the wire
/// until the test answers them.
struct ReplayBench {
  static let epoch = Timestamp(millisecondsSinceEpoch: 1_795_230_245_678)
  static let bank = ServerID("bank")

  /// The fleet as the replay sees it.
  struct Stage: ReplayFleet {
    var standings: [ServerID: ServerStanding] = [ReplayBench.bank: .passing]
    var addresses: [String: ServerID] = [:]
    var longestCall = Duration.seconds(300)

    func standing(of server: ServerID, at now: Instant) -> ServerStanding? { standings[server] }
    func server(for letter: DeadLetter) -> ServerID? { addresses[letter.endpoint] }
  }

  struct Begin {
    var at: Instant
    var id: DeadLetterID
    var call: Call
  }

  let store: MemoryDeadLetterStore
  private let clock: Clock
  var run: ReplayRun
  var stage = Stage()
  var now = Instant.origin
  /// Every letter begun, in order.
  var begins: [Begin] = []
  /// Not answered yet, in the order of sending.
  var onWire: [Begin] = []
  var leases: [Timestamp] = []
  var isFinished = false
  /// The store fails what it is asked from now on.
  var storeFails = false
  /// Called before each answer of the store to a page, with the page's number.
  var onPage: ((MemoryDeadLetterStore, Int) async -> Void)?
  /// Changes what the store gives for a claim.
  var onClaim: ((inout DeadLetterClaim) -> Void)?
  private var pageCount = 0

  /// Civil time that goes with the virtual clock.
  private final class Clock: Sendable {
    let time = Mutex(ReplayBench.epoch)
  }

  init(
    _ letters: [DeadLetter] = [], order: ReplayOrder = ReplayOrder(.all, pace: nil),
    secrets: [SecretField] = SecretField.standard, processor: LetterProcessor? = nil
  ) async {
    let clock = Clock()
    self.clock = clock
    store = MemoryDeadLetterStore { clock.time.withLock { $0 } }
    for letter in letters { _ = await store.add(letter) }
    run = ReplayRun(
      number: 1, order: order, leaseOwner: "test #1", mask: SecretMask(secrets),
      processor: processor, startedAt: Self.epoch)
  }

  static func letter(
    _ number: Int, server: ServerID = bank, delivery: Delivery = .refused,
    params: String = #"{"name":"pay","arguments":{}}"#
  ) -> DeadLetter {
    let time = epoch + .seconds(number - 100_000)
    return DeadLetter(
      id: DeadLetterID(CallID(high: 7, low: UInt64(number))), server: server, client: "test",
      method: "tools/call", target: "pay", params: JSONText(unchecked: Array(params.utf8)),
      errorKind: "429", errorMessage: "busy", delivery: delivery, isIdempotent: false,
      attempts: [], createdAt: time, lastAttemptAt: time, expiresAt: epoch + .seconds(86_400))
  }

  static func letters(_ count: Int) -> [DeadLetter] { (0..<count).map { letter($0) } }

  mutating func feed(_ event: ReplayRun.Event) async {
    var events = [event]
    while !events.isEmpty {
      let effects = run.handle(
        events.removeFirst(), at: now, civil: Self.epoch + (now - .origin), in: stage)
      for effect in effects { if let next = await carryOut(effect) { events.append(next) } }
    }
  }

  private mutating func carryOut(_ effect: ReplayRun.Effect) async -> ReplayRun.Event? {
    let error = DeadLetterStoreError("the disk is full")
    switch effect {
    case .page(let selection, let cursor):
      if storeFails { return .failed(.page, error) }
      pageCount += 1
      await onPage?(store, pageCount)
      return .paged(await store.page(selection, after: cursor, limit: 7))
    case .revise(let id, let params):
      if storeFails { return .failed(.revise, error) }
      return .revised(await store.revise(id, params: params))
    case .claim(let ids, let isForced, let until):
      if storeFails { return .failed(.claim, error) }
      leases.append(until)
      var claim = await store.claim(ids, by: run.leaseOwner, isForced: isForced, until: until)
      onClaim?(&claim)
      return .claimed(claim)
    case .complete(let letter):
      if storeFails { return .failed(.write(letter.id), error) }
      await store.complete(letter, by: run.leaseOwner)
      return .written(letter.id)
    case .giveBack(let letter):
      if storeFails { return .failed(.write(letter.id), error) }
      await store.giveBack(letter, by: run.leaseOwner)
      return .written(letter.id)
    case .send(let id, let call):
      begins.append(Begin(at: now, id: id, call: call))
      onWire.append(Begin(at: now, id: id, call: call))
      return nil
    case .finished:
      isFinished = true
      return nil
    }
  }

  mutating func answer(_ index: Int = 0, _ reply: Reply = .ok) async {
    let begin = onWire.remove(at: index)
    var attempts: [Attempt] = []
    if case .failure(let failure) = reply, failure.kind == .breakerOpen {
    } else {
      attempts = [Attempt(startedAt: Self.epoch, duration: .zero, result: "x", backoff: .zero)]
    }
    await feed(
      .answered(begin.id, Outcome(call: begin.call.id, reply: reply, attempts: attempts)))
  }

  /// Lets time pass to the replay's next deadline.
  mutating func wait() async {
    guard let next = run.nextDeadline else { return }
    await advance(max(next - now, .zero))
  }

  mutating func advance(_ time: Duration) async {
    now = now + time
    clock.time.withLock { $0 = Self.epoch + (now - .origin) }
    await feed(.timeReached)
  }

  /// Answers everything until the replay ends, at most so many steps.
  mutating func finish(_ reply: Reply = .ok, steps: Int = 10_000) async {
    for _ in 0..<steps where !isFinished {
      if onWire.isEmpty { await wait() } else { await answer(0, reply) }
    }
  }

  func all() async -> [DeadLetter] {
    let everything = DeadLetterFilter(states: Set(DeadLetter.State.allCases))
    return await store.page(.matching(everything), after: nil, limit: 1_000_000).letters
  }
}

extension Reply {
  static let turnedAway = Reply.failure(Failure(.breakerOpen, "open", delivery: .notSent))
}
