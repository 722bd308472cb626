import FleetModel

/// What is known of a letter that a command may mean, for the dialog that asks about it.
struct LetterMark: Hashable, Sendable {
  var id: DeadLetterID
  var server: ServerID
  /// The tool, or what else was called.
  var call: String
  var createdAt: Timestamp
  var state: DeadLetter.State
  var isReadable: Bool
  var isUnsafe: Bool
  var isRedacted: Bool
  var needsToken: Bool

  init(_ letter: DeadLetter) {
    id = letter.id
    server = letter.server
    call = letter.target ?? letter.method
    createdAt = letter.createdAt
    state = letter.state
    isReadable = letter.fault == nil
    isUnsafe = letter.isUnsafeToReplay
    isRedacted = !letter.redacted.isEmpty
    needsToken = letter.needsToken
  }
}

/// The letters that are marked: some by their ids, or all that match what the page shows.
///
/// Marks stay while the list moves and while it is filtered otherwise.
struct LetterMarks: Hashable, Sendable {
  private struct Entry: Hashable {
    var mark: LetterMark
    /// Was seen on the list under its present filter.
    var isListed: Bool
  }

  /// Marks one person can mean.
  static let limit = 10_000

  /// All that match it, however many; nil where letters are marked one by one.
  private(set) var everything: DeadLetterFilter?
  private var entries: [DeadLetterID: Entry] = [:]

  /// Newest first.
  var marks: [LetterMark] {
    entries.values.map(\.mark).sorted { ($1.createdAt, $1.id) < ($0.createdAt, $0.id) }
  }

  var count: Int { entries.count }
  var isEmpty: Bool { everything == nil && entries.isEmpty }
  /// Marked letters that the present filter has not shown.
  var hiddenCount: Int { entries.values.count { !$0.isListed } }

  func contains(_ letter: DeadLetter) -> Bool {
    if let everything {
      var seen = everything
      // The store found the text where the list was read.
      seen.text = nil
      return seen.matches(letter)
    }
    return entries[letter.id] != nil
  }

  mutating func toggle(_ letter: DeadLetter) {
    if entries.removeValue(forKey: letter.id) == nil { insert(letter) }
  }

  /// Marks all of the letters, or none where all are marked.
  mutating func toggle(_ letters: [DeadLetter]) {
    if letters.allSatisfy({ entries[$0.id] != nil }) {
      for letter in letters { entries[letter.id] = nil }
    } else {
      for letter in letters { insert(letter) }
    }
  }

  mutating func mark(everything filter: DeadLetterFilter) {
    entries = [:]
    everything = filter
  }

  mutating func clear() { self = LetterMarks() }

  /// The list is filtered anew: what meant the old filter means nothing now.
  mutating func turnPage() {
    everything = nil
    for id in entries.keys { entries[id]?.isListed = false }
  }

  /// Takes in what the letters have become; one that the list should have and has not is gone.
  mutating func follow(_ window: LetterWindow) {
    guard !entries.isEmpty else { return }
    let held = Dictionary(window.letters.map { ($0.id, $0) }) { first, _ in first }
    entries = entries.compactMapValues { entry in
      if let letter = held[entry.mark.id] {
        return Entry(mark: LetterMark(letter), isListed: true)
      }
      let isMissed =
        entry.isListed && window.covers(createdAt: entry.mark.createdAt, id: entry.mark.id)
      return isMissed ? nil : entry
    }
  }

  private mutating func insert(_ letter: DeadLetter) {
    guard entries.count < Self.limit else { return }
    entries[letter.id] = Entry(mark: LetterMark(letter), isListed: true)
  }
}
