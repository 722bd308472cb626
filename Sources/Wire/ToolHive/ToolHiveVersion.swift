/// The version a ToolHive says it has; development builds are lower than any numbered one.
///
/// Numbered ones are ordered as in Semantic Versioning 2.0.0 §11, a leading `v` ignored; build
/// metadata does not count.
package struct ToolHiveVersion: Hashable, Sendable, Comparable {
  /// One part of what follows the hyphen; numbers are lower than words.
  private enum Label: Hashable, Comparable {
    case number(Int)
    case word(String)

    init?(_ text: Substring) {
      guard !text.isEmpty else { return nil }
      self = ToolHiveVersion.number(text).map(Label.number) ?? .word(String(text))
    }
  }

  /// As it was written; may hold any text.
  package let text: String
  /// Major, minor, patch; nil of a development build.
  private let numbers: [Int]?
  private let labels: [Label]

  package init(_ text: String) {
    self.text = text
    let bare = (text.hasPrefix("v") ? text.dropFirst() : text[...]).prefix { $0 != "+" }
    let parts = bare.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = parts.first?.split(separator: ".", omittingEmptySubsequences: false)
      .map(Self.number)
    let written =
      parts.count > 1 ? parts[1].split(separator: ".", omittingEmptySubsequences: false) : []
    let labels = written.compactMap { Label($0) }
    guard let numbers, numbers.count == 3, numbers.allSatisfy({ $0 != nil }),
      labels.count == written.count
    else {
      (self.numbers, self.labels) = (nil, [])
      return
    }
    (self.numbers, self.labels) = (numbers.compactMap(\.self), labels)
  }

  package static func < (left: ToolHiveVersion, right: ToolHiveVersion) -> Bool {
    guard let leftNumbers = left.numbers else { return right.numbers != nil }
    guard let rightNumbers = right.numbers else { return false }
    guard leftNumbers == rightNumbers else {
      return leftNumbers.lexicographicallyPrecedes(rightNumbers)
    }
    if left.labels.isEmpty || right.labels.isEmpty {
      return !left.labels.isEmpty && right.labels.isEmpty
    }
    return left.labels.lexicographicallyPrecedes(right.labels)
  }

  private static func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}
