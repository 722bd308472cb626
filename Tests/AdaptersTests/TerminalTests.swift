import Foundation
import Testing

/// The terminal in a real terminal, driven and read through tmux.
@Suite(.serialized) struct TerminalTests {
  @Test func `text of every width stands where it was put`() async throws {
    try await TerminalSession.with("HOST") { session in
      try await session.expect("selected")
      let screen = try session.screen()
      #expect(screen.contains("wide 日本語 full Ａ end\n"))
      #expect(screen.contains("braille ⣷⣿⡇ box ╭─╮ block ▁▂▃█ end\n"))
      #expect(screen.contains("odd [�����] [� ] end\n"), "a disputed width is replaced")
      #expect(try session.modes() == "1 0 0")
    }
  }

  @Test func `keys arrive as what they are`() async throws {
    try await TerminalSession.with("HOST") { session in
      try await session.expect("selected")
      let keys = [
        ("Up", "key(Key.up)"), ("Left", "key(Key.left)"), ("F1", "key(Key.function(1))"),
        ("F12", "key(Key.function(12))"), ("C-x", "key(Key.control(\"x\"))"),
        ("C-c", "key(Key.control(\"c\"))"), ("Enter", "key(Key.enter)"),
        ("BTab", "key(Key.backTab)"), ("PPage", "key(Key.pageUp)"), ("é", "character(\"é\")"),
      ]
      for (key, line) in keys {
        try session.press(key)
        try await session.expect(line)
      }
    }
  }

  @Test func `escape alone is a key`() async throws {
    try await TerminalSession.with("HOST") { session in
      try await session.expect("selected")
      try session.press("Escape")
      try await session.expect("key(Key.escape)")
    }
  }

  @Test func `a paste is one input and types nothing`() async throws {
    try await TerminalSession.with("HOST") { session in
      try await session.expect("selected")
      try session.paste("q\nq é")
      try await session.expect("paste(\"q\\rq é\")")
    }
  }

  @Test func `the mouse is reported only if asked for`() async throws {
    try await TerminalSession.with("HOST --mouse") { session in
      try await session.expect("selected")
      try await session.expect(modes: "1 0 1")
      try session.send("\u{1B}[<0;250;3M\u{1B}[<0;250;3m\u{1B}[<0;250;3M")
      try await session.expect("Action.press, column: 249")
      try await session.expect("Action.doubleClick, column: 249")
    }
  }

  @Test func `a new size is told and painted, also beside LINES and COLUMNS`() async throws {
    let environment = "TERM=xterm-256color LINES=10 COLUMNS=20"
    try await TerminalSession.with("HOST", environment: environment) { session in
      try await session.expect("size 80x24")
      for (columns, rows) in [(120, 40), (30, 16), (1, 1), (200, 60)] {
        try session.resize(columns: columns, rows: rows)
        if columns > 1 { try await session.expect("size \(columns)x\(rows)") }
      }
      try await session.expect("odd [�����] [� ] end")
    }
  }

  @Test func `a wake from another thread ends the wait`() async throws {
    try await TerminalSession.with("HOST") { session in
      try await session.expect("selected")
      try session.press("W")
      try await session.expect("woken")
    }
  }

  @Test func `a changed line costs its own bytes and no frame`() async throws {
    try await TerminalSession.with("HOST") { session in
      try await session.expect("selected")
      try session.record()
      try session.press("x")
      try await session.expect("the end of the frame") {
        try session.recorded().contains("\u{1B}[?2026l")
      }
      let bytes = try session.recorded()
      #expect((30..<120).contains(bytes.utf8.count), "\(bytes.replacing("\u{1B}", with: "ESC"))")
    }
  }

  @Test func `a canvas looks the same whatever was painted before it`() async throws {
    var screens: [String] = []
    for key in ["1", "2"] {
      try await TerminalSession.with("HOST", rows: 20) { session in
        try await session.expect("selected")
        try session.press(key)
        try await session.expect("1300")
        screens.append(try session.screen(colors: true))
      }
    }
    let isSame = screens.first == screens.last
    #expect(isSame, "one by one, or the last alone")
  }

  @Test func `what lies outside of the window is cut off`() async throws {
    try await TerminalSession.with("HOST") { session in
      try await session.expect("selected")
      try session.press("b")
      let full = Array(repeating: String(repeating: "i", count: 80) + "\n", count: 24).joined()
      try await session.expect("a full window") { try session.screen() == full }
    }
  }

  @Test func `it can be closed and opened again`() async throws {
    try await TerminalSession.with("HOST --mouse") { session in
      try await session.expect("selected")
      for count in 1...3 {
        try session.press("r", "x")
        try await session.expect("\(count) openings") {
          try session.screen().matches(of: /character\("x"\)/).count == count
        }
      }
      #expect(try session.modes() == "1 0 1")
      try session.press("q")
      try await session.expect("ended by q")
      #expect(try session.modes() == "0 1 0")
    }
  }

  @Test func `redraw repairs what something else wrote over the screen`() async throws {
    try await TerminalSession.with("HOST") { session in
      try await session.expect("selected")
      try session.scribble("\u{1B}[2J")
      try await session.expect("the screen to be empty") {
        try !session.screen().contains("selected")
      }
      try session.press("C-l")
      try await session.expect("selected")
      try await session.expect("wide 日本語")
    }
  }
}
