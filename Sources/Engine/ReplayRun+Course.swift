import FleetModel

// How a replay fixes its letters, whose turn it is, and when it ends.
extension ReplayRun {
  // MARK: - Choosing

  mutating func paged(
    _ page: DeadLetterPage, at now: Instant, civil: Timestamp, in fleet: some ReplayFleet
  ) {
    guard phase == .choosing else { return }
    for letter in page.letters where known.count < Self.letterLimit {
      guard known.insert(letter.id).inserted else { continue }
      choose(letter, at: now, civil: civil, in: fleet)
    }
    if let next = page.next, known.count < Self.letterLimit, !isStopping, !page.letters.isEmpty {
      effects.append(.page(order.selection, after: next))
    } else {
      known = []
      fix(at: now, in: fleet)
    }
  }

  private mutating func choose(
    _ letter: DeadLetter, at now: Instant, civil: Timestamp, in fleet: some ReplayFleet
  ) {
    let server = destination(of: letter, in: fleet)
    let obstacle = obstacle(to: letter, civil: civil, in: fleet)
    if let processor {
      // What a person has to decide about is none of its business.
      guard obstacle == nil, processor.allows(letter, at: civil),
        server.flatMap({ fleet.standing(of: $0, at: now) }) == .passing
      else { return }
    }
    total += 1
    if let obstacle { return leaveOut(obstacle) }
    guard let server else { return leaveOut(.unknownServer) }
    chosen.append(Candidate(id: letter.id, server: server))
    if order.arguments != nil { editing = letter }
  }

  private mutating func fix(at now: Instant, in fleet: some ReplayFleet) {
    var letters = Array(chosen.reversed())
    chosen = []
    if let limit = processor?.runLimit, letters.count > limit {
      letters = Array(letters.prefix(max(0, limit)))
      total = letters.count
    }
    for (position, candidate) in letters.enumerated() {
      var candidate = candidate
      candidate.position = position
      queues[candidate.server, default: ReplayQueue()].append(candidate)
    }
    phase = .sending
    if order.isDryRun { return plan(at: now, in: fleet) }
    if let editing, let params = edited(editing), !isStopping {
      phase = .revising
      // What an operator types may be a secret as well.
      effects.append(.revise(editing.id, mask.mask(params).params))
    }
    editing = nil
  }

  private mutating func plan(at now: Instant, in fleet: some ReplayFleet) {
    for (server, queue) in queues {
      if fleet.standing(of: server, at: now) == .blocked, !order.waitsForBreaker {
        leaveOut(.breakerOpen, queue.count)
      } else {
        count.planned += queue.count
        plannedByServer[server] = queue.count
      }
    }
    queues = [:]
  }

  // MARK: - Sending

  /// Whatever is due now.
  mutating func goOn(at now: Instant, civil: Timestamp, in fleet: some ReplayFleet) {
    guard phase == .sending else {
      nextDeadline = nil
      return
    }
    if isStopping || trouble != nil { giveUpTheRest() }
    writeAgain(at: now)
    sendDue(at: now, in: fleet)
    claimMore(at: now, civil: civil, in: fleet)
    setDeadline(at: now)
    guard isIdle, queues.values.allSatisfy(\.isEmpty) else { return }
    phase = .ended
    endedAt = civil
    waitsFor = nil
    nextDeadline = nil
    effects.append(.finished)
  }

  private var isIdle: Bool {
    asked == nil && unsent.isEmpty && onWire.isEmpty && writes.isEmpty
  }

  private mutating func giveUpTheRest() {
    for ready in unsent { write(Write(letter: ready.letter, isDelivered: false)) }
    count.left += unsent.count + queues.values.reduce(0) { $0 + $1.count }
    unsent = []
    queues = [:]
  }

  private mutating func writeAgain(at now: Instant) {
    for id in writes.keys.sorted() {
      guard var write = writes[id], let retryAt = write.retryAt, retryAt <= now || isStopping
      else { continue }
      write.tries += 1
      write.retryAt = nil
      self.write(write)
    }
  }

