import FleetModel

/// A deed on dead letters that waits for a yes, and how it is to be done.
package struct LetterDialog: Hashable, Sendable {
  /// What the dialog's keys and buttons beside yes and no do.
  package enum Option: Hashable, Sendable, CaseIterable {
    case wait, pace, rehearse
  }

  /// What the engine says a replay would do.
  struct Rehearsal: Hashable, Sendable {
    /// Of the question; nil once it is answered.
    var number: Int?
    var words = ""
    var isError = false
  }

  let deed: LetterChoice.Deed
  let choice: LetterChoice
  private(set) var waitsForBreaker = false
  private(set) var paceIndex = 1
  private(set) var rehearsal: Rehearsal?
  /// What is typed against an accident.
  var typed = ""

  /// Letters begun a second; nil leaves it to the server's own limits.
  static let paces: [Double?] = [1, ReplayOrder.standardPace, 50, 200, nil]
  /// Typed before many letters are deleted for good.
  static let word = "delete"

  init(_ deed: LetterChoice.Deed, _ choice: LetterChoice) {
    (self.deed, self.choice) = (deed, choice)
  }

  /// Yes takes the word and not a key: there is no way back.
  var isTyped: Bool { deed == .delete && choice.total != 1 }
  var isArmed: Bool { !isTyped || typed == Self.word }

  /// Some may have executed, or nobody has looked at all of them.
  var isForceOffered: Bool {
    deed == .replay && (choice.unsafeCount > 0 || choice.mayHideUnsafe)
  }

  mutating func choosePace() { paceIndex = (paceIndex + 1) % Self.paces.count }

  mutating func toggleWait() { waitsForBreaker.toggle() }

  mutating func rehearse(_ number: Int) { rehearsal = Rehearsal(number: number) }

  /// - Returns: whether the dialog waits for this answer.
  mutating func take(_ number: Int, _ result: Result<CommandReceipt, CommandError>) -> Bool {
    guard rehearsal?.number == number else { return false }
    switch result {
    case .success(let receipt): rehearsal = Rehearsal(words: receipt.text)
    case .failure(let error): rehearsal = Rehearsal(words: error.sentence, isError: true)
    }
    return true
  }

  func order(isForced: Bool = false, isDryRun: Bool = false, owner: String) -> ReplayOrder {
    ReplayOrder(
      choice.selection, isForced: isForced, isDryRun: isDryRun, pace: Self.paces[paceIndex],
      waitsForBreaker: waitsForBreaker, owner: owner)
  }

  func command(isForced: Bool, owner: String) -> Command {
    switch deed {
    case .replay: .replay(order(isForced: isForced, owner: owner))
    case .discard: .discard(choice.selection)
    case .delete: .delete(choice.selection)
    }
  }

  var paceWords: String {
    Self.paces[paceIndex].map { "\(Figures.decimal($0, places: 0))/s" } ?? "no limit"
  }
}

// What the dialog says, by what is known now.
extension LetterDialog {
  /// Servers that are told one by one.
  private static let serverLimit = 4

  var question: String {
    let deed =
      switch deed {
      case .replay: "Replay"
      case .discard: "Discard"
      case .delete: "Delete"
      }
    return "\(deed) \(subject)" + (self.deed == .delete ? " for good?" : "?")
  }

  /// What is said until the store has answered, which may take its time; nil for a replay, which
  /// has a line of its own.
  var course: String? {
    switch deed {
    case .replay: nil
    case .discard: "discarding \(subject)"
    case .delete: "deleting \(subject)"
    }
  }

  private var subject: String {
    guard case .matching(let filter) = choice.selection else {
      let count = Self.counted(choice.known.count)
      // The list may have moved since it was chosen.
      return one.map { "\(count), \($0.call) to \($0.server)" } ?? count
    }
    if choice.scope.isEmpty, let server = filter.server {
      return "\(Self.counted(choice.total ?? 0)) to \(server)"
    }
    let count =
      choice.total.map { Figures.grouped($0) } ?? Figures.grouped(choice.known.count) + "+"
    return "ALL letters\(choice.scope) (\(count))"
  }

  /// To the last one: it is what is about to be done.
  private static func counted(_ number: Int) -> String {
    "\(Figures.grouped(number)) letter\(number == 1 ? "" : "s")"
  }

