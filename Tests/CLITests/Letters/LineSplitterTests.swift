import FleetModel
import Testing

@testable import CLI

struct LineSplitterTests {
  private static let text = "a\r\n\n  \t\nbcdefgh\ntoolong-x\nc"

  private static func lines(_ pieces: [[UInt8]]) -> [LineSplitter.Line] {
    var splitter = LineSplitter(limit: 7)
    return pieces.flatMap { splitter.take($0) } + [splitter.finish()].compactMap(\.self)
  }

  private static let expected = [
    LineSplitter.Line(number: 1, bytes: Array("a\r".utf8)),
    LineSplitter.Line(number: 4, bytes: Array("bcdefgh".utf8)), LineSplitter.Line(number: 5),
    LineSplitter.Line(number: 6, bytes: Array("c".utf8)),
  ]

  @Test(arguments: 0..<100 as Range<UInt64>)
  func `lines are the same in whatever pieces they come`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var rest = Array(Self.text.utf8)[...]
    var pieces: [[UInt8]] = []
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...9, using: &random))
      pieces.append(Array(piece))
      rest = rest.dropFirst(piece.count)
    }
    #expect(Self.lines(pieces) == Self.expected)
  }

  @Test func `a text that ends with its line has no line behind it`() {
    #expect(Self.lines([Array("a\n".utf8)]) == [LineSplitter.Line(number: 1, bytes: [0x61])])
    #expect(Self.lines([]).isEmpty)
  }
}
