import FleetModel
import TerminalUI

/// One line of a text about a letter: pieces, each at a column.
struct LetterLine {
  var pieces: [(column: Int, words: String, role: Role)]

  init(_ words: String, _ role: Role = .fg) { pieces = [(0, words, role)] }

  init(_ pieces: [(column: Int, words: String, role: Role)]) { self.pieces = pieces }
}

/// Lines under each other.
struct LetterText {
  var lines: [LetterLine]

  func draw(on drawing: inout Drawing, in inside: Rect) {
    for (offset, line) in lines.prefix(max(0, inside.size.rows)).enumerated() {
      for piece in line.pieces where piece.column < inside.size.columns {
        drawing.text(
          piece.words, inside.column + piece.column, inside.row + offset,
          inside.size.columns - piece.column, piece.role)
      }
    }
  }
}

/// Everything known of one letter, as lines of a width.
struct LetterSheet {
  private let letter: DeadLetter
  private let isKnownServer: Bool
  private let width: Int

  private static let nameWidth = 11
  /// Lines one fact may take beside others; a server's text has no end.
  private static let proseLimit = 4
  /// The same where it is read.
  private static let readingLimit = 60
  /// Lines of params that can be read here.
  private static let payloadLimit = 2000
  /// Below it what was edited and what was sent first stand under each other.
  private static let besideWidth = 60
  /// Attempts that stand even where there is little room.
  private static let newestAttempts = 2

  init(_ letter: DeadLetter, in snapshot: Snapshot, width: Int) {
    self.letter = letter
    isKnownServer = snapshot.server(letter.server) != nil
    self.width = max(1, width)
  }

  /// All of it: the facts, every attempt, the params.
  func lines(now: Timestamp) -> [LetterLine] {
    var lines = facts(now: now).flatMap { self.lines(of: $0, limit: Self.readingLimit) }
    lines.append(LetterLine("ATTEMPTS", .header))
    lines += attempts(letter.attempts.count, limit: Self.readingLimit)
    if letter.attempts.isEmpty { lines.append(LetterLine("none is known", .muted)) }
    lines += payload(rows: Self.payloadLimit, hasHeading: true).lines
    return lines
  }

  /// What matters most, in so many rows: all facts where they fit, and the newest attempts.
  func summary(rows: Int, now: Timestamp) -> LetterText {
    let all = facts(now: now).flatMap { self.lines(of: $0, limit: Self.proseLimit) }
    var lines = all
    if all.count + min(letter.attempts.count, 4) > rows {
      lines = brief(now, rows: rows - min(letter.attempts.count, Self.newestAttempts))
    }
    lines += attempts(max(0, rows - lines.count))
    return LetterText(lines: Array(lines.prefix(max(0, rows))))
  }

  /// A line each, and more where there are rows left, the last one without.
  private func brief(_ now: Timestamp, rows: Int) -> [LetterLine] {
    let standing = letter.standing(now: now)
    var texts: [(words: String, role: Role)] = []
    if let fault = letter.fault { texts.append(("unreadable: \(fault)", .bad)) }
    if !standing.isPending { texts.append((standing.sentence, standing.role)) }
    if letter.fault == nil {
      texts.append(("\(letter.errorKind): \(letter.errorMessage)", .bad))
      let deed = letter.isUnsafeToReplay ? "a replay leaves it out" : "a replay sends it"
      let words = letter.delivery.certainty + (standing.isPending ? ": \(deed)" : "")
      texts.append((words, certainty.role))
    }
    texts += [obstacle, redactedFact, tokenFact].compactMap { $0 }.map { ($0.text, $0.role) }
    let replays = Figures.counted(letter.replayCount, "time")
    texts.append(("from \(letter.client), \(letter.method), replayed \(replays)", .muted))
    var spare = max(0, rows - texts.count)
    return texts.enumerated().flatMap { index, text in
      let limit = index == texts.count - 1 ? 1 : 1 + spare
      let lines = Figures.wrap(text.words, width: width, limit: limit)
      spare -= max(0, lines.count - 1)
      return lines.map { LetterLine($0, text.role) }
    }
  }

  // MARK: Facts

  private func facts(now: Timestamp) -> [Fact] {
    let standing = letter.standing(now: now)
    var facts: [Fact] = []
    if let fault = letter.fault {
      facts.append(Fact(name: "unreadable", text: fault, role: .bad, isProse: true))
    }
    facts.append(Fact(name: "state", text: standing.sentence, role: standing.role, isProse: true))
    if letter.fault == nil {
      facts += [
        Fact(
          name: "cause", text: "\(letter.errorKind): \(letter.errorMessage)", role: .bad,
          isProse: true),
        Fact(name: "certainty", text: certainty.words, role: certainty.role, isProse: true),
      ]
    }
    facts += [obstacle, redactedFact, tokenFact].compactMap { $0 }
    let target = letter.target.map { " \($0)" } ?? ""
    facts += [
      Fact(name: "call", text: "\(letter.method)\(target)"),
      Fact(name: "server", text: letter.server.name),
      Fact(name: "endpoint", text: letter.endpoint.isEmpty ? "not known" : letter.endpoint),
      Fact(name: "client", text: letter.client),
      Fact(name: "id", text: letter.id.text),
      Fact(name: "key", text: "\(letter.id.call), the same at every replay"),
      Fact(name: "created", text: time(letter.createdAt, now)),
      Fact(name: "last try", text: time(letter.lastAttemptAt, now)),
      Fact(name: "expires", text: expiry(now)),
      Fact(name: "replayed", text: Figures.counted(letter.replayCount, "time")),
    ]
    return facts
  }

