package import FleetModel

/// One replay of dead letters as a value: events and time in, effects out.
///
/// Its letters are fixed first, page by page, then claimed with a lease a few at a time and sent
/// through the normal stack, the oldest first. A letter is claimed when its turn has come, so that
/// no lease runs out in a queue; each is sent once at most.
///
/// ```
/// choosing ─► revising (one letter, edited) ─► sending ─► ended
///     └──────────── dry run, nothing to send ─────────────┘
/// ```
package struct ReplayRun: Sendable {
  package enum Event: Sendable {
    case begin
    case paged(DeadLetterPage)
    /// Whether the letter was there to be edited.
    case revised(Bool)
    case claimed(DeadLetterClaim)
    case answered(DeadLetterID, Outcome)
    case written(DeadLetterID)
    case failed(Work, DeadLetterStoreError)
    /// What is on the wire is waited for.
    case stop
    case timeReached
  }

  package enum Effect: Sendable {
    /// Answered by `paged`.
    case page(DeadLetterSelection, after: DeadLetterCursor?)
    /// Answered by `revised`.
    case revise(DeadLetterID, JSONText)
    /// Answered by `claimed`.
    case claim([DeadLetterID], isForced: Bool, until: Timestamp)
    /// Answered by `answered`.
    case send(DeadLetterID, Call)
    /// The letter was delivered; answered by `written`.
    case complete(DeadLetter)
    /// The letter is to be pending again; answered by `written`.
    case giveBack(DeadLetter)
    case finished
  }

  /// What the store was asked to do.
  package enum Work: Hashable, Sendable {
    case page, revise, claim
    case write(DeadLetterID)
  }

  enum Phase: Hashable, Sendable { case choosing, revising, sending, ended }

  /// A letter that was chosen, and where its replay goes.
  struct Candidate: Sendable {
    var id: DeadLetterID
    var server: ServerID
    /// In the order of sending.
    var position = 0
  }

  /// A claimed letter whose turn is near.
  struct Ready: Sendable {
    var letter: DeadLetter
    var candidate: Candidate
  }

  /// A letter on its way back to the store.
  struct Write: Sendable {
    var letter: DeadLetter
    var isDelivered: Bool
    /// It waits for its server's breaker afterwards.
    var candidate: Candidate?
    var tries = 1
    /// Nil while the store is asked.
    var retryAt: Instant?
  }

  /// Letters claimed and on their way at once: few, so that a recovering server is not drowned.
  package static let batchLimit = 8
  /// Letters one replay takes on at most.
  package static let letterLimit = 100_000
  /// Letters read at once while they are fixed.
  package static let pageLimit = 500
  /// How much longer than its call a lease lasts: for the disk, and for the turn within a second.
  package static let leaseMargin = Duration.seconds(60)
  /// Places of letters of other programs that are remembered.
  static let placeLimit = 1000
  /// How often an open breaker is looked at.
  package static let pollInterval = Duration.seconds(1)
  /// Times a result is given to a store that fails; then the lease's end settles the letter.
  package static let writeLimit = 4

  package let number: Int
  package let order: ReplayOrder
  /// Whose lease it is: unique among all engines that share the store.
  package let leaseOwner: String
  package let startedAt: Timestamp
  /// Nil for an operator's replay.
  let processor: LetterProcessor?
  let mask: SecretMask

  var phase = Phase.choosing
  var effects: [Effect] = []
  package internal(set) var count = ReplayCount()
  /// Letters fixed.
  package internal(set) var total = 0
  package internal(set) var isStopping = false
  package internal(set) var trouble: String?
  package internal(set) var endedAt: Timestamp?
  package internal(set) var waitsFor: ServerID?
  /// Why letters were left out, for the report.
  var obstacles: [LetterObstacle: Int] = [:]
  /// Of a dry run.
  var plannedByServer: [ServerID: Int] = [:]

  var known: Set<DeadLetterID> = []
  /// Looked up once each.
  var destinations: [LetterPlace: ServerID?] = [:]
  /// The letter whose arguments an operator has edited.
  var editing: DeadLetter?
  /// While choosing: newest first.
  var chosen: [Candidate] = []
  var queues: [ServerID: ReplayQueue] = [:]
  /// Ids that the store is asked for.
  var asked: [Candidate]?
  var unsent: [Ready] = []
  var onWire: [DeadLetterID: Ready] = [:]
  /// What was sent of the letters on the wire, for their messages.
  var sentParams: [DeadLetterID: JSONText] = [:]
  var writes: [DeadLetterID: Write] = [:]
  /// Nothing is begun before.
  var nextBegin = Instant.origin
  /// A half-open breaker that turned a letter away is left alone until then.
  var coolUntil: [ServerID: Instant] = [:]
  /// When it must look again.
  package internal(set) var nextDeadline: Instant?

  package init(
    number: Int, order: ReplayOrder, leaseOwner: String, mask: SecretMask,
    processor: LetterProcessor? = nil, startedAt: Timestamp
  ) {
    self.number = number
    self.order = order
    self.leaseOwner = leaseOwner
    self.mask = mask
    self.processor = processor
    self.startedAt = startedAt
  }

  package var isEnded: Bool { phase == .ended }

  /// As it stands when its store is waited for no longer.
  func abandoned() -> ReplayRun {
    var run = self
    run.phase = .ended
    run.trouble = trouble ?? "the store does not answer"
    run.count.left += max(0, total - count.settled - count.left - count.planned)
    return run
  }

  package var snapshot: ReplaySnapshot {
    ReplaySnapshot(
      number: number, owner: order.owner, isDryRun: order.isDryRun, startedAt: startedAt,
      endedAt: endedAt, total: total, count: count, waitsFor: waitsFor,
      isStopping: isStopping && !isEnded, trouble: trouble)
  }

  package mutating func handle(
    _ event: Event, at now: Instant, civil: Timestamp, in fleet: some ReplayFleet
  ) -> [Effect] {
    guard phase != .ended else { return [] }
    switch event {
    case .begin: effects.append(.page(selection, after: nil))
    case .paged(let page): paged(page, at: now, civil: civil, in: fleet)
    case .revised(let isThere): revised(isThere)
    case .claimed(let claim): claimed(claim, civil: civil, in: fleet)
    case .answered(let id, let outcome): answered(id, outcome, at: now, civil: civil)
    case .written(let id): written(id)
    case .failed(let work, let error): failed(work, error, at: now)
    case .stop: isStopping = true
    case .timeReached: break
    }
    goOn(at: now, civil: civil, in: fleet)
    let decided = effects
    effects.removeAll(keepingCapacity: true)
    return decided
  }

  private var selection: DeadLetterSelection {
    guard case .ids(let ids) = order.selection, ids.count > Self.letterLimit else {
      return order.selection
    }
    return .ids(Array(ids.prefix(Self.letterLimit)))
  }

  // MARK: - The store's answers

  private mutating func revised(_ isThere: Bool) {
    guard phase == .revising else { return }
    phase = .sending
    guard !isThere else { return }
    queues = [:]
    leaveOut(.taken)
  }

  private mutating func claimed(
    _ claim: DeadLetterClaim, civil: Timestamp, in fleet: some ReplayFleet
  ) {
    guard let asked else { return }
    self.asked = nil
    leaveOut(.unsafe, claim.skippedUnsafe)
    leaveOut(.taken, max(0, asked.count - claim.letters.count - claim.skippedUnsafe))
    let candidates = Dictionary(asked.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for letter in claim.letters {
      guard let candidate = candidates[letter.id] else { continue }
      // It may have changed since it was chosen.
      if let obstacle = obstacle(to: letter, isClaimed: true, civil: civil, in: fleet) {
        leaveOut(obstacle)
        write(Write(letter: letter, isDelivered: false))
      } else {
        unsent.append(Ready(letter: letter, candidate: candidate))
      }
    }
  }

  private mutating func answered(
    _ id: DeadLetterID, _ outcome: Outcome, at now: Instant, civil: Timestamp
  ) {
    guard let ready = onWire.removeValue(forKey: id) else { return }
    let params = sentParams.removeValue(forKey: id) ?? .emptyObject
    var letter = ready.letter.after(outcome, at: civil)
    if let token = order.token { letter.errorMessage = letter.errorMessage.without(token) }
    letter.errorMessage = mask.clean(letter.errorMessage, of: params)
    var write = Write(letter: letter, isDelivered: false)
    if case .success = outcome.reply {
      write.isDelivered = true
      count.delivered += 1
    } else if outcome.isTurnedAway, order.waitsForBreaker {
      write.candidate = ready.candidate
      coolUntil[ready.candidate.server] = now + Self.pollInterval
    } else {
      count.failed += 1
      if outcome.reply.isInterruption { isStopping = true }
    }
    self.write(write)
  }

  private mutating func written(_ id: DeadLetterID) {
    guard let write = writes.removeValue(forKey: id) else { return }
    if let candidate = write.candidate {
      queues[candidate.server, default: ReplayQueue()].putBack(candidate)
    }
  }

  private mutating func failed(_ work: Work, _ error: DeadLetterStoreError, at now: Instant) {
    switch work {
    case .page, .revise:
      trouble = error.message
      phase = .sending
      count.left += chosen.count
      chosen = []
    case .claim:
      trouble = error.message
      count.left += asked?.count ?? 0
      asked = nil
    case .write(let id):
      guard var write = writes[id] else { return }
      if write.tries >= Self.writeLimit || isStopping {
        // Its lease ends by itself, and then it may have executed: the safe side.
        writes[id] = nil
        trouble = error.message
        if write.candidate != nil { count.left += 1 }
      } else {
        write.retryAt = now + .seconds(1 << (write.tries - 1))
        writes[id] = write
      }
    }
  }

  // MARK: - Bookkeeping

  mutating func write(_ write: Write) {
    writes[write.letter.id] = write
    effects.append(write.isDelivered ? .complete(write.letter) : .giveBack(write.letter))
  }

  mutating func leaveOut(_ obstacle: LetterObstacle, _ number: Int = 1) {
    guard number > 0 else { return }
    obstacles[obstacle, default: 0] += number
    switch obstacle {
    case .taken, .expired: count.taken += number
    case .unsafe: count.unsafe += number
    case .breakerOpen: count.left += number
    case .unreadable, .noMethod, .unknownServer, .noToken, .noSecret: count.unsendable += number
    }
  }
}