  private mutating func sendDue(at now: Instant, in fleet: some ReplayFleet) {
    while let ready = unsent.first, order.pace == nil || nextBegin <= now {
      unsent.removeFirst()
      let server = ready.candidate.server
      guard mayBegin(server, at: now, in: fleet), let params = params(of: ready.letter) else {
        // It goes back to its place in the queue, and its server's standing decides there.
        write(Write(letter: ready.letter, isDelivered: false, candidate: ready.candidate))
        continue
      }
      onWire[ready.letter.id] = ready
      sentParams[ready.letter.id] = params
      effects.append(
        .send(ready.letter.id, ready.letter.call(to: server, params: params, token: order.token)))
      if let interval { nextBegin = max(nextBegin, now) + interval }
    }
  }

  /// Between two letters; nil without a pace.
  private var interval: Duration? {
    order.pace.map { Duration(fractionalSeconds: 1 / min(max($0.isNaN ? 1 : $0, 0.1), 1000)) }
  }

  private func mayBegin(
    _ server: ServerID, at now: Instant, in fleet: some ReplayFleet
  ) -> Bool {
    switch fleet.standing(of: server, at: now) {
    case .passing: true
    case .probing: !onWire.values.contains { $0.candidate.server == server }
    case .blocked, nil: false
    }
  }

  private mutating func claimMore(
    at now: Instant, civil: Timestamp, in fleet: some ReplayFleet
  ) {
    leaveBlocked(at: now, in: fleet)
    let free = Self.batchLimit - onWire.count - writes.count
    guard asked == nil, unsent.isEmpty, free >= Self.batchLimit / 2,
      order.pace == nil || nextBegin <= now
    else { return }
    let room = order.pace.map { min(free, max(1, Int(min($0, 1000)))) } ?? free
    var batch: [Candidate] = []
    while batch.count < room, let server = nextServer(besides: batch, at: now, in: fleet),
      let candidate = queues[server]?.popFirst()
    {
      batch.append(candidate)
    }
    waitsFor = batch.isEmpty && onWire.isEmpty ? oldest(of: queues.keys.map(\.self)) : nil
    guard !batch.isEmpty else { return }
    asked = batch
    effects.append(
      .claim(
        batch.map(\.id), isForced: order.isForced,
        until: civil + fleet.longestCall + Self.leaseMargin))
  }

  /// Those that have no chance are left where they are, and not tried one by one.
  private mutating func leaveBlocked(at now: Instant, in fleet: some ReplayFleet) {
    for (server, queue) in queues where !queue.isEmpty {
      switch fleet.standing(of: server, at: now) {
      case .passing, .probing: continue
      case .blocked:
        if order.waitsForBreaker { continue }
        leaveOut(.breakerOpen, queue.count)
      case nil: leaveOut(.unknownServer, queue.count)
      }
      queues[server] = nil
    }
  }

  /// Whose letter is the next; nil when none may be claimed now.
  private func nextServer(
    besides batch: [Candidate], at now: Instant, in fleet: some ReplayFleet
  ) -> ServerID? {
    oldest(
      of: queues.keys.filter { server in
        switch fleet.standing(of: server, at: now) {
        case .passing: return true
        case .probing:
          return coolUntil[server].map { $0 <= now } ?? true
            && !batch.contains { $0.server == server } && !isBusy(server)
        case .blocked, nil: return false
        }
      })
  }

  private func isBusy(_ server: ServerID) -> Bool {
    onWire.values.contains { $0.candidate.server == server }
      || writes.values.contains { $0.letter.server == server || $0.candidate?.server == server }
  }

  private func oldest(of servers: [ServerID]) -> ServerID? {
    servers.compactMap { server in queues[server]?.first.map { (server, $0.position) } }
      .min { $0.1 < $1.1 }?.0
  }

  private mutating func setDeadline(at now: Instant) {
    var times = writes.values.compactMap(\.retryAt)
    if !unsent.isEmpty {
      times.append(nextBegin)
    } else if asked == nil, queues.values.contains(where: { !$0.isEmpty }) {
      // The pace, or a breaker.
      times.append(order.pace != nil && nextBegin > now ? nextBegin : now + Self.pollInterval)
    }
    nextDeadline = times.min()
  }
}
