import FleetModel
import Testing

@Suite struct `A call's id` {
  private static let known = CallID(high: 0x0123_4567_89ab_7def, low: 0x8000_0000_0000_000f)

  @Test func `is written as a UUID that reads back`() {
    #expect(Self.known.description == "01234567-89ab-7def-8000-00000000000f")
    var random = SplitMix64(seed: 9)
    for _ in 0..<200 {
      let id = CallID(high: random.next(), low: random.next())
      #expect(CallID(id.description) == id)
      #expect(CallID(id.description.uppercased()) == id)
    }
  }

  @Test(arguments: [
    "", "01234567-89ab-7def-8000-00000000000", "01234567-89ab-7def-8000-00000000000f0",
    "01234567-89ab-7def-8000-00000000000g", "0123456789ab7def800000000000000f",
    "01234567089ab-7def-8000-00000000000f", "01234567-89ab07def-8000-00000000000f",
    "01234567-89ab-7def08000-00000000000f", "01234567-89ab-7def-8000000000000000f",
    "{01234567-89ab-7def-8000-00000000000f}", "01234567-89ab-7def-8000-00000000000-",
    "01234567-89ab-7def-8000-0000000000\u{B2}", "call_tool-client-1-1234567890",
  ])
  func `is read of nothing else`(text: String) {
    #expect(CallID(text) == nil)
  }

  @Test func `is of version 7, of its time, and after those of earlier times`() {
    var random = SplitMix64(seed: 3)
    var earlier: CallID?
    for milliseconds in [0, 1, 1_795_230_245_678, (1 << 48) - 1] as [Int64] {
      let time = Timestamp(millisecondsSinceEpoch: milliseconds)
      let id = CallID(at: time, using: &random)
      #expect(id.high >> 16 == UInt64(milliseconds))
      #expect(id.high >> 12 & 0xF == 7)
      #expect(id.low >> 62 == 2)
      if let earlier {
        #expect(earlier < id)
        #expect(earlier.description < id.description)
      }
      earlier = id
    }
  }
}
