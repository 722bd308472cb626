import FleetModel

/// The part of the queue that is held in memory: a run of letters without a gap, newest first.
///
/// The store only reads onwards, so each part that was given up at the upper end leaves the cursor
/// behind that leads to it again.
struct LetterWindow: Hashable, Sendable {
  enum Aim: Hashable {
    /// The newest, by a new filter; nothing is held meanwhile.
    case anew
    /// The same part once more, for what has changed in it.
    case again
    /// So many that follow.
    case onward(Int)
    /// The part before the one that is held.
    case backward
    /// The newest, by the same filter, instead of the part that is held.
    case head
  }

  private struct Question: Hashable {
    var request: LetterRequest
    var aim: Aim
  }

  private struct Start: Hashable {
    var cursor: DeadLetterCursor?
    /// Letters before it when it was left.
    var above: Int
  }

  /// Letters of one page.
  static let pageLimit = 100
  /// Letters read at once by someone in a hurry to the end.
  static let strideLimit = 500
  /// Letters held; where there are more the upper ones are given up.
  static let heldLimit = 1000
  /// Letters kept above the selected one when the upper ones are given up.
  private static let margin = 100

  private(set) var letters: [DeadLetter] = []
  /// What the letters were read by; nil while nothing was read.
  private(set) var filter: DeadLetterFilter?
  /// The store's words where it did not answer the last question.
  private(set) var failure: String?
  /// When the last question was answered, well or not.
  private(set) var answeredAt: Timestamp?
  /// Of the last answer that read the part from its beginning.
  private(set) var edition = 0
  private var starts = [Start(cursor: nil, above: 0)]
  private var next: DeadLetterCursor?
  private var question: Question?

  var isAsking: Bool { question != nil }
  /// Older letters follow.
  var hasMore: Bool { next != nil }
  /// Letters that were given up before the first that is held.
  var above: Int { starts.last?.above ?? 0 }
  var isAtHead: Bool { starts.count == 1 }
  /// All that there are.
  var isWhole: Bool { filter != nil && isAtHead && !hasMore }

  mutating func ask(
    _ aim: Aim, _ filter: DeadLetterFilter, number: Int
  ) -> LetterRequest {
    if aim == .anew { forget() }
    let (cursor, limit): (DeadLetterCursor?, Int) =
      switch aim {
      case .anew, .head: (nil, Self.pageLimit)
      case .again: (starts.last?.cursor, max(Self.pageLimit, letters.count))
      case .onward(let count): (next, count)
      case .backward: (starts.dropLast().last?.cursor, Self.heldLimit)
      }
    let request = LetterRequest(
      number: number, filter: filter, cursor: cursor, limit: min(limit, Self.heldLimit))
    question = Question(request: request, aim: aim)
    return request
  }

  /// Gives up what is held and whatever was asked.
  mutating func forget() { self = LetterWindow() }

  /// - Parameter selected: the row that must stay held.
  /// - Returns: false when nobody waits for this answer any more.
  mutating func take(
    _ number: Int, _ result: Result<DeadLetterPage, CommandError>, at now: Timestamp?,
    selected: Int
  ) -> Bool {
    guard let question, question.request.number == number else { return false }
    self.question = nil
    answeredAt = now
    switch result {
    case .failure(let error): failure = error.sentence
    case .success(let page):
      failure = nil
      keep(page, question, selected)
    }
    return true
  }

  private mutating func keep(_ page: DeadLetterPage, _ question: Question, _ selected: Int) {
    var asked = question.request.filter
    // The store alone looks for texts; everything else can be seen here too.
    asked.text = nil
    let read = page.letters.prefix(question.request.limit).filter { asked.matches($0) }
    filter = question.request.filter
    // A store that does not get on is not asked the same for ever.
    next = page.next == question.request.cursor ? nil : page.next
    switch question.aim {
    case .anew, .again, .head:
      if question.aim == .head { starts = [Start(cursor: nil, above: 0)] }
      letters = read
      edition = question.request.number
    case .backward:
      if starts.count > 1 { starts.removeLast() }
      letters = read
    case .onward:
      let held = Set(letters.map(\.id))
      letters += read.filter { !held.contains($0.id) }
      giveUpUpper(selected)
    }
  }

  private mutating func giveUpUpper(_ selected: Int) {
    guard letters.count > Self.heldLimit else { return }
    let surplus = min(letters.count - Self.heldLimit / 2, max(0, selected - Self.margin))
    guard surplus > 0 else { return }
    starts.append(
      Start(cursor: DeadLetterCursor(after: letters[surplus - 1]), above: above + surplus))
    letters.removeFirst(surplus)
  }

  /// Whether a letter of this place would be held if it were still there.
  func covers(createdAt: Timestamp, id: DeadLetterID) -> Bool {
    guard filter != nil else { return false }
    if let cursor = starts.last?.cursor, (createdAt, id) >= (cursor.createdAt, cursor.id) {
      return false
    }
    guard hasMore else { return true }
    guard let last = letters.last else { return false }
    return (createdAt, id) >= (last.createdAt, last.id)
  }
}
