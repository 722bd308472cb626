import Telemetry
import Testing

@Suite struct RingTests {
  @Test(arguments: 1...7)
  func `it holds the newest, oldest first`(limit: Int) {
    var ring = Ring<Int>(limit: limit)
    var all: [Int] = []
    for number in 0..<30 {
      #expect(ring.elements == all.suffix(limit))
      #expect(ring.count == min(number, limit))
      ring.append(number)
      all.append(number)
    }
  }
}
