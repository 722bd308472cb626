import FleetModel
import Testing

@testable import Engine

@Suite struct `The desk of dead letters` {
  private static let letter = ReplayBench.letter(1)

  private static func desk(
    _ change: (inout DeadLetterPolicy) -> Void = { _ in }
  ) -> LetterDesk {
    var policy = DeadLetterPolicy()
    change(&policy)
    return LetterDesk(policy, engineName: "test")
  }

  /// On a fleet with the server `bank`.
  private static func feed(
    _ desk: inout LetterDesk, _ event: LetterDesk.Event, at seconds: Int = 0,
    standing: ServerStanding = .passing
  ) -> [LetterDesk.Effect] {
    var stage = ReplayBench.Stage()
    stage.standings[ReplayBench.bank] = standing
    return desk.handle(
      event, at: .origin + .seconds(seconds), civil: ReplayBench.epoch + .seconds(seconds),
      in: stage)
  }

  private static func notices(_ effects: [LetterDesk.Effect]) -> [String] {
    effects.compactMap {
      switch $0 {
      case .announce(_, let text), .spill(.announce(_, let text)): text
      case .spill, .replay, .ended, .sweep, .tally: nil
      }
    }
  }

  private static func announcements(_ effects: [LetterDesk.Effect]) -> [String] {
    effects.compactMap {
      if case .announce(let severity, let text) = $0 { "\(severity): \(text)" } else { nil }
    }
  }

  private static func picture(_ desk: LetterDesk, at seconds: Int = 0) -> DeadLetterSnapshot {
    var picture = DeadLetterSnapshot()
    desk.fill(&picture, at: ReplayBench.epoch + .seconds(seconds))
    return picture
  }

  private static func isSweep(_ effects: [LetterDesk.Effect]) -> Bool {
    effects.contains { if case .sweep = $0 { true } else { false } }
  }

  @Test func `has the store swept at its start and every ten minutes`() {
    var desk = Self.desk()
    #expect(Self.isSweep(Self.feed(&desk, .start)))
    #expect(desk.nextDeadline == .origin + .seconds(600))
    #expect(Self.isSweep(Self.feed(&desk, .timeReached, at: 600)))
    #expect(Self.notices(Self.feed(&desk, .swept(0))) == [])
    #expect(Self.notices(Self.feed(&desk, .swept(3))) == ["3 dead letters expired"])
    #expect(Self.picture(desk).counts.expired == 3)
  }

