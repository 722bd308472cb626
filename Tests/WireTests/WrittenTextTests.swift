import FleetModel
import Testing

@testable import Wire

@Suite struct `Written text` {
  @Test func `comes back as it was, whatever its characters`() {
    var random = SplitMix64(seed: 5)
    for length in 0..<300 {
      let text = String(
        String.UnicodeScalarView(
          (0..<length % 40).map { _ in
            Bool.random(using: &random)
              ? UnicodeScalar(UInt8.random(in: 0..<128, using: &random))
              : ["\"", "\\", "\n", "é", "🜁"].randomElement(using: &random) ?? "x"
          }))
      var writer = JSONWriter()
      writer.value(text)
      #expect(JSONView(trusted: writer.json).string == text)
      #expect(writer.bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    }
  }

  @Test func `has the escapes that JSON has, and none where none is needed`() {
    var writer = JSONWriter()
    writer.value("\"\\/\u{8}\t\n\r\u{1F}\u{7F}é")
    #expect(writer.json.text == #""\"\\/\u0008\t\n\r\u001f\u007fé""#)
  }
}
