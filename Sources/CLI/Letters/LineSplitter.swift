/// Splits bytes that come in pieces into lines, with a bound on what it holds.
struct LineSplitter {
  struct Line: Equatable {
    /// Counted from 1.
    var number: Int
    /// Without its end; nil when it was too long to be kept.
    var bytes: [UInt8]?
  }

  let limit: Int
  private var pending: [UInt8] = []
  private var isTooLong = false
  private var number = 0

  /// - Parameter limit: bytes of a line.
  init(limit: Int) { self.limit = limit }

  /// The lines that these bytes end, without those that hold nothing but white space.
  mutating func take(_ bytes: [UInt8]) -> [Line] {
    var lines: [Line] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      keep(rest[..<end])
      rest = rest[(end + 1)...]
      if let line = endLine() { lines.append(line) }
    }
    keep(rest)
    return lines
  }

  /// What stands behind the last line end.
  mutating func finish() -> Line? { endLine() }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    guard !isTooLong else { return }
    isTooLong = pending.count + bytes.count > limit
    if isTooLong { pending = [] } else { pending += bytes }
  }

  private mutating func endLine() -> Line? {
    number += 1
    defer { (pending, isTooLong) = ([], false) }
    if isTooLong { return Line(number: number) }
    let isEmpty = pending.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    return isEmpty ? nil : Line(number: number, bytes: pending)
  }
}