  private var certainty: (words: String, role: Role) {
    let words =
      "\(letter.delivery.certainty), \(letter.isIdempotent ? "" : "not ")declared idempotent"
    return letter.isUnsafeToReplay
      ? (words + ": a replay leaves it out", .warn) : (words, .ok)
  }

  private var obstacle: Fact? {
    isKnownServer || letter.fault != nil
      ? nil
      : Fact(
        name: "",
        text: "no server is named \(letter.server): a replay goes by its endpoint, or leaves it",
        role: .warn, isProse: true)
  }

  private var redactedFact: Fact? {
    guard !letter.redacted.isEmpty else { return nil }
    let names = letter.redacted.prefix(20).joined(separator: ", ")
    return Fact(
      name: "redacted", text: "secrets not kept: \(names)", role: .warn, isProse: true)
  }

  private var tokenFact: Fact? {
    letter.needsToken
      ? Fact(
        name: "token", text: "needs its caller's token, which is not kept", role: .warn,
        isProse: true) : nil
  }

  private func time(_ time: Timestamp, _ now: Timestamp) -> String {
    "\(time.rfc3339), \(Figures.age(seconds: time.seconds(until: now))) ago"
  }

  private func expiry(_ now: Timestamp) -> String {
    let left = now.seconds(until: letter.expiresAt)
    return letter.expiresAt <= now
      ? "\(letter.expiresAt.rfc3339), is over"
      : "\(letter.expiresAt.rfc3339), in \(Figures.clock(seconds: left))"
  }

  private func lines(of fact: Fact, limit: Int) -> [LetterLine] {
    let isWhole = fact.isProse || limit == Self.readingLimit
    let texts = Figures.wrap(
      fact.text, width: max(1, width - Self.nameWidth), limit: isWhole ? limit : 1)
    return (texts.isEmpty ? [""] : texts).enumerated().map { index, text in
      LetterLine([
        (0, index == 0 ? fact.name : "", .header), (Self.nameWidth, text, fact.role),
      ])
    }
  }

  /// The newest ones, how long each took before what came of it, which may be long.
  ///
  /// - Parameter limit: lines one may take.
  private func attempts(_ count: Int, limit: Int = 1) -> [LetterLine] {
    letter.attempts.enumerated().suffix(max(0, count)).flatMap { index, attempt in
      let wait =
        attempt.backoff > .zero ? " after \(Figures.latency(attempt.backoff))" : ""
      let head = "\(index + 1)  \(attempt.startedAt.clockText)  "
      let texts = Figures.wrap(
        "\(Figures.latency(attempt.duration))\(wait), \(attempt.result)",
        width: max(1, width - head.count), limit: limit)
      return texts.enumerated().map { offset, text in
        LetterLine([(0, offset == 0 ? head : "", .fg), (head.count, text, .fg)])
      }
    }
  }

  // MARK: Params

  /// The params, and beside or below them what was sent first where they were edited.
  func payload(rows: Int, hasHeading: Bool = false) -> LetterText {
    guard let original = letter.original else {
      let heading = hasHeading ? [LetterLine("PARAMS", .header)] : []
      let text = JSONLines.lines(of: letter.params.bytes, width: width, limit: rows)
      return LetterText(lines: heading + text.map { LetterLine($0) })
    }
    let isBeside = width >= Self.besideWidth
    let column = isBeside ? (width + 1) / 2 : 0
    let each = isBeside ? column - 2 : width
    let edited = JSONLines.lines(of: letter.params.bytes, width: each, limit: rows)
    let first = JSONLines.lines(of: original.bytes, width: each, limit: rows)
    guard isBeside else {
      return LetterText(
        lines: [LetterLine("EDITED", .header)] + edited.map { LetterLine($0) }
          + [LetterLine("AS SENT FIRST", .header)] + first.map { LetterLine($0, .muted) })
    }
    var lines = [
      LetterLine([(0, "EDITED", .header), (column, "AS SENT FIRST", .header)])
    ]
    for index in 0..<max(edited.count, first.count) {
      let left = index < edited.count ? edited[index] : ""
      let right = index < first.count ? first[index] : ""
      lines.append(
        LetterLine([(0, left, left == right ? .fg : .key), (column, right, .muted)]))
    }
    return LetterText(lines: lines)
  }
}
