import FleetModel

/// The state of the dead-letter page: a window on the store's queue, and what is marked in it.
package struct DeadLetterBrowser: Hashable, Sendable {
  /// What of a snapshot tells that the queue has changed.
  private struct Pulse: Hashable {
    var size: Int
    var newest: DeadLetterID?
    var replayed: Int
    var running: Int
    var spilled: Int

    init(_ letters: DeadLetterSnapshot) {
      size = letters.size
      newest = letters.recent.first?.id
      replayed = letters.replays.reduce(0) { $0 + $1.count.settled }
      running = letters.replays.count { $0.endedAt == nil }
      spilled = letters.spilled
    }
  }

  /// An end of the queue that the operator wants to be at, and that is not held yet.
  private enum Haste { case head, end }

  /// How many letters match, as the store counted them.
  private struct Tally: Hashable {
    var count: Int?
    /// The window's edition it was asked for.
    var edition = 0
    var askedAt: Timestamp?
    var question: Int?
  }

  /// Only this server's letters; nil shows all.
  let server: ServerID?
  /// The filter that is on.
  private(set) var query = LetterQuery()
  /// The filter while it is typed.
  var draft = "" { didSet { problem = nil } }
  /// Why what is typed was not applied.
  var problem: String?
  private(set) var window = LetterWindow()
  private(set) var marks = LetterMarks()
  /// What the last command was about, until it has ended.
  private var dealtWith: LetterMarks?
  var selection: DeadLetterID?
  /// The selected row as it was last seen.
  private(set) var row = 0
  /// The first row on the screen.
  private(set) var top = 0
  /// The selected letter fills the page.
  var isReading = false
  /// The first line of that on the screen.
  var readingTop = 0
  private var haste: Haste?
  private var pulse: Pulse?
  private var isDue = false
  private var tally = Tally()

  /// Seconds between two readings of the same part, and before one that failed is tried again.
  private static let renewalSeconds: Int64 = 1
  /// The same for what makes the store look at every letter: texts, and counts.
  private static let laboriousSeconds: Int64 = 5
  private static let retrySeconds: Int64 = 3
  /// Rows before an end at which what lies behind it is read.
  private static let foresight = 30

  init(server: ServerID?) { self.server = server }

  /// The letters listed, newest first.
  var letters: [DeadLetter] { window.letters }

  var selected: DeadLetter? { letters.indices.contains(row) ? letters[row] : nil }

  /// The way to the end goes on with every answer, until another key.
  var isUnderWay: Bool { haste == .end }

  /// Nothing was read yet by the filter that is on, and nobody knows why.
  var isLoading: Bool { window.filter == nil && window.failure == nil }

  // MARK: Moving

  mutating func move(by rows: Int) {
    guard !letters.isEmpty else { return }
    select(letters[min(max(row + rows, 0), letters.count - 1)].id)
    guard abs(rows) > LetterWindow.heldLimit else { return }
    haste = rows > 0 ? .end : window.isAtHead ? nil : .head
  }

  mutating func select(_ id: DeadLetterID) {
    if selection != id { readingTop = 0 }
    haste = nil
    selection = id
    row = letters.firstIndex { $0.id == id } ?? row
  }

  mutating func toggleReading() { isReading = !isReading && selected != nil }

  /// Keeps the selection on its letter, and the letter where it was on the screen.
  ///
  /// - Returns: whether the letter that was read is gone, which is then not read any more.
  mutating func settle(rowCount: Int) -> Bool {
    let (before, read) = (row, isReading ? selection : nil)
    if let index = selection.flatMap({ id in letters.firstIndex { $0.id == id } }) {
      row = index
    } else {
      row = max(0, min(row, letters.count - 1))
      // Its place is the next one's; while nothing is listed it may still come back.
      if !letters.isEmpty { selection = letters[row].id }
    }
    let isShown = (top..<top + max(1, rowCount)).contains(before)
    top = Scroll.top(
      isShown ? top + row - before : top, selected: letters.isEmpty ? nil : row,
      count: letters.count, rows: rowCount)
    guard let read, read != selection || letters.isEmpty else { return false }
    isReading = false
    return true
  }

  // MARK: Filter

  mutating func apply(_ query: LetterQuery) {
    guard query != self.query else { return }
    self.query = query
    marks.turnPage()
    window.forget()
    haste = nil
    tally = Tally()
    selection = nil
    (row, top, readingTop) = (0, 0, 0)
    isReading = false
  }

  // MARK: Marks

  mutating func toggleMark() {
    guard let selected else { return }
    if marks.everything != nil { marks.clear() }
    marks.toggle(selected)
    move(by: 1)
  }

  /// What was marked is being dealt with.
  mutating func unmark() {
    dealtWith = marks
    marks.clear()
  }

  /// What was dealt with is done; or it is not, and is marked as before.
  mutating func settleMarks(isDone: Bool) {
    if !isDone, marks.isEmpty { marks = dealtWith ?? marks }
    dealtWith = nil
  }

  /// All letters listed, or none.
  mutating func toggleAll() {
    guard marks.everything == nil else { return marks.clear() }
    marks.toggle(letters)
  }

  /// All that match the filter and are older than `now`, or none.
  mutating func toggleEverything(now: Timestamp) {
    guard marks.everything == nil else { return marks.clear() }
    var filter = query.filter(at: now, on: server)
    filter.before = filter.before ?? now
    marks.mark(everything: filter)
  }

  // MARK: Reading

  /// What is to be asked of the store just now.
  ///
  /// - Parameters:
  ///   - number: makes the numbers of questions.
  ///   - isStill: the screen stands still, so nothing is read anew.
  mutating func questions(
    _ snapshot: Snapshot, isStill: Bool, number: () -> Int
  ) -> [Effect] {
    var effects: [Effect] = []
    if !window.isAsking, let aim = nextAim(snapshot, isStill: isStill) {
      let again = aim == .anew || aim == .again || aim == .head
      if again { pulse = Pulse(snapshot.deadLetters) }
      if aim == .head { haste = nil }
      isDue = isDue && !again
      let filter = again ? nil : window.filter
      effects.append(
        .readLetters(
          window.ask(
            aim, filter ?? query.filter(at: snapshot.at, on: server), number: number())))
    }
    if isCountWanted(snapshot), let filter = window.filter {
      tally.question = number()
      tally.edition = window.edition
      tally.askedAt = snapshot.at
      effects += tally.question.map { [.countLetters($0, filter)] } ?? []
    }
    return effects
  }

  private func nextAim(_ snapshot: Snapshot, isStill: Bool) -> LetterWindow.Aim? {
    let age = window.answeredAt.map { $0.seconds(until: snapshot.at) } ?? .max
    // Time that runs backwards is another engine's.
    func isOver(_ seconds: Int64) -> Bool { age < 0 || age >= seconds }
    if window.failure != nil {
      guard isOver(Self.retrySeconds) else { return nil }
      return window.filter == nil ? .anew : .again
    }
    if window.filter == nil { return .anew }
    if haste == .head { return .head }
    if row >= letters.count - Self.foresight, window.hasMore {
      return .onward(isUnderWay ? LetterWindow.strideLimit : LetterWindow.pageLimit)
    }
    if row < Self.foresight, !window.isAtHead { return .backward }
    let isChanged = isDue || pulse != Pulse(snapshot.deadLetters)
    let pause = window.filter?.text == nil ? Self.renewalSeconds : Self.laboriousSeconds
    return !isStill && isChanged && isOver(pause) ? .again : nil
  }

  /// Something was done to the letters.
  mutating func becomeDue() { isDue = true }

  /// Takes in an answer; one that nobody waits for changes nothing.
  mutating func take(
    _ number: Int, _ result: Result<DeadLetterPage, CommandError>, at now: Timestamp?
  ) {
    guard window.take(number, result, at: now, selected: row) else { return }
    marks.follow(window)
    if isUnderWay, let last = letters.last {
      select(last.id)
      if window.hasMore, window.failure == nil { haste = .end }
    }
  }

  // MARK: Counting

  private func isCountWanted(_ snapshot: Snapshot) -> Bool {
    let age = tally.askedAt.map { $0.seconds(until: snapshot.at) } ?? .max
    return tally.question == nil && window.filter != nil && !window.isWhole
      && tally.edition != window.edition && knownTotal(snapshot) == nil
      && (age < 0 || age >= Self.laboriousSeconds)
  }

  mutating func takeCount(_ number: Int, _ result: Result<Int?, CommandError>) {
    guard tally.question == number else { return }
    tally.question = nil
    // What cannot be counted just now was said by the reading, or will be.
    if case .success(let count) = result { tally.count = count }
  }

  /// Open letters are counted in every snapshot.
  private func knownTotal(_ snapshot: Snapshot?) -> Int? {
    guard query.isEmpty, let snapshot else { return nil }
    return server.map { snapshot.server($0)?.deadLetterCount } ?? snapshot.deadLetters.size
  }

  /// How many letters match; nil while nobody knows.
  func total(in snapshot: Snapshot?) -> Int? {
    let seen = window.above + letters.count
    if window.isWhole { return seen }
    return (knownTotal(snapshot) ?? tally.count).map { max($0, seen + (window.hasMore ? 1 : 0)) }
  }
}

extension Delivery {
  /// How sure we are that it ran, in a few words.
  var certainty: String {
    switch self {
    case .notSent: "not sent"
    case .refused: "refused"
    case .unknown: "may have run"
    case .executed: "ran"
    }
  }
}
