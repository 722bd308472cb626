/// A binary heap of keys, lowest rank first, that knows where each key is, so that every change is
/// O(log n).
struct IndexedHeap<Key: Hashable & Sendable, Rank: Comparable & Sendable>: Sendable {
  struct Item: Sendable {
    var key: Key
    var rank: Rank
  }

  private var items: [Item] = []
  private var positions: [Key: Int] = [:]

  var count: Int { items.count }
  var first: Item? { items.first }
  /// In no order that means anything, but the same after the same changes.
  var keys: [Key] { items.map(\.key) }

  func rank(of key: Key) -> Rank? { positions[key].map { items[$0].rank } }

  /// Adds a key or moves it to another rank.
  mutating func set(_ key: Key, _ rank: Rank) {
    if let position = positions[key] {
      items[position].rank = rank
      restore(at: position)
    } else {
      items.append(Item(key: key, rank: rank))
      positions[key] = items.count - 1
      rise(from: items.count - 1)
    }
  }

  mutating func remove(_ key: Key) {
    guard let position = positions.removeValue(forKey: key) else { return }
    let last = items.removeLast()
    guard position < items.count else { return }
    items[position] = last
    positions[last.key] = position
    restore(at: position)
  }

  private mutating func restore(at position: Int) {
    rise(from: position)
    sink(from: position)
  }

  private mutating func rise(from start: Int) {
    var position = start
    while position > 0 {
      let parent = (position - 1) / 2
      guard items[position].rank < items[parent].rank else { return }
      swap(position, parent)
      position = parent
    }
  }

  private mutating func sink(from start: Int) {
    var position = start
    while true {
      var lowest = position
      for child in [2 * position + 1, 2 * position + 2]
      where child < items.count && items[child].rank < items[lowest].rank {
        lowest = child
      }
      guard lowest != position else { return }
      swap(position, lowest)
      position = lowest
    }
  }

  private mutating func swap(_ left: Int, _ right: Int) {
    items.swapAt(left, right)
    positions[items[left].key] = left
    positions[items[right].key] = right
  }
}
