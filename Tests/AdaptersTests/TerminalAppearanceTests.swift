import Foundation
import Testing

/// What different terminals and wishes make of the same styles.
@Suite(.serialized) struct TerminalAppearanceTests {
  @Test(arguments: [
    ("TERM=xterm-256color COLORTERM=truecolor", "direct", "\u{1B}[38;2;86;180;233mok role"),
    ("TERM=tmux-256color COLORTERM=24bit TMUX=x", "direct", "\u{1B}[38;2;86;180;233mok role"),
    ("TERM=xterm-256color", "palette256", "\u{1B}[38;5;74mok role"),
    ("TERM=xterm-16color", "ansi16", "\u{1B}[96mok role"),
    ("TERM=screen", "ansi8", "\u{1B}[1m\u{1B}[36mok role"),
    ("TERM=linux", "ansi8", "\u{1B}[1m\u{1B}[36mok role"),
    ("TERM=xterm-brandnew", "palette256", "\u{1B}[38;5;74mok role"),
  ])
  func `colours are the best that the terminal has`(
    environment: String, depth: String, line: String
  ) async throws {
    try await TerminalSession.with("HOST", environment: environment) { session in
      try await session.expect("selected")
      #expect(try session.screen().contains("size 80x24 \(depth)\n"))
      let screen = try session.screen(colors: true)
      #expect(screen.contains(line), "\(screen.replacing("\u{1B}", with: "ESC"))")
    }
  }

  @Test func `a new theme repaints what is there`() async throws {
    try await TerminalSession.with("HOST") { session in
      try await session.expect("selected")
      try session.press("t")
      try await session.expect("the new colour") {
        try session.screen(colors: true).contains("\u{1B}[38;5;46mok role")
      }
    }
  }

  @Test func `themes may be changed more often than there are colour pairs`() async throws {
    try await TerminalSession.with("HOST", environment: "TERM=linux") { session in
      try await session.expect("selected")
      try session.press("m")
      try await session.expect("the last colours") {
        try session.screen(colors: true).contains("\u{1B}[32m\u{1B}[45mok role")
      }
    }
  }

  @Test func `NO_COLOR sends no colour, and the selection in reverse`() async throws {
    let environment = "TERM=xterm-256color COLORTERM=truecolor NO_COLOR=1"
    try await TerminalSession.with("sleep 0.2; HOST", environment: environment) { session in
      try session.record()
      try await session.expect("selected")
      try session.press("q")
      try await session.expect("ended by q")
      var bytes = ""
      try await session.expect("the record of it") {
        bytes = try session.recorded()
        return bytes.contains("ended by q")
      }
      let colors = bytes.matches(of: /\u{1B}\[[0-9;:]*m/).filter {
        $0.output.dropFirst(2).dropLast().split(separator: ";").contains {
          $0.count == 2 && "349".contains($0.first ?? " ") || $0.count == 3
        }
      }
      #expect(bytes.contains("\u{1B}[7m") || bytes.contains(";7m"))
      #expect(colors.map { $0.output.dropFirst() } == [])
    }
  }

  @Test(arguments: [
    ("TERM=dumb", "HOST", "TERM=dumb cannot address the cursor; use `mcpdash snapshot"),
    ("TERM=no-such-terminal", "HOST", "TERM=no-such-terminal is not in the terminfo database"),
    ("TERM=", "HOST", "TERM is not set"),
    ("TERM=xterm", "HOST < /dev/null", "standard input is not a terminal; use `mcpdash snapshot"),
    ("TERM=xterm", "HOST | cat", "standard output is not a terminal; use `mcpdash snapshot"),
  ])
  func `a terminal that will not do is refused in one line`(
    environment: String, command: String, line: String
  ) async throws {
    let command = "stty -g > b; \(command); stty -g | cmp - b && echo same modes"
    try await TerminalSession.with(command, environment: environment) { session in
      try await session.expect("same modes")
      let lines = try session.screen().split(separator: "\n")
      #expect(lines.first?.hasPrefix(line) == true, "\(lines)")
      #expect(try session.modes() == "0 1 0")
    }
  }
}
