import FleetModel

/// A fingerprint of all that happened, in order: the same in every process, which `Hasher` is not.
struct Digest: Hashable, Sendable {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func mix(_ word: UInt64) {
    value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
    value ^= value >> 29
  }

  mutating func mix(_ number: Int) { mix(UInt64(bitPattern: Int64(number))) }

  mutating func mix(_ id: CallID) {
    mix(id.high)
    mix(id.low)
  }

  mutating func mix(_ text: String) {
    var word: UInt64 = 0
    var count = 0
    for byte in text.utf8 {
      word = word << 8 | UInt64(byte)
      count += 1
      if count & 7 == 0 { mix(word) }
    }
    mix(word)
    mix(count)
  }
}
