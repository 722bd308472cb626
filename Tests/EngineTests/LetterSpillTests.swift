import Engine
import FleetModel
import Testing

@Suite struct `Letters whose store does not work` {
  private static let full = DeadLetterStoreError("the disk is full")
  private static let added = Result<DeadLetterAddition, DeadLetterStoreError>.success(
    DeadLetterAddition(isNew: true))

  private static func letter(_ number: Int) -> DeadLetter { ReplayBench.letter(number) }

  /// What the callers were told.
  private static func settled(
    _ effects: [LetterSpill.Effect]
  ) -> [DeadLetterID: LetterKeeping] {
    effects.reduce(into: [:]) {
      if case .settle(let id, let keeping, let error) = $1 {
        $0[id] = keeping
        #expect((error != nil) == (keeping == .lost), "what is lost has a reason")
      }
    }
  }

  private static func adds(_ effects: [LetterSpill.Effect]) -> [DeadLetterID] {
    effects.compactMap { if case .add(let letter) = $0 { letter.id } else { nil } }
  }

  private static func notices(_ effects: [LetterSpill.Effect]) -> [String] {
    effects.compactMap { if case .announce(_, let text) = $0 { text } else { nil } }
  }

  @Test func `are kept in memory, and their callers do not wait`() {
    var spill = LetterSpill()
    #expect(Self.adds(spill.keep(Self.letter(1), at: .origin)) == [Self.letter(1).id])
    let effects = spill.added(Self.letter(1).id, .failure(Self.full), at: .origin)
    #expect(Self.settled(effects) == [Self.letter(1).id: .memory])
    #expect(
      Self.notices(effects) == [
        "the dead-letter store does not work: the disk is full; 1 letter waits in memory"
      ])
    let next = spill.keep(Self.letter(2), at: .origin)
    #expect(Self.settled(next) == [Self.letter(2).id: .memory])
    #expect(Self.notices(next) == [] && Self.adds(next) == [])
    #expect(spill.count == 2 && spill.trouble == "the disk is full")
  }

  @Test func `wait two seconds for a store that hangs, and no longer`() {
    var spill = LetterSpill()
    _ = spill.keep(Self.letter(1), at: .origin)
    #expect(spill.nextDeadline == .origin + .seconds(2))
    let effects = spill.timeReached(.origin + .seconds(2))
    #expect(Self.settled(effects) == [Self.letter(1).id: .memory])
    #expect(Self.notices(effects).count == 1)
    #expect(spill.letters.map(\.id) == [Self.letter(1).id])
    let late = spill.added(Self.letter(1).id, Self.added, at: .origin + .seconds(60))
    #expect(Self.settled(late) == [:], "its caller was told long ago")
    #expect(spill.count == 0 && spill.trouble == nil)
  }

  @Test func `go into the store when it works again, a few at a time`() {
    var spill = LetterSpill()
    _ = spill.keep(Self.letter(0), at: .origin)
    _ = spill.added(Self.letter(0).id, .failure(Self.full), at: .origin)
    for number in 1..<30 { _ = spill.keep(Self.letter(number), at: .origin) }
    var waiting = Self.adds(spill.timeReached(.origin + .seconds(1)))
    #expect(waiting == [Self.letter(0).id], "one to see")
    var effects = spill.added(waiting.removeFirst(), Self.added, at: .origin + .seconds(1))
    #expect(
      Self.notices(effects) == ["the dead-letter store works again; 29 letters go into it"])
    waiting += Self.adds(effects)
    #expect(waiting.count == LetterSpill.addLimit)
    var order: [DeadLetterID] = []
    while let id = waiting.first {
      waiting.removeFirst()
      order.append(id)
      effects = spill.added(id, Self.added, at: .origin + .seconds(1))
      waiting += Self.adds(effects)
      #expect(waiting.count <= LetterSpill.addLimit)
    }
    #expect(order == (1..<30).map { Self.letter($0).id })
    #expect(spill.count == 0 && spill.isQuiet && spill.nextDeadline == nil)
  }

  @Test func `are tried at growing pauses, up to half a minute`() {
    var spill = LetterSpill()
    _ = spill.keep(Self.letter(1), at: .origin)
    _ = spill.added(Self.letter(1).id, .failure(Self.full), at: .origin)
    var now = Instant.origin
    var pauses: [Int] = []
    for _ in 0..<8 {
      guard let next = spill.nextDeadline else { break }
      pauses.append(Int((next - now).seconds))
      now = next
      for id in Self.adds(spill.timeReached(now)) {
        _ = spill.added(id, .failure(Self.full), at: now)
      }
    }
    #expect(pauses == [1, 2, 4, 8, 16, 30, 30, 30])
  }

  @Test func `are not tried again when the engine stops while the store does not work`() {
    var spill = LetterSpill()
    for number in 1...3 { _ = spill.keep(Self.letter(number), at: .origin) }
    _ = spill.added(Self.letter(1).id, .failure(Self.full), at: .origin)
    spill.stop()
    _ = spill.added(Self.letter(2).id, .failure(Self.full), at: .origin)
    #expect(spill.timeReached(.origin + .seconds(2)).count == 1, "the third's caller is told")
    #expect(spill.isQuiet && spill.nextDeadline == nil)
    #expect(spill.added(Self.letter(3).id, .failure(Self.full), at: .origin).isEmpty)
    #expect(spill.nextDeadline == nil && spill.count == 3)
  }

  @Test func `all go into a store that works, also when the engine stops`() {
    var spill = LetterSpill()
    let letters = (0..<20).map { Self.letter($0) }
    var adding = Self.adds(spill.restore(letters, at: .origin))
    spill.stop()
    while let id = adding.popLast() {
      #expect(!spill.isQuiet)
      adding += Self.adds(spill.added(id, Self.added, at: .origin))
    }
    #expect(spill.isQuiet && spill.count == 0)
  }

  @Test func `are refused aloud when the memory is full`() {
    var spill = LetterSpill()
    _ = spill.keep(Self.letter(0), at: .origin)
    _ = spill.added(Self.letter(0).id, .failure(Self.full), at: .origin)
    for number in 1..<LetterSpill.limit { _ = spill.keep(Self.letter(number), at: .origin) }
    #expect(spill.count == LetterSpill.limit)
    let effects = spill.keep(Self.letter(5000), at: .origin)
    #expect(Self.settled(effects) == [Self.letter(5000).id: .lost])
    #expect(spill.count == LetterSpill.limit && spill.counts.refused == 1)
  }

  @Test func `of the last run go into the store, and only then is their file forgotten`() {
    var spill = LetterSpill()
    let letters = [Self.letter(1), Self.letter(2)]
    let effects = spill.restore(letters, at: .origin)
    #expect(Self.adds(effects) == letters.map(\.id))
    func forgets(_ effects: [LetterSpill.Effect]) -> Bool {
      effects.contains { if case .forgetFile = $0 { true } else { false } }
    }
    #expect(!forgets(effects))
    #expect(!forgets(spill.added(letters[0].id, Self.added, at: .origin)))
    #expect(forgets(spill.added(letters[1].id, Self.added, at: .origin)))
    #expect(spill.counts.kept == 0, "they were counted by the run that kept them")
  }

  @Test(arguments: UInt64(1)...100)
  func `are each settled once and in time, and in the store or in memory`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var spill = LetterSpill()
    var now = Instant.origin
    var keptAt: [DeadLetterID: Instant] = [:]
    var outcomes: [DeadLetterID: [LetterKeeping]] = [:]
    var stored: Set<DeadLetterID> = []
    var adding: [DeadLetterID] = []
    func note(_ effects: [LetterSpill.Effect]) {
      adding += Self.adds(effects)
      for (id, keeping) in Self.settled(effects) {
        outcomes[id, default: []].append(keeping)
        if keeping == .stored { #expect(stored.contains(id), "it is where it is said to be") }
        #expect(now - (keptAt[id] ?? .origin) <= LetterSpill.patience)
      }
    }
    for number in 0..<400 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1:
        keptAt[Self.letter(number).id] = now
        note(spill.keep(Self.letter(number), at: now))
      case 2 where !adding.isEmpty:
        let id = adding.remove(at: Int.random(in: 0..<adding.count, using: &random))
        let fails = Int.random(in: 0..<3, using: &random) == 0
        if !fails { stored.insert(id) }
        note(spill.added(id, fails ? .failure(Self.full) : Self.added, at: now))
      default:
        let step = now + .milliseconds(Int.random(in: 0...3000, using: &random))
        while let next = spill.nextDeadline, next <= step {
          now = max(now, next)
          note(spill.timeReached(now))
        }
        now = step
      }
    }
    while let next = spill.nextDeadline, next <= now + .seconds(3) {
      now = max(now, next)
      note(spill.timeReached(now))
    }
    let waiting = Set(spill.letters.map(\.id))
    for id in keptAt.keys {
      #expect(outcomes[id]?.count == 1)
      if outcomes[id] == [.memory] { #expect(stored.contains(id) || waiting.contains(id)) }
    }
  }
}
