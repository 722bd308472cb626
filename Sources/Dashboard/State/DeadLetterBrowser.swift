import FleetModel

/// The state of the dead-letter page.
package struct DeadLetterBrowser: Hashable, Sendable {
  /// Only this server's letters; nil shows all.
  let server: ServerID?
  var selection: DeadLetterID?
  /// Only asked for membership; what is done with marked letters follows the list's order.
  var marked: Set<DeadLetterID> = []
  var filter = ""
  /// The first row on the screen.
  var top = 0

  init(server: ServerID?) { self.server = server }

  /// The letters listed: of the server, with every word of the filter in what is shown of them.
  func letters(in snapshot: Snapshot) -> [DeadLetter] {
    let words = filter.lowercased().split(separator: " ")
    return snapshot.deadLetters.recent.filter { letter in
      guard server == nil || letter.server == server else { return false }
      guard !words.isEmpty else { return true }
      let text =
        "\(letter.server) \(letter.errorKind) \(letter.method) \(letter.target ?? "")"
        .lowercased()
      return words.allSatisfy { text.contains($0) }
    }
  }

  func index(in letters: [DeadLetter]) -> Int? {
    guard !letters.isEmpty else { return nil }
    return selection.flatMap { id in letters.firstIndex { $0.id == id } } ?? 0
  }

  /// What a command on the page means: the marked letters of the list, else the selected one.
  func chosen(in letters: [DeadLetter]) -> [DeadLetterID] {
    let marks = letters.map(\.id).filter { marked.contains($0) }
    if !marks.isEmpty { return marks }
    return index(in: letters).map { [letters[$0].id] } ?? []
  }

  mutating func toggleMark(in letters: [DeadLetter]) {
    guard let index = index(in: letters) else { return }
    let id = letters[index].id
    if marked.remove(id) == nil { marked.insert(id) }
    selection = letters[min(index + 1, letters.count - 1)].id
  }

  mutating func toggleAll(in letters: [DeadLetter]) {
    let ids = letters.map(\.id)
    if ids.allSatisfy(marked.contains) {
      marked.subtract(ids)
    } else {
      marked.formUnion(ids)
    }
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
