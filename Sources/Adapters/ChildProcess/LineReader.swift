/// Cuts a byte stream into lines without their line feeds; each line is one item.
package struct LineReader {
  package enum Item: Hashable {
    case line([UInt8])
    /// A line longer than the limit, told as soon as it is; only its beginning was kept.
    case overlong(beginning: [UInt8])
  }

  /// What is kept of a line that is too long.
  static let beginningSize = 1024

  private let byteLimit: Int
  private var line: [UInt8] = []
  private var isOverlong = false

  /// - Parameter byteLimit: of a line.
  package init(byteLimit: Int) { self.byteLimit = byteLimit }

  /// The lines that these bytes end.
  package mutating func feed(_ bytes: UnsafeRawBufferPointer) -> [Item] {
    var items: [Item] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 0x0A) {
      append(rest[rest.startIndex..<end], &items)
      finish(&items)
      rest = rest[(end + 1)...]
    }
    append(rest, &items)
    return items
  }

  /// The last line, when the stream ended without a line feed.
  package mutating func end() -> Item? {
    var items: [Item] = []
    if !line.isEmpty { finish(&items) }
    return items.first
  }

  private mutating func append(_ bytes: Slice<UnsafeRawBufferPointer>, _ items: inout [Item]) {
    guard !isOverlong else { return }
    guard line.count + bytes.count <= byteLimit else {
      isOverlong = true
      let room = max(0, min(Self.beginningSize, byteLimit) - line.count)
      items.append(
        .overlong(beginning: Array(line.prefix(Self.beginningSize)) + Array(bytes.prefix(room))))
      line = []
      return
    }
    line.append(contentsOf: bytes)
  }

  private mutating func finish(_ items: inout [Item]) {
    if !isOverlong {
      if line.last == 0x0D { line.removeLast() }
      items.append(.line(line))
    }
    line = []
    isOverlong = false
  }
}
