package import FleetModel

/// Dead letters in memory, for tests, simulations and measurements: the behaviour that the real
/// stores are held to.
package actor MemoryDeadLetterStore: DeadLetterStore {
  package nonisolated let place = "memory"
  package static let durability = DeadLetterDurability(
    .lossy, "letters are in the program's memory only")

  private let entryLimit: Int
  private let wallClock: @Sendable () -> Timestamp
  private var letters: [DeadLetterID: DeadLetter] = [:]
  /// Removed since the last sweep.
  private var untoldExpired = 0

  package init(
    entryLimit: Int = 100_000, wallClock: @escaping @Sendable () -> Timestamp
  ) {
    self.entryLimit = entryLimit
    self.wallClock = wallClock
  }

  package func add(_ letter: DeadLetter) -> DeadLetterAddition {
    tidy()
    guard letters[letter.id] == nil else { return DeadLetterAddition(isNew: false) }
    var letter = letter
    if letter.state == .replaying { letter.state = .pending }
    letter.lease = nil
    letters[letter.id] = letter
    let surplus = sorted { _ in true }.dropFirst(entryLimit)
    for letter in surplus { letters[letter.id] = nil }
    return DeadLetterAddition(isNew: true, dropped: surplus.count)
  }

  package func page(
    _ selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) -> DeadLetterPage {
    let all = sorted { letter in
      selection.contains(letter) && cursor.map { $0.precedes(letter) } ?? true
    }
    let page = Array(all.prefix(max(0, limit)))
    return DeadLetterPage(
      letters: page,
      next: page.count < all.count ? page.last.map { DeadLetterCursor(after: $0) } : nil)
  }

  package func count(_ selection: DeadLetterSelection) -> Int {
    sorted { selection.contains($0) }.count
  }

  package func statistics() -> DeadLetterStatistics {
    let all = sorted { _ in true }
    let open = all.filter { DeadLetter.State.open.contains($0.state) }
    func counts(_ names: [String]) -> [DeadLetterStatistics.Count] {
      Dictionary(grouping: names) { $0 }
        .map { DeadLetterStatistics.Count(name: $0.key, count: $0.value.count) }
        .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }
    var statistics = DeadLetterStatistics()
    statistics.total = open.count
    statistics.byState = DeadLetter.State.allCases.compactMap { state in
      let count = all.count { $0.state == state }
      return count == 0
        ? nil : DeadLetterStatistics.Count(name: state.rawValue, count: count)
    }
    statistics.byOperation = counts(open.map(\.method))
    statistics.byClient = counts(open.map(\.client))
    statistics.byServer = counts(open.map(\.server.name))
    statistics.byKind = counts(open.map(\.errorKind))
    statistics.byDelivery = counts(open.map(\.delivery.rawValue))
    statistics.oldest = open.last?.createdAt
    statistics.newest = open.first?.createdAt
    statistics.bytes = all.reduce(0) { $0 + $1.params.bytes.count }
    statistics.durability = Self.durability
    return statistics
  }

  package func claim(
    _ ids: [DeadLetterID], by owner: String, isForced: Bool, until: Timestamp
  ) -> DeadLetterClaim {
    let pending = sorted { ids.contains($0.id) && $0.state == .pending && $0.fault == nil }
    let safe = pending.filter { isForced || !$0.isUnsafeToReplay }.reversed()
    let claimed = safe.map { letter in
      var letter = letter
      letter.state = .replaying
      letter.lease = DeadLetter.Lease(owner: owner, until: until)
      letters[letter.id] = letter
      return letter
    }
    return DeadLetterClaim(letters: claimed, skippedUnsafe: pending.count - claimed.count)
  }

  package func complete(_ letter: DeadLetter, by owner: String) {
    guard isHeld(letter.id, by: owner) else { return }
    letters[letter.id]?.state = .done
    letters[letter.id]?.lease = nil
  }

  package func giveBack(_ letter: DeadLetter, by owner: String) {
    guard isHeld(letter.id, by: owner) else { return }
    var letter = letter
    letter.state = .pending
    letter.lease = nil
    letters[letter.id] = letter
  }

  package func revise(_ id: DeadLetterID, params: JSONText) -> Bool {
    guard var letter = current(id), letter.state == .pending, letter.fault == nil else {
      return false
    }
    letter.original = letter.original ?? letter.params
    letter.params = params
    letters[id] = letter
    return true
  }

  package func discard(_ selection: DeadLetterSelection) -> Int {
    let chosen = sorted {
      $0.state == .pending && $0.fault == nil && selection.contains($0)
    }
    for letter in chosen { letters[letter.id]?.state = .discarded }
    return chosen.count
  }

  package func delete(_ selection: DeadLetterSelection) -> Int {
    let chosen = sorted { selection.contains($0) }
    for letter in chosen { letters[letter.id] = nil }
    return chosen.count
  }

  package func sweep() -> Int {
    tidy()
    defer { untoldExpired = 0 }
    return untoldExpired
  }

  private func tidy() {
    let now = wallClock()
    let before = letters.count
    letters = letters.filter { $0.value.expiresAt > now }
    for (id, letter) in letters { letters[id] = letter.at(now) }
    untoldExpired += before - letters.count
  }

  package func tally(recentLimit: Int) -> DeadLetterTally {
    let open = sorted { DeadLetter.State.open.contains($0.state) }
    var tally = DeadLetterTally()
    tally.total = open.count
    tally.byServer = Dictionary(grouping: open, by: \.server)
      .map { DeadLetterTally.ServerCount(server: $0.key, count: $0.value.count) }
      .sorted { $0.server < $1.server }
    tally.oldest = open.last?.createdAt
    tally.recent = Array(open.prefix(recentLimit))
    tally.durability = Self.durability
    return tally
  }

  package func close() {}

  private func current(_ id: DeadLetterID) -> DeadLetter? {
    tidy()
    return letters[id]
  }

  private func isHeld(_ id: DeadLetterID, by owner: String) -> Bool {
    current(id)?.lease?.owner == owner
  }

  /// Newest first.
  private func sorted(_ isWanted: (DeadLetter) -> Bool) -> [DeadLetter] {
    tidy()
    return letters.values.filter(isWanted)
      .sorted { ($1.createdAt, $1.id) < ($0.createdAt, $0.id) }
  }
}

extension DeadLetter {
  /// As it stands at `now`: one whose lease has ended is pending, and may have executed.
  package func at(_ now: Timestamp) -> DeadLetter {
    guard state == .replaying, lease.map({ $0.until <= now }) ?? true else { return self }
    var letter = self
    letter.state = .pending
    letter.lease = nil
    if letter.delivery != .executed { letter.delivery = .unknown }
    return letter
  }
}
