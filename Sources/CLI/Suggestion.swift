/// Finds what somebody probably meant.
enum Suggestion {
  /// The nearest of the names by edit distance, the first of equals; nil when none is near: at most
  /// one wrong letter in three.
  static func closest(to word: String, among names: [String]) -> String? {
    var best: (name: String, distance: Int)?
    let letters = Array(word.lowercased())
    for name in names {
      let distance = distance(letters, Array(name.lowercased()))
      guard distance <= max(1, max(letters.count, name.count) / 3) else { continue }
      if best.map({ distance < $0.distance }) ?? true { best = (name, distance) }
    }
    return best?.name
  }

  /// `; did you mean 'x'?`, or nothing.
  static func phrase(for word: String, among names: [String]) -> String {
    closest(to: word, among: names).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// Optimal string alignment: insertions, deletions, changes and swaps of neighbours.
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    var before: [Int] = []
    var above = Array(0...right.count)
    for row in 1...left.count {
      var current = [row]
      for column in 1...right.count {
        let isSame = left[row - 1] == right[column - 1]
        var cost = min(
          above[column] + 1, current[column - 1] + 1, above[column - 1] + (isSame ? 0 : 1))
        if row > 1, column > 1, left[row - 1] == right[column - 2],
          left[row - 2] == right[column - 1]
        {
          cost = min(cost, before[column - 2] + 1)
        }
        current.append(cost)
      }
      (before, above) = (above, current)
    }
    return above[right.count]
  }
}
