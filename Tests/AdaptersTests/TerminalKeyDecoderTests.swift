import TerminalUI
import Testing

@testable import Adapters

@Suite struct TerminalKeyDecoderTests {
  private func decode(_ text: String) -> [Input] {
    var decoder = KeyDecoder()
    return decoder.decode(Array(text.utf8)) + decoder.quiet()
  }

  @Test(
    arguments: [
      ("a", .character("a")), ("Z", .character("Z")), (" ", .character(" ")),
      ("é", .character("é")), ("日", .character("日")), ("😀", .character("😀")),
      ("\r", .enter), ("\n", .enter), ("\t", .tab), ("\u{7F}", .backspace), ("\u{8}", .backspace),
      ("\u{3}", .control("c")), ("\u{1A}", .control("z")), ("\u{1B}", .escape),
      ("\u{1B}[A", .up), ("\u{1B}OB", .down), ("\u{1B}[C", .right), ("\u{1B}OD", .left),
      ("\u{1B}[H", .home), ("\u{1B}OF", .end), ("\u{1B}[1~", .home), ("\u{1B}[8~", .end),
      ("\u{1B}[5~", .pageUp), ("\u{1B}[6~", .pageDown), ("\u{1B}[3~", .delete),
      ("\u{1B}[Z", .backTab), ("\u{1B}OM", .enter), ("\u{1B}OP", .function(1)),
      ("\u{1B}[[A", .function(1)), ("\u{1B}[11~", .function(1)), ("\u{1B}[15~", .function(5)),
      ("\u{1B}[17~", .function(6)), ("\u{1B}[21~", .function(10)), ("\u{1B}[24~", .function(12)),
    ] as [(String, Key)])
  func `a key is told by its bytes, in every dialect`(bytes: String, key: Key) {
    #expect(decode(bytes) == [.key(key)])
  }

  @Test(arguments: [
    // A cursor position, device attributes, a focus change, keys with modifiers, a colour reply.
    "\u{1B}[12;80R", "\u{1B}[?62;22c", "\u{1B}[I", "\u{1B}[1;5R", "\u{1B}[3;2~", "\u{1B}[99~",
    "\u{1B}]11;rgb:0000/0000/0000\u{7}", "\u{1B}]11;rgb:0000/0000/0000\u{1B}\\",
    "\u{1B}P>|XTerm(388)\u{1B}\\", "\u{1B}[<35;1;1M", "\u{1B}[<0;1;1m", "\u{1B}[<0;0;0M",
    "\u{1B}[<0;99999999999999999999;1M", "\u{1B}[<;;M", "\u{1B}[M#!!",
    // Not UTF-8, a second control plane, keys without a meaning here.
    "\u{85}", "\u{0}", "\u{1C}",
  ])
  func `what is not known leaves no letters behind`(bytes: String) {
    #expect(decode(bytes + "q") == [.key(.character("q"))])
  }

  @Test(arguments: [[0xFF], [0xC3], [0xE6, 0x97], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0x80]])
  func `bytes that are no text are dropped and the next key is not`(bytes: [UInt8]) {
    var decoder = KeyDecoder()
    #expect(decoder.decode(bytes + [UInt8(ascii: "q")]) == [.key(.character("q"))])
  }

  @Test func `a sequence may arrive in any pieces`() {
    let text = "é\u{1B}[Aj\u{1B}[200~pasted é\u{1B}[201~\u{1B}[<0;300;7M\u{1B}[24~日"
    let bytes = Array(text.utf8)
    let whole = decode(text)
    #expect(whole.count == 7)
    for cut in bytes.indices {
      var decoder = KeyDecoder()
      #expect(decoder.decode(bytes[..<cut]) + decoder.decode(bytes[cut...]) == whole)
    }
  }

  @Test func `escape waits for a sequence and is a key when none comes`() {
    var decoder = KeyDecoder()
    #expect(decoder.decode([0x1B]) == [])
    #expect(decoder.isWaiting)
    #expect(decoder.quiet() == [.key(.escape)])
    #expect(!decoder.isWaiting)
    #expect(decoder.decode(Array("[A".utf8)) == [.key(.character("[")), .key(.character("A"))])
  }

  @Test func `escape and a letter in one piece are two keys`() {
    #expect(
      decode("\u{1B}j\u{1B}\u{1B}") == [.escape, .character("j"), .escape, .escape].map(Input.key))
  }

  @Test func `an unfinished reply ends when nothing follows`() {
    var decoder = KeyDecoder()
    #expect(decoder.decode(Array("\u{1B}]11;rgb".utf8)) == [])
    #expect(decoder.quiet() == [])
    #expect(decoder.decode([UInt8(ascii: "q")]) == [.key(.character("q"))])
  }

  @Test(arguments: [
    "plain", "", "two\rlines", "y", "\u{1B}[A keys \u{1B}[201 inside \u{1B}", "\u{1B}\u{1B}[20",
    "日本",
  ])
  func `a paste is one input, whatever it holds`(text: String) {
    #expect(decode("\u{1B}[200~\(text)\u{1B}[201~q") == [.paste(text), .key(.character("q"))])
  }

  @Test func `a paste is cut at its limit and still ends at its end`() {
    let text = String(repeating: "x", count: KeyDecoder.pasteLimit + 1000)
    let inputs = decode("\u{1B}[200~\(text)\u{1B}[201~q")
    #expect(
      inputs == [
        .paste(String(repeating: "x", count: KeyDecoder.pasteLimit)), .key(.character("q")),
      ])
  }

  @Test func `a control sequence beyond its limit means nothing`() {
    let digits = String(repeating: "1", count: KeyDecoder.sequenceLimit + 1000)
    #expect(decode("\u{1B}[\(digits)Aq") == [.key(.character("q"))])
  }

  @Test(
    arguments: [
      ("\u{1B}[<0;1;1M", .press, 0, 0), ("\u{1B}[<0;300;60M", .press, 299, 59),
      ("\u{1B}[<4;5;6M", .press, 4, 5), ("\u{1B}[<64;2;3M", .wheelUp, 1, 2),
      ("\u{1B}[<65;2;3M", .wheelDown, 1, 2), ("\u{1B}[M !\"", .press, 0, 1),
      ("\u{1B}[M`\"#", .wheelUp, 1, 2),
    ] as [(String, MouseEvent.Action, Int, Int)])
  func `a mouse report counts cells from zero`(
    bytes: String, action: MouseEvent.Action, column: Int, row: Int
  ) {
    #expect(decode(bytes) == [.mouse(MouseEvent(action: action, column: column, row: row))])
  }

  @Test func `random bytes never stop the keyboard for good`() {
    var state: UInt64 = 1
    func next() -> UInt8 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
    for _ in 0..<2000 {
      var decoder = KeyDecoder()
      _ = decoder.decode((0..<64).map { _ in next() % 2 == 0 ? 0x1B : next() })
      _ = decoder.quiet()
      // Ends a sequence, three bytes of an old mouse report or a paste that may be open.
      _ = decoder.decode(Array("aaaa\u{1B}[201~".utf8))
      #expect(decoder.decode([UInt8(ascii: "q")]) == [.key(.character("q"))])
    }
  }
}