  @Test func `tells of dropped letters at most once a minute, and of all of them`() {
    var desk = Self.desk { $0.entryLimit = 10 }
    var notices: [String] = []
    for second in 0..<120 {
      let letter = ReplayBench.letter(second)
      notices += Self.notices(Self.feed(&desk, .timeReached, at: second))
      _ = Self.feed(&desk, .keep(letter), at: second)
      let addition = DeadLetterAddition(isNew: true, dropped: 1)
      notices += Self.notices(
        Self.feed(&desk, .added(letter.id, .success(addition)), at: second))
    }
    #expect(
      notices == [
        "the oldest dead letter was dropped: the store holds 10",
        "the 59 oldest dead letters were dropped: the store holds 10",
      ])
    #expect(Self.picture(desk).dropped == 120)
  }

  @Test func `counts what letters from elsewhere pushed out, and tells it`() {
    var desk = Self.desk { $0.entryLimit = 10 }
    #expect(Self.notices(Self.feed(&desk, .dropped(0))) == [])
    #expect(
      Self.notices(Self.feed(&desk, .dropped(20))) == [
        "the 20 oldest dead letters were dropped: the store holds 10"
      ])
    #expect(Self.picture(desk).dropped == 20)
  }

  @Test func `tells once that letters cannot be read`() {
    var desk = Self.desk()
    let error = DeadLetterStoreError("no such file")
    #expect(
      Self.notices(Self.feed(&desk, .read(.failure(error)))) == [
        "dead letters cannot be read: no such file"
      ])
    #expect(Self.notices(Self.feed(&desk, .read(.failure(error)))) == [])
    #expect(Self.picture(desk).trouble == "no such file")
    _ = Self.feed(&desk, .read(.success(nil)))
    #expect(Self.picture(desk).trouble == nil)
  }

  @Test func `counts anew when the last letter that waited is in the store`() {
    var desk = Self.desk()
    func tallies(_ effects: [LetterDesk.Effect]) -> Bool {
      effects.contains { if case .tally = $0 { true } else { false } }
    }
    let letters = (0..<2).map { ReplayBench.letter($0) }
    let added = Result<DeadLetterAddition, DeadLetterStoreError>.success(
      DeadLetterAddition(isNew: true))
    _ = Self.feed(&desk, .restore(letters))
    #expect(!tallies(Self.feed(&desk, .added(letters[0].id, added))))
    #expect(tallies(Self.feed(&desk, .added(letters[1].id, added))))
    _ = Self.feed(&desk, .keep(letters[0]))
    #expect(!tallies(Self.feed(&desk, .added(letters[0].id, added))), "it did not wait")
  }

  @Test func `tells how durable the store is when it is known and when it changes, once each`() {
    var desk = Self.desk()
    func read(_ durability: DeadLetterDurability?) -> [String] {
      Self.announcements(Self.feed(&desk, .read(.success(durability))))
    }
    let (safe, lossy) = (
      DeadLetterDurability(.durable, "on the disk"), DeadLetterDurability(.lossy, "in memory")
    )
    #expect(read(nil) == [])
    #expect(read(safe) == [], "all is as it should be")
    #expect(read(lossy) == ["warning: dead letters may be lost: in memory"])
    #expect(read(lossy) == [])
    _ = Self.feed(&desk, .read(.failure(DeadLetterStoreError("gone"))))
    #expect(read(lossy) == [], "it is no news when the store is back")
    #expect(Self.picture(desk).durability == lossy)
    #expect(
      read(DeadLetterDurability(.almost, "a second")) == ["info: dead letters: a second"])
    #expect(read(safe) == ["info: dead letters are safe: on the disk"])
    #expect(Self.picture(desk).durability == safe)
  }

  @Test func `gives up replays whose store does not answer, with what was left`() {
    var desk = Self.desk()
    let number = desk.replay(ReplayOrder(.all, owner: "anna"), at: ReplayBench.epoch)
    _ = Self.feed(&desk, .replay(number, .begin))
    _ = Self.feed(&desk, .stop)
    #expect(!desk.isQuiet, "the store was asked for a page")
    let runs = desk.abandonReplays()
    #expect(runs.map(\.number) == [number])
    #expect(runs.first?.trouble == "the store does not answer")
    #expect(desk.isQuiet)
  }

  // MARK: - Replays

  private static func end(_ desk: inout LetterDesk, _ number: Int, at seconds: Int) {
    _ = feed(&desk, .replay(number, .begin), at: seconds)
    _ = feed(&desk, .replay(number, .paged(DeadLetterPage())), at: seconds)
  }

  @Test func `shows the replays that run and the last five that ended, for ten minutes`() {
    var desk = Self.desk()
    for second in 0..<7 {
      let number = desk.replay(ReplayOrder(.all), at: ReplayBench.epoch)
      Self.end(&desk, number, at: second)
    }
    let running = desk.replay(ReplayOrder(.all, owner: "anna"), at: ReplayBench.epoch)
    _ = Self.feed(&desk, .replay(running, .begin))
    #expect(Self.picture(desk, at: 10).replays.map(\.number) == [3, 4, 5, 6, 7, 8])
    #expect(Self.picture(desk, at: 10).replays.last?.owner == "anna")
    #expect(Self.picture(desk, at: 603).replays.map(\.number) == [5, 6, 7, 8])
    #expect(Self.picture(desk, at: 1000).replays.map(\.number) == [8])
  }

  @Test func `shows a dry run while it runs, and no result of it among those of replays`() {
    var desk = Self.desk()
    Self.end(&desk, desk.replay(ReplayOrder(.all), at: ReplayBench.epoch), at: 0)
    let dry = desk.replay(ReplayOrder(.all, isDryRun: true), at: ReplayBench.epoch)
    _ = Self.feed(&desk, .replay(dry, .begin))
    #expect(Self.picture(desk).replays.map(\.isDryRun) == [false, true])
    Self.end(&desk, dry, at: 1)
    #expect(Self.picture(desk).replays.map(\.number) == [1])
  }

  @Test func `gives each replay a lease of its own, whoever asks`() {
    var desk = Self.desk()
    var owners: Set<String> = []
    for _ in 0..<3 {
      let number = desk.replay(ReplayOrder(.all, owner: "anna"), at: ReplayBench.epoch)
      for effect in Self.feed(&desk, .replay(number, .begin)) {
        if case .replay(_, let owner, _) = effect { owners.insert(owner) }
      }
    }
    #expect(owners.count == 3 && owners.allSatisfy { $0.hasPrefix("anna #") })
  }

  @Test func `stops one replay, or all`() {
    var desk = Self.desk()
    for _ in 0..<3 {
      let number = desk.replay(ReplayOrder(.all), at: ReplayBench.epoch)
      _ = Self.feed(&desk, .replay(number, .begin))
    }
    _ = Self.feed(&desk, .stopReplay(2))
    #expect(Self.picture(desk).replays.map(\.isStopping) == [false, true, false])
    _ = Self.feed(&desk, .stopReplay(nil))
    #expect(Self.picture(desk).replays.allSatisfy { $0.isStopping })
    for number in 1...3 { _ = Self.feed(&desk, .replay(number, .paged(DeadLetterPage()))) }
    #expect(desk.isQuiet)
  }

  @Test func `begins no replay that outlives its stop`() {
    var desk = Self.desk()
    _ = Self.feed(&desk, .stop)
    let number = desk.replay(ReplayOrder(.all), at: ReplayBench.epoch)
    _ = Self.feed(&desk, .replay(number, .begin))
    let page = DeadLetterPage(letters: [Self.letter])
    _ = Self.feed(&desk, .replay(number, .paged(page)))
    #expect(desk.isQuiet)
  }

  // MARK: - The processor

  /// The letters that a run of the processor asks for.
  private static func processed(
    _ letters: [DeadLetter], standing: ServerStanding = .passing,
    _ change: (inout LetterProcessor) -> Void = { _ in }
  ) -> [DeadLetterID] {
    var desk = desk {
      $0.processor.isOn = true
      change(&$0.processor)
    }
    _ = feed(&desk, .start)
    _ = feed(&desk, .timeReached, at: 300)
    let page = DeadLetterPage(letters: letters.reversed())
    return feed(&desk, .replay(1, .paged(page)), at: 300, standing: standing).flatMap {
      if case .replay(_, _, .claim(let ids, let isForced, _)) = $0 {
        #expect(!isForced)
        return ids
      }
      return []
    }
  }

  @Test func `sends again by itself only when it is told to`() {
    var desk = Self.desk()
    _ = Self.feed(&desk, .start)
    _ = Self.feed(&desk, .timeReached, at: 300)
    #expect(desk.running == [])
    var other = Self.desk { $0.processor.isOn = true }
    _ = Self.feed(&other, .start)
    _ = Self.feed(&other, .timeReached, at: 299)
    #expect(other.running == [])
    _ = Self.feed(&other, .timeReached, at: 300)
    #expect(other.running == [1])
  }

  @Test func `leaves to a person what may have executed, what needs a secret and open breakers`() {
    var letters = (0..<5).map { ReplayBench.letter($0) }
    letters[0].delivery = .unknown
    letters[1].needsToken = true
    letters[2].fault = "no JSON"
    letters[3].replayCount = 3
    #expect(Self.processed(letters) == [letters[4].id])
    #expect(Self.processed(letters, standing: .blocked) == [])
    #expect(Self.processed(letters, standing: .probing) == [])
  }

  @Test func `follows its rules: server, tool, kind, delivery, age, replays`() {
    let letters = (0..<4).map { ReplayBench.letter($0) }
    func sent(_ rule: LetterProcessor.Rule) -> Int {
      Self.processed(letters) { $0.rules = [rule] }.count
    }
    #expect(sent(.init()) == 4)
    #expect(sent(.init(server: ServerID("other"))) == 0)
    #expect(sent(.init(server: ReplayBench.bank, tool: "pay", kind: "429")) == 4)
    #expect(sent(.init(tool: "sell")) == 0)
    #expect(sent(.init(kind: "503")) == 0)
    #expect(sent(.init(deliveries: [.notSent])) == 0)
    #expect(sent(.init(minimumAge: .seconds(99_999 + 300))) == 2)
    #expect(sent(.init(replayLimit: 0)) == 0)
    #expect(Self.processed(letters) { $0.runLimit = 3 } == letters.prefix(3).map(\.id))
  }

  @Test func `says nothing of a run without work, and runs again after the interval`() {
    var desk = Self.desk { $0.processor.isOn = true }
    _ = Self.feed(&desk, .start)
    _ = Self.feed(&desk, .timeReached, at: 300)
    let effects = Self.feed(&desk, .replay(1, .paged(DeadLetterPage())), at: 310)
    #expect(Self.notices(effects) == [] && Self.picture(desk, at: 310).replays == [])
    _ = Self.feed(&desk, .timeReached, at: 600)
    #expect(desk.running == [])
    _ = Self.feed(&desk, .timeReached, at: 610)
    #expect(desk.running == [2])
  }
}
