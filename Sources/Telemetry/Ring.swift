/// The newest elements, at most `limit` of them; an older one makes room for each new one.
package struct Ring<Element: Sendable>: Sendable {
  package let limit: Int
  private var storage: [Element] = []
  /// Where the oldest element is once the ring is full.
  private var head = 0

  /// - Parameter limit: ≥ 1.
  package init(limit: Int) {
    precondition(limit >= 1, "a ring holds at least one element")
    self.limit = limit
  }

  package var count: Int { storage.count }

  /// Oldest first.
  package var elements: [Element] { Array(storage[head...] + storage[..<head]) }

  package mutating func append(_ element: Element) {
    if storage.count < limit {
      storage.append(element)
    } else {
      storage[head] = element
      head = (head + 1) % limit
    }
  }
}
