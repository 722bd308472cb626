import FleetModel

/// What helps while a filter of dead letters is typed: what is wrong with it, what may be meant by
/// the word under the cursor.
struct LetterFilterHint {
  /// Values that are known, such as names of servers.
  let known: [LetterQuery.Field: [String]]

  private static let candidateLimit = 8

  init(_ snapshot: Snapshot?, _ letters: [DeadLetter]) {
    let servers = (snapshot?.servers.map(\.id.name) ?? []) + letters.map(\.server.name)
    known = [
      .server: Self.distinct(servers), .client: Self.distinct(letters.map(\.client)),
      .op: Self.distinct(letters.map(\.method)),
      .tool: Self.distinct(letters.compactMap(\.target)),
      .kind: Self.distinct(letters.map(\.errorKind)),
    ]
  }

  private static func distinct(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }.sorted()
  }

  /// One line beside what is typed.
  func words(for text: String) -> (text: String, isProblem: Bool) {
    let candidates = candidates(for: text)
    if !candidates.isEmpty {
      let list = candidates.prefix(Self.candidateLimit).joined(separator: " ")
      return ("Tab: \(list)", false)
    }
    do throws(LetterQuery.Problem) { _ = try LetterQuery(text) } catch {
      return (error.words, true)
    }
    return ("Enter asks the store  Esc clears", false)
  }

  /// What is typed with its last word completed; nil where nothing fits.
  func completion(of text: String) -> String? {
    guard let first = candidates(for: text).first else { return nil }
    let head = text.dropLast(lastWord(of: text).count)
    return String(head) + first
  }

  /// The ways to end the last word.
  private func candidates(for text: String) -> [String] {
    let word = lastWord(of: text)
    guard let colon = word.firstIndex(of: ":") else {
      let terms = LetterQuery.Field.allCases.map(\.term)
      return text.isEmpty || !word.isEmpty ? terms.filter { $0.hasPrefix(word) } : []
    }
    let name = word[..<colon].lowercased()
    guard let field = LetterQuery.Field.allCases.first(where: { $0.rawValue == name }) else {
      return []
    }
    let begun = word[word.index(after: colon)...].drop { $0 == "\"" }.lowercased()
    if field == .age { return begun.isEmpty ? ["age:>1h", "age:<30m"] : [] }
    let values = field.choices ?? known[field] ?? []
    return values.filter { $0.lowercased().hasPrefix(begun) && $0.lowercased() != begun }
      .compactMap { LetterFilterWord.term(field, $0) }
  }

  /// From the last blank outside of quotes on.
  private func lastWord(of text: String) -> Substring {
    var start = text.startIndex
    var isQuoted = false
    for index in text.indices {
      if text[index] == "\"" { isQuoted.toggle() }
      if text[index] == " ", !isQuoted { start = text.index(after: index) }
    }
    return text[start...]
  }
}
