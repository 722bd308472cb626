package import FleetModel
import Resilience

/// Stands between the engine and the store of dead letters: a call waits for the store two seconds
/// at most, and what the store does not take waits here until it works again.
///
/// A letter whose adding timed out may be in the store all the same; its id makes it one letter.
package struct LetterSpill: Sendable {
  package enum Effect: Sendable {
    /// Answered by `added`.
    case add(DeadLetter)
    /// Where the letter is, and why when it is lost; its caller may be told.
    case settle(DeadLetterID, LetterKeeping, DeadLetterStoreError? = nil)
    case announce(Notice.Severity, String)
    /// Everything from the file of the last run is in the store.
    case forgetFile
  }

  private struct Entry: Sendable {
    var letter: DeadLetter
    var isAdding: Bool
  }

  /// Letters that wait in memory.
  package static let limit = 1000
  /// How long the store may take for one letter.
  package static let patience = Duration.seconds(2)
  /// Between two tries while the store does not work; doubled up to the longest.
  package static let firstPause = Duration.seconds(1)
  package static let longestPause = Duration.seconds(30)
  /// Waiting letters given to the store at once.
  package static let addLimit = 8

  /// Why the store takes no letters; nil while it does.
  package private(set) var trouble: String?
  package private(set) var counts = Counts()
  /// Whose callers wait.
  private var direct: [DeadLetterID: DeadLetter] = [:]
  /// The longest waiting first.
  private var waiting: [Entry] = []
  /// Until when the store's answer is waited for.
  private var deadlines = DeadlineQueue<DeadLetterID>()
  private var pause = firstPause
  private var retryAt: Instant?
  /// A store in trouble is not tried again: the file has what it does not take.
  private var isStopping = false
  /// Of the last run's file, not in the store yet.
  private var restored: Set<DeadLetterID> = []

  package struct Counts: Hashable, Sendable {
    package var kept = 0
    package var refused = 0
    package var dropped = 0
  }

  package init() {}

  /// Letters that wait in memory, the longest waiting first.
  package var letters: [DeadLetter] { waiting.map(\.letter) }

  package var count: Int { waiting.count }

  /// Nobody waits, and nothing is on its way to a store that works.
  package var isQuiet: Bool { direct.isEmpty && (waiting.isEmpty || trouble != nil) }

  package var nextDeadline: Instant? {
    [deadlines.next, retryAt].compactMap(\.self).min()
  }

  package mutating func keep(_ letter: DeadLetter, at now: Instant) -> [Effect] {
    guard trouble == nil else { return spill(letter, isAdding: false) }
    direct[letter.id] = letter
    deadlines.set(letter.id, at: now + Self.patience)
    return [.add(letter)]
  }

  /// What an earlier run could not give to the store.
  package mutating func restore(_ letters: [DeadLetter], at now: Instant) -> [Effect] {
    let known = Set(waiting.map(\.letter.id))
    let new = letters.filter { !known.contains($0.id) }
    restored.formUnion(letters.map(\.id))
    waiting.insert(contentsOf: new.map { Entry(letter: $0, isAdding: false) }, at: 0)
    return restored.isEmpty ? [.forgetFile] : trouble == nil ? drain(at: now) : []
  }

  /// A store that works still gets all there is.
  package mutating func stop() {
    isStopping = true
    retryAt = nil
  }

  /// Of the store's oldest, for what others added.
  package mutating func dropped(_ count: Int) { counts.dropped += count }

  package mutating func added(
    _ id: DeadLetterID, _ result: Result<DeadLetterAddition, DeadLetterStoreError>,
    at now: Instant
  ) -> [Effect] {
    deadlines.remove(id)
    switch result {
    case .success(let addition):
      counts.dropped += addition.dropped
      var effects: [Effect] = []
      if direct.removeValue(forKey: id) != nil {
        counts.kept += 1
        effects.append(.settle(id, .stored))
      }
      waiting.removeAll { $0.letter.id == id }
      if restored.remove(id) != nil, restored.isEmpty { effects.append(.forgetFile) }
      return effects + recover() + drain(at: now)
    case .failure(let error):
      if let letter = direct.removeValue(forKey: id) {
        return spill(letter, isAdding: false) + fail(error.message, at: now)
      }
      if let index = waiting.firstIndex(where: { $0.letter.id == id }) {
        // To the end: one that the store never takes must not hold up the others.
        var entry = waiting.remove(at: index)
        entry.isAdding = false
        waiting.append(entry)
      }
      return fail(error.message, at: now)
    }
  }

  package mutating func timeReached(_ now: Instant) -> [Effect] {
    var effects: [Effect] = []
    var isLate = false
    while let id = deadlines.popDue(now) {
      isLate = true
      if let letter = direct.removeValue(forKey: id) {
        effects += spill(letter, isAdding: true)
      }
    }
    if isLate {
      let words = "no answer within \(Self.patience.components.seconds) s"
      effects += fail(words, at: now)
    }
    if let retryAt, retryAt <= now {
      pause = min(pause * 2, Self.longestPause)
      self.retryAt = now + pause
      effects += add(atMost: 1, at: now)
    }
    return effects
  }

  // MARK: - Trouble

  /// The caller has its outcome now: kept, as far as memory keeps.
  private mutating func spill(_ letter: DeadLetter, isAdding: Bool) -> [Effect] {
    guard waiting.count < Self.limit else {
      counts.refused += 1
      let error = DeadLetterStoreError(
        "the store does not work (\(trouble ?? "no answer")), and the \(Self.limit) places in "
          + "memory are taken")
      return [.settle(letter.id, .lost, error)]
    }
    counts.kept += 1
    waiting.append(Entry(letter: letter, isAdding: isAdding))
    return [.settle(letter.id, .memory)]
  }

  private mutating func fail(_ words: String, at now: Instant) -> [Effect] {
    let isNew = trouble == nil
    trouble = words
    if isNew { pause = Self.firstPause }
    if !isStopping, isNew || retryAt == nil { retryAt = now + pause }
    guard isNew else { return [] }
    return [
      .announce(
        .error,
        "the dead-letter store does not work: \(words); \(amount("waits", "wait")) in memory")
    ]
  }

  private mutating func recover() -> [Effect] {
    guard trouble != nil else { return [] }
    trouble = nil
    retryAt = nil
    pause = Self.firstPause
    return [
      .announce(
        .info, "the dead-letter store works again; \(amount("goes", "go")) into it")
    ]
  }

  /// `1 letter waits`, `12 letters wait`.
  private func amount(_ one: String, _ many: String) -> String {
    waiting.count == 1 ? "1 letter \(one)" : "\(waiting.count) letters \(many)"
  }

  private mutating func drain(at now: Instant) -> [Effect] {
    trouble == nil ? add(atMost: Self.addLimit, at: now) : []
  }

  private mutating func add(atMost count: Int, at now: Instant) -> [Effect] {
    var room = min(count, Self.addLimit - waiting.count { $0.isAdding })
    var effects: [Effect] = []
    for index in waiting.indices where room > 0 && !waiting[index].isAdding {
      room -= 1
      waiting[index].isAdding = true
      deadlines.set(waiting[index].letter.id, at: now + Self.patience)
      effects.append(.add(waiting[index].letter))
    }
    return effects
  }
}
