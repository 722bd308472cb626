package import FleetModel

/// Everything about dead letters but their making, as a value: events and time in, effects out.
///
/// It gives letters to the store and keeps what the store does not take, runs replays, sends again
/// by itself what the processor's rules allow, and has the store swept.
package struct LetterDesk: Sendable {
  package enum Event: Sendable {
    case start
    /// A call's letter; answered by the effect `settle`.
    case keep(DeadLetter)
    /// From the file of an earlier run.
    case restore([DeadLetter])
    case added(DeadLetterID, Result<DeadLetterAddition, DeadLetterStoreError>)
    /// How many had expired; nil when the store failed.
    case swept(Int?)
    /// The store was read, and what it says of its durability.
    case read(Result<DeadLetterDurability?, DeadLetterStoreError>)
    case decided(discarded: Int, deleted: Int)
    /// The size limit pushed out so many for letters that came from elsewhere.
    case dropped(Int)
    case replay(Int, ReplayRun.Event)
    /// One number, or all.
    case stopReplay(Int?)
    /// Nothing new is begun; what is under way ends soon.
    case stop
    case timeReached
  }

  package enum Effect: Sendable {
    case spill(LetterSpill.Effect)
    /// Of the replay with this number, whose lease has this owner.
    case replay(Int, owner: String, ReplayRun.Effect)
    /// A replay has ended.
    case ended(ReplayRun)
    /// Answered by `swept`.
    case sweep
    /// The last of those that waited is in the store: the picture is to say so.
    case tally
    case announce(Notice.Severity, String)
  }

  /// Ended replays that are shown, and for how long.
  package static let endedLimit = 5
  package static let endedTime = Duration.seconds(600)
  package static let sweepInterval = Duration.seconds(600)
  /// Between two notices of letters that were pushed out.
  package static let dropInterval = Duration.seconds(60)
  /// Whose replays the processor's are.
  package static let processorName = "processor"

  private let policy: DeadLetterPolicy
  private let mask: SecretMask
  /// Of this engine, among all that share the store.
  private let engineName: String
  private var spill = LetterSpill()
  private var runs: [ReplayRun] = []
  private var ended: [ReplaySnapshot] = []
  private var lastNumber = 0
  private var readTrouble: String?
  private var durability: DeadLetterDurability?
  private var counts = DeadLetterCounts()
  private var announcedDrops = 0
  private var dropNoticeAt: Instant?
  private var sweepAt: Instant?
  private var processorAt: Instant?
  private var isStopping = false
  private var effects: [Effect] = []

  /// - Parameter engineName: different for each engine that shares the store.
  package init(_ policy: DeadLetterPolicy, engineName: String) {
    self.policy = policy
    self.engineName = engineName
    mask = SecretMask(policy.secrets)
  }

  /// When `timeReached` is due; nil when nothing waits.
  package var nextDeadline: Instant? {
    let times = [spill.nextDeadline, dropNoticeAt, sweepAt, processorAt].compactMap(\.self)
    return (times + runs.compactMap(\.nextDeadline)).min()
  }

  /// No caller waits, no replay runs, nothing is on its way to a store that works.
  package var isQuiet: Bool { runs.isEmpty && spill.isQuiet }

  /// What the store has not taken.
  package var spilled: [DeadLetter] { spill.letters }

  /// The fields of the picture that are the desk's.
  package func fill(_ picture: inout DeadLetterSnapshot, at civil: Timestamp) {
    picture.trouble = spill.trouble ?? readTrouble
    picture.durability = durability
    picture.spilled = spill.count
    picture.dropped = spill.counts.dropped
    picture.counts = counts
    picture.counts.kept = spill.counts.kept
    picture.counts.refused = spill.counts.refused
    let shown = ended.filter { civil - ($0.endedAt ?? civil) < Self.endedTime }
    let running = runs.filter { $0.processor == nil || $0.total > 0 }.map(\.snapshot)
    picture.replays = (shown + running).sorted { $0.number < $1.number }
  }

  /// Notes a replay; the event `begin` of its number starts it.
  package mutating func replay(_ order: ReplayOrder, at civil: Timestamp) -> Int {
    add(order, processor: nil, at: civil)
  }

  package mutating func handle(
    _ event: Event, at now: Instant, civil: Timestamp, in fleet: some ReplayFleet
  ) -> [Effect] {
    switch event {
    case .start: start(at: now)
    case .keep(let letter): take(spill.keep(letter, at: now), at: now)
    case .restore(let letters): take(spill.restore(letters, at: now), at: now)
    case .added(let id, let result): added(id, result, at: now)
    case .swept(let count): swept(count ?? 0)
    case .read(let result): read(result)
    case .decided(let discarded, let deleted):
      counts.discarded += discarded
      counts.deleted += deleted
    case .dropped(let count):
      spill.dropped(count)
      announceDrops(at: now)
    case .replay(let number, let event):
      drive(number, event, at: now, civil: civil, in: fleet)
    case .stopReplay(let number):
      for running in running where number == nil || running == number {
        drive(running, .stop, at: now, civil: civil, in: fleet)
      }
    case .stop:
      isStopping = true
      (sweepAt, processorAt, dropNoticeAt) = (nil, nil, nil)
      spill.stop()
      for number in running { drive(number, .stop, at: now, civil: civil, in: fleet) }
    case .timeReached: timeReached(now, civil: civil, in: fleet)
    }
    let decided = effects
    effects.removeAll(keepingCapacity: true)
    return decided
  }

  /// The replays that run as they stand, with what they have not come to as left: their store does
  /// not answer, and nobody waits for it any more.
  package mutating func abandonReplays() -> [ReplayRun] {
    defer { runs = [] }
    return runs.map { $0.abandoned() }
  }

  /// The numbers of the replays that run.
  package var running: [Int] { runs.map(\.number) }

  // MARK: - Time

  private mutating func start(at now: Instant) {
    effects.append(.sweep)
    sweepAt = now + Self.sweepInterval
    if policy.processor.isOn { processorAt = now + policy.processor.interval }
  }

  private mutating func timeReached(
    _ now: Instant, civil: Timestamp, in fleet: some ReplayFleet
  ) {
    take(spill.timeReached(now), at: now)
    announceDrops(at: now)
    if let due = sweepAt, due <= now {
      sweepAt = now + Self.sweepInterval
      effects.append(.sweep)
    }
    if let due = processorAt, due <= now {
      // The next run's time counts from this one's end.
      processorAt = nil
      process(at: now, civil: civil, in: fleet)
    }
    // By number: a copy of a run would be a copy of its letters as soon as it changes.
    let due = runs.filter { $0.nextDeadline.map { $0 <= now } ?? false }.map(\.number)
    for number in due { drive(number, .timeReached, at: now, civil: civil, in: fleet) }
  }

  private mutating func process(at now: Instant, civil: Timestamp, in fleet: some ReplayFleet) {
    let deliveries = policy.processor.rules.reduce(into: Set<Delivery>()) {
      $0.formUnion($1.deliveries)
    }
    let filter = DeadLetterFilter(states: [.pending], deliveries: deliveries)
    let order = ReplayOrder(.matching(filter), owner: Self.processorName)
    let number = add(order, processor: policy.processor, at: civil)
    drive(number, .begin, at: now, civil: civil, in: fleet)
  }

  // MARK: - Replays

  private mutating func add(
    _ order: ReplayOrder, processor: LetterProcessor?, at civil: Timestamp
  ) -> Int {
    lastNumber += 1
    let owner = order.owner.isEmpty ? "mcpdash" : order.owner
    runs.append(
      ReplayRun(
        number: lastNumber, order: order, leaseOwner: "\(owner) #\(lastNumber) \(engineName)",
        mask: mask, processor: processor, startedAt: civil))
    return lastNumber
  }

  private mutating func drive(
    _ number: Int, _ event: ReplayRun.Event, at now: Instant, civil: Timestamp,
    in fleet: some ReplayFleet
  ) {
    guard let index = runs.firstIndex(where: { $0.number == number }) else { return }
    let steps = runs[index].handle(event, at: now, civil: civil, in: fleet)
    let owner = runs[index].leaseOwner
    effects += steps.map { .replay(number, owner: owner, $0) }
    if isStopping, !runs[index].isStopping, !runs[index].isEnded {
      return drive(number, .stop, at: now, civil: civil, in: fleet)
    }
    if runs[index].isEnded { end(runs.remove(at: index), at: now) }
  }

  private mutating func end(_ run: ReplayRun, at now: Instant) {
    counts.delivered += run.count.delivered
    counts.failed += run.count.failed
    let hasSent = run.count.delivered + run.count.failed > 0
    if run.processor != nil, !isStopping { processorAt = now + policy.processor.interval }
    if !run.order.isDryRun, run.processor == nil || hasSent || run.trouble != nil {
      ended = (ended + [run.snapshot]).suffix(Self.endedLimit)
    }
    if !run.order.isDryRun, run.processor == nil || hasSent {
      let isWell = run.count.failed == 0 && run.trouble == nil
      let who = run.processor == nil ? "replay" : "replay without a person"
      effects.append(.announce(isWell ? .info : .warning, "\(who): \(run.report)"))
    }
    effects.append(.ended(run))
  }

  // MARK: - The store

  private mutating func take(_ steps: [LetterSpill.Effect], at now: Instant) {
    effects += steps.map { .spill($0) }
    announceDrops(at: now)
  }

  private mutating func added(
    _ id: DeadLetterID, _ result: Result<DeadLetterAddition, DeadLetterStoreError>,
    at now: Instant
  ) {
    let hadWaiting = spill.count > 0
    take(spill.added(id, result, at: now), at: now)
    if hadWaiting, spill.count == 0 { effects.append(.tally) }
  }

  /// At most one notice a minute: a full store drops one for each letter that comes.
  private mutating func announceDrops(at now: Instant) {
    let new = spill.counts.dropped - announcedDrops
    if let due = dropNoticeAt {
      guard due <= now else { return }
      dropNoticeAt = nil
    }
    guard new > 0, !isStopping else { return }
    announcedDrops = spill.counts.dropped
    dropNoticeAt = now + Self.dropInterval
    let letters = new == 1 ? "the oldest dead letter was" : "the \(new) oldest dead letters were"
    effects.append(
      .announce(.warning, "\(letters) dropped: the store holds \(policy.entryLimit)"))
  }

  private mutating func swept(_ count: Int) {
    guard count > 0 else { return }
    counts.expired += count
    let letters = count == 1 ? "1 dead letter" : "\(count) dead letters"
    effects.append(.announce(.info, "\(letters) expired"))
  }

  private mutating func read(_ result: Result<DeadLetterDurability?, DeadLetterStoreError>) {
    switch result {
    case .success(let durability):
      readTrouble = nil
      if let durability { note(durability) }
    case .failure(let error):
      if readTrouble == nil, spill.trouble == nil {
        effects.append(.announce(.error, "dead letters cannot be read: \(error.message)"))
      }
      readTrouble = error.message
    }
  }

  /// Told when it is first known, unless all is well, and when it changes.
  private mutating func note(_ durability: DeadLetterDurability) {
    guard durability != self.durability else { return }
    let isFirst = self.durability == nil
    self.durability = durability
    switch durability.grade {
    case .durable:
      if !isFirst { effects.append(.announce(.info, "dead letters are safe: \(durability.text)")) }
    case .almost, .unknown: effects.append(.announce(.info, "dead letters: \(durability.text)"))
    case .lossy:
      effects.append(.announce(.warning, "dead letters may be lost: \(durability.text)"))
    }
  }
}
