import FleetModel

/// The letters that a command is about: what the store is told, and what is known of them here.
struct LetterChoice: Hashable, Sendable {
  enum Deed: Hashable, Sendable { case replay, discard, delete }

  var selection: DeadLetterSelection
  /// Those of them that were seen, newest first.
  var known: [LetterMark]
  /// How many they are; nil where nobody knows.
  var total: Int?
  /// In words, such as `that match kind:503`; empty where they are marked one by one.
  var scope = ""
  /// Marked letters that the deed does nothing to.
  var unfit = 0

  var isFullyKnown: Bool { total == known.count }

  /// Whether some of those that were not seen may have run, for all that is known.
  var mayHideUnsafe: Bool {
    guard !isFullyKnown else { return false }
    guard case .matching(let filter) = selection, let deliveries = filter.deliveries else {
      return true
    }
    return deliveries.contains(.unknown) || deliveries.contains(.executed)
  }

  /// Whether the deed does anything to it; `reason` says why not.
  static func fits(_ mark: LetterMark, _ deed: Deed) -> Bool {
    switch deed {
    case .replay, .discard: mark.isReadable && mark.state == .pending
    case .delete: true
    }
  }

  static func reason(_ mark: LetterMark, _ deed: Deed) -> String {
    guard mark.isReadable else { return "it cannot be read: it can only be deleted (D)" }
    switch mark.state {
    case .pending: return "there is nothing to do"
    case .replaying: return "it is being replayed just now"
    case .done: return "it was delivered by a replay"
    case .discarded: return "it is discarded"
    }
  }

  /// How many of the known letters belong to which server, newest first.
  var byServer: [(ServerID, Int)] {
    var counts: [(ServerID, Int)] = []
    for mark in known {
      if let index = counts.firstIndex(where: { $0.0 == mark.server }) {
        counts[index].1 += 1
      } else {
        counts.append((mark.server, 1))
      }
    }
    return counts
  }

  var unsafeCount: Int { known.count { $0.isUnsafe } }
}

/// Nothing to be done, and why.
struct LetterRefusal: Error, Hashable {
  var words: String
}

extension DeadLetterBrowser {
  /// What a command on the page means: everything that matches, else the marked letters, else the
  /// selected one.
  func choice(
    for deed: LetterChoice.Deed, in snapshot: Snapshot?
  ) throws(LetterRefusal) -> LetterChoice {
    if let filter = marks.everything {
      let listed = letters.filter { marks.contains($0) }.map { LetterMark($0) }
      let known = listed.filter { LetterChoice.fits($0, deed) }
      return LetterChoice(
        selection: .matching(filter), known: known,
        total: window.isWhole ? known.count : total(in: snapshot), scope: scope,
        unfit: listed.count - known.count)
    }
    let now = snapshot?.at
    let listed = selected.map { [LetterMark($0)] } ?? []
    let meant = marks.isEmpty ? listed : marks.marks
    guard let first = meant.first else {
      throw LetterRefusal(words: "no dead letter is selected")
    }
    if marks.isEmpty, let selected, let now, selected.expiresAt <= now {
      throw LetterRefusal(words: "it has expired: it is gone from the store")
    }
    let fit = meant.filter { LetterChoice.fits($0, deed) }
    guard !fit.isEmpty else {
      throw LetterRefusal(
        words: meant.count == 1
          ? LetterChoice.reason(first, deed)
          : "none of the \(meant.count) marked letters is pending and readable")
    }
    return LetterChoice(
      selection: .ids(fit.map(\.id)), known: fit, total: fit.count,
      unfit: meant.count - fit.count)
  }

  private var scope: String {
    let words = query.text.isEmpty ? "" : " that match \(query.text)"
    return (server.map { " of \($0)" } ?? "") + words
  }
}

extension LetterChoice {
  /// Every open letter of a server, of which a snapshot has the newest.
  init(server: ServerSnapshot, in snapshot: Snapshot) {
    selection = .server(server.id)
    known = snapshot.deadLetters.recent.filter { $0.server == server.id }.map { LetterMark($0) }
      .filter { Self.fits($0, .replay) }
    total = server.deadLetterCount
    scope = ""
  }
}
