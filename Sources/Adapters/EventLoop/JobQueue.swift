/// First in, first out: jobs of the Swift runtime and plain bodies, without a limit because an
/// executor must not refuse a job.
struct JobQueue {
  enum Item {
    case job(UnownedJob)
    case body(@Sendable () -> Void)
  }

  /// The spent front of the array is given back once it is this long and half of the whole.
  static let spentLimit = 1024

  private var items: [Item] = []
  private var head = 0

  var isEmpty: Bool { head == items.count }

  mutating func append(_ item: Item) { items.append(item) }

  mutating func append(contentsOf more: [Item]) { items.append(contentsOf: more) }

  mutating func popFirst() -> Item? {
    guard head < items.count else { return nil }
    let item = items[head]
    head += 1
    if head == items.count {
      items.removeAll(keepingCapacity: items.count <= Self.spentLimit)
      head = 0
    } else if head >= Self.spentLimit, head * 2 >= items.count {
      items.removeFirst(head)
      head = 0
    }
    return item
  }
}
