/// A binary heap of keys, lowest rank first, that knows where each key is, so that every change is
/// O(log n) and looks a key up once.
struct IndexedHeap<Key: Hashable & Sendable, Rank: Comparable & Sendable>: Sendable {
  struct Item: Sendable {
    var key: Key
    var rank: Rank
    /// Its place in the heap is in `places` here.
    fileprivate var slot: Int
  }

  private var items: [Item] = []
  private var slots: [Key: Int] = [:]
  /// By slot; means something only while the slot is in use.
  private var places: [Int] = []
  private var freeSlots: [Int] = []

  var count: Int { items.count }
  var first: Item? { items.first }
  /// In no order that means anything, but the same after the same changes.
  var keys: [Key] { items.map(\.key) }

  func rank(of key: Key) -> Rank? { slots[key].map { items[places[$0]].rank } }

  /// Adds a key or moves it to another rank.
  mutating func set(_ key: Key, _ rank: Rank) {
    if let slot = slots[key] {
      let place = places[slot]
      items[place].rank = rank
      restore(at: place)
    } else {
      let slot = freeSlots.popLast() ?? places.count
      if slot == places.count { places.append(0) }
      places[slot] = items.count
      slots[key] = slot
      items.append(Item(key: key, rank: rank, slot: slot))
      rise(from: items.count - 1)
    }
  }

  mutating func remove(_ key: Key) {
    guard let slot = slots.removeValue(forKey: key) else { return }
    freeSlots.append(slot)
    let place = places[slot]
    let last = items.removeLast()
    guard place < items.count else { return }
    items[place] = last
    places[last.slot] = place
    restore(at: place)
  }

  private mutating func restore(at place: Int) {
    rise(from: place)
    sink(from: place)
  }

  private mutating func rise(from start: Int) {
    var place = start
    while place > 0 {
      let parent = (place - 1) / 2
      guard items[place].rank < items[parent].rank else { return }
      swap(place, parent)
      place = parent
    }
  }

  private mutating func sink(from start: Int) {
    var place = start
    while true {
      var lowest = place
      let left = 2 * place + 1
      if left < items.count, items[left].rank < items[lowest].rank { lowest = left }
      if left + 1 < items.count, items[left + 1].rank < items[lowest].rank { lowest = left + 1 }
      guard lowest != place else { return }
      swap(place, lowest)
      place = lowest
    }
  }

  private mutating func swap(_ left: Int, _ right: Int) {
    items.swapAt(left, right)
    places[items[left].slot] = left
    places[items[right].slot] = right
  }
}
