/// Small numbers in an order of their own: a linked list in an array, every change O(1).
struct SlotList: Sendable {
  private struct Link: Sendable {
    var previous: Int
    var next: Int
  }

  /// No slot.
  private static var none: Int { -1 }

  /// By slot; means something only while the slot is in the list.
  private var links: [Link] = []
  private var head = none
  private var tail = none

  init() {}

  /// The slot that was appended or moved longest ago.
  var first: Int? { head == Self.none ? nil : head }

  /// - Parameter slot: not in the list, and at most one more than the highest ever.
  mutating func append(_ slot: Int) {
    if slot == links.count { links.append(Link(previous: Self.none, next: Self.none)) }
    link(slot)
  }

  mutating func moveToEnd(_ slot: Int) {
    guard slot != tail else { return }
    remove(slot)
    link(slot)
  }

  mutating func remove(_ slot: Int) {
    let link = links[slot]
    if link.previous == Self.none {
      head = link.next
    } else {
      links[link.previous].next = link.next
    }
    if link.next == Self.none {
      tail = link.previous
    } else {
      links[link.next].previous = link.previous
    }
  }

  private mutating func link(_ slot: Int) {
    links[slot] = Link(previous: tail, next: Self.none)
    if tail == Self.none { head = slot } else { links[tail].next = slot }
    tail = slot
  }
}
