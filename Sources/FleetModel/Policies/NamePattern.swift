/// Names with wildcards: `*` is any run of characters, `?` exactly one; case counts.
package struct NamePattern: Hashable, Sendable {
  package let text: String

  package init(_ text: String) { self.text = text }

  /// Fits every name, and a call without one.
  package static let any = NamePattern("*")

  package func matches(_ name: String?) -> Bool {
    guard text != "*" else { return true }
    guard let name else { return false }
    return Self.matches(Array(text.unicodeScalars), Array(name.unicodeScalars))
  }

  /// Goes back to the last star only, so the work is at most pattern × name.
  private static func matches(_ pattern: [Unicode.Scalar], _ name: [Unicode.Scalar]) -> Bool {
    var (p, n) = (0, 0)
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
        (p, n) = (p + 1, n + 1)
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        (p, n) = (last.pattern + 1, last.name + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
