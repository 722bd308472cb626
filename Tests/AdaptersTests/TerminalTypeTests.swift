import Testing

@testable import Adapters

/// One after the other: terminfo's current entry is a global.
@Suite(.serialized) struct TerminalTypeTests {
  @Test(
    arguments: [
      ("xterm-256color", [:], ["xterm-256color", "xterm-256color"]),
      (
        "xterm-256color", ["COLORTERM": "truecolor"],
        ["xterm-direct", "xterm-direct", "xterm-256color", "xterm-256color"]
      ),
      (
        "tmux-256color", ["COLORTERM": "24bit", "TMUX": "x"],
        ["tmux-direct", "tmux-direct", "tmux-256color", "xterm-256color"]
      ),
      // Screen under tmux can, Screen itself cannot.
      (
        "screen-256color", ["COLORTERM": "truecolor", "TMUX": "x"],
        ["screen-direct", "tmux-direct", "screen-256color", "xterm-256color"]
      ),
      ("screen.xterm", ["COLORTERM": "truecolor"], ["screen.xterm", "xterm-256color"]),
      ("xterm-16color", ["COLORTERM": "truecolor"], ["xterm-16color", "xterm-256color"]),
      ("xterm-256color", ["COLORTERM": "yes"], ["xterm-256color", "xterm-256color"]),
      ("linux", ["COLORTERM": "truecolor"], ["linux"]),
      ("dumb", ["COLORTERM": "truecolor"], ["dumb"]),
      ("foot", [:], ["foot", "xterm-256color"]),
    ] as [(String, [String: String], [String])])
  func `the best entry comes first and TERM's own is never left out`(
    term: String, environment: [String: String], candidates: [String]
  ) {
    #expect(TerminalType.candidates(term: term) { environment[$0] } == candidates)
  }

  @Test(arguments: [
    ("", TerminalError.unusable(term: "", .unset)),
    ("no-such-terminal", .unusable(term: "no-such-terminal", .unknown)),
    ("dumb", .unusable(term: "dumb", .noCursorAddressing)),
  ])
  func `a type that cannot be painted on is refused`(term: String, error: TerminalError) {
    #expect(throws: error) { try TerminalType { $0 == "TERM" ? term : nil } }
  }

  @Test func `a modern terminal that terminfo has not heard of is painted on as xterm`() throws {
    let type = try TerminalType { $0 == "TERM" ? "xterm-brandnew" : nil }
    #expect(type.name == "xterm-256color")
    #expect(type.isANSI)
  }

  @Test(arguments: [
    (TerminalError.notATerminal(stream: "standard input"), "mcpdash snapshot --format text"),
    (.unusable(term: "dumb", .noCursorAddressing), "TERM=dumb cannot address the cursor"),
    (.unusable(term: "x", .unknown), "install ncurses-term or set TERM=xterm-256color"),
    (.unusable(term: "", .unset), "TERM is not set"),
    (.system(call: "newterm", errno: 12), "newterm: Cannot allocate memory"),
    (.noUTF8, "C.UTF-8"),
  ])
  func `an error says what to do`(error: TerminalError, cure: String) {
    #expect(error.description.contains(cure))
  }
}
