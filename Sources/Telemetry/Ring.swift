import FleetModel

/// The newest elements, at most `limit` of them; an older one makes room for each new one.
///
/// Specialized for what each tick adds for each server and reads for its picture: other modules see
/// no generic code.
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
  package var elements: [Element] {
    @specialized(where Element == Double)
    @specialized(where Element == Int)
    @specialized(where Element == BreakerSnapshot.State)
    get {
      guard head > 0 else { return storage }
      var elements: [Element] = []
      elements.reserveCapacity(storage.count)
      elements.append(contentsOf: storage[head...])
      elements.append(contentsOf: storage[..<head])
      return elements
    }
  }

  /// The newest; nil while there is none.
  package var last: Element? {
    @specialized(where Element == Double)
    get { head > 0 ? storage[head - 1] : storage.last }
  }

  @specialized(where Element == Double)
  @specialized(where Element == Int)
  @specialized(where Element == BreakerSnapshot.State)
  package mutating func append(_ element: Element) {
    if storage.count < limit {
      storage.append(element)
    } else {
      storage[head] = element
      head = (head + 1) % limit
    }
  }
}
