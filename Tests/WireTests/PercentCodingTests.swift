import Testing

@testable import Wire

@Suite struct `A percent-encoded text` {
  @Test(arguments: ["", "a/b c", "ü🜚", "%41", "a+b&c=d", "-._~", "\u{0}"])
  func `comes back as it was`(text: String) {
    let encoded = PercentCoding.encode(text)
    #expect(PercentCoding.decode(encoded[...]) == text)
    #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
  }

  @Test(arguments: ["%", "%4", "a%zz", "%+1", "% 1", "%ff", "%c3%28"])
  func `that is broken is none`(text: String) {
    #expect(PercentCoding.decode(text[...]) == nil)
  }
}