  func facts(_ snapshot: Snapshot?, now: Timestamp) -> [String] {
    guard let snapshot else { return ["nothing is known of the fleet yet"] }
    switch deed {
    // What was asked for stands first: it must be seen where there is little room.
    case .replay:
      return rehearsalFacts + replayFacts(snapshot, now) + unfitFacts + identity(now)
    case .discard:
      return spread
        + [
          choice.total == 1
            ? "it stays to be seen with state:discarded until it expires"
            : "they stay to be seen with state:discarded until they expire"
        ] + unfitFacts + identity(now)
    case .delete:
      let subject = choice.total == 1 ? "it is" : "they are"
      return spread + ["\(subject) gone at once: there is no way back"] + identity(now)
    }
  }

  /// The letter, where it is one alone.
  private var one: LetterMark? { choice.total == 1 ? choice.known.first : nil }

  private func identity(_ now: Timestamp) -> [String] {
    one.map { ["id \($0.id), \(Figures.age(seconds: $0.createdAt.seconds(until: now))) old"] } ?? []
  }

  private func replayFacts(_ snapshot: Snapshot, _ now: Timestamp) -> [String] {
    let servers = choice.byServer
    var facts = partial
    if choice.scope.isEmpty, case .matching(let filter) = choice.selection,
      let server = filter.server
    {
      facts = [prospect(server, snapshot, now)]
    } else {
      facts += servers.prefix(Self.serverLimit).map { id, count in
        let name = servers.count > 1 || !partial.isEmpty ? "\(id), \(count): " : ""
        return name + prospect(id, snapshot, now)
      }
      facts += more(servers.count)
    }
    return facts + leftOut
  }

  private func prospect(_ id: ServerID, _ snapshot: Snapshot, _ now: Timestamp) -> String {
    guard let server = snapshot.server(id) else {
      return "no such name here: goes by its endpoint, or stays"
    }
    switch server.breaker.state {
    case .open where waitsForBreaker: return "breaker is open: sent when it closes"
    case .open:
      let probe = server.breaker.until.map { " (probe in \(max(0, now.seconds(until: $0))) s)" }
      return "breaker is open: left here untried\(probe ?? "")"
    case .forcedOpen where waitsForBreaker:
      return "breaker is forced open: sent when it is reset (r)"
    case .forcedOpen:
      return "breaker is forced open: left here untried, until it is reset (r)"
    case .halfOpen: return "breaker is half-open: sent as its probes, one at a time"
    case .closed, .disabled:
      if Liveness(of: server).isGone { return "the server is down: fails now, and stays here" }
      let isKept =
        choice.isFullyKnown && choice.known.allSatisfy { $0.server != id || $0.isUnsafe }
      return "breaker is \(server.breaker.state.word)\(isKept ? "" : ": sent now")"
    }
  }

  private var leftOut: [String] {
    var facts: [String] = []
    let seen = choice.isFullyKnown ? "" : " of the \(choice.known.count) seen"
    if one != nil, choice.unsafeCount > 0 {
      facts.append("it may have run: left out, F sends it too")
    } else if choice.unsafeCount > 0 {
      facts.append("\(choice.unsafeCount)\(seen) may have run: left out, F sends them too")
    } else if choice.mayHideUnsafe {
      facts.append("those that may have run are left out, F sends them too")
    }
    let tokens = choice.known.count(where: \.needsToken)
    if tokens > 0 {
      facts.append("\(tokens)\(seen) need their caller's token: left out (e: send one by hand)")
    }
    let secrets = choice.known.count(where: \.isRedacted)
    if secrets > 0 {
      facts.append("\(secrets)\(seen) had secrets: sent only if the configuration has them")
    }
    return facts
  }

  private var unfitFacts: [String] {
    choice.unfit > 0 ? ["\(choice.unfit) marked are not pending or not readable: left alone"] : []
  }

  private var rehearsalFacts: [String] {
    guard let rehearsal else { return [] }
    if rehearsal.number != nil { return ["dry run: asking the engine"] }
    // The engine calls a dry run so itself.
    return [rehearsal.isError ? "dry run failed: \(rehearsal.words)" : rehearsal.words]
  }

  /// How much of it the figures by server tell.
  private var partial: [String] {
    guard !choice.isFullyKnown, case .matching = choice.selection else { return [] }
    return ["of the newest \(choice.known.count):"]
  }

  private var spread: [String] {
    guard one == nil else { return [] }
    let servers = choice.byServer
    return partial + servers.prefix(Self.serverLimit).map { "\($1) of \($0)" } + more(servers.count)
  }

  private func more(_ count: Int) -> [String] {
    count > Self.serverLimit ? ["and of \(count - Self.serverLimit) more servers"] : []
  }
}
