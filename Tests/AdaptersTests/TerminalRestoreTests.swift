import Foundation
import Testing

/// However the program ends or stops, the terminal is as it was.
@Suite(.serialized) struct TerminalRestoreTests {
  private static let bracketed =
    "stty -g > before; HOST --mouse; echo \"status $?\"; stty -g | cmp - before && echo same modes"

  enum Ending: CustomTestStringConvertible {
    case key(String, status: Int)
    case signal(Int32, status: Int)

    var testDescription: String {
      switch self {
      case .key(let key, _): "key \(key)"
      case .signal(let number, _): "signal \(number)"
      }
    }
  }

  @Test(
    arguments: [
      .key("q", status: 0), .key("E", status: 3), .signal(SIGTERM, status: 0),
      .signal(SIGINT, status: 0), .signal(SIGQUIT, status: 0),
      .key("S", status: 139), .key("A", status: 134), .key("T", status: 132),
      .key("O", status: 139), .signal(SIGSEGV, status: 139), .signal(SIGBUS, status: 135),
    ] as [Ending])
  func `the terminal is restored`(after ending: Ending) async throws {
    try await checkRestored(after: ending, environment: "TERM=xterm-256color")
  }

  @Test(
    arguments: [
      .key("S", status: 139), .key("A", status: 134), .key("T", status: 132),
      .key("O", status: 139), .signal(SIGSEGV, status: 139), .signal(SIGFPE, status: 136),
    ] as [Ending])
  func `the terminal is restored without Swift's backtraces`(after ending: Ending) async throws {
    let environment = "TERM=xterm-256color SWIFT_BACKTRACE=enable=no"
    try await checkRestored(after: ending, environment: environment)
  }

  private func checkRestored(after ending: Ending, environment: String) async throws {
    try await TerminalSession.with(Self.bracketed, environment: environment) { session in
      try await session.expect(modes: "1 0 1")
      let wanted: Int
      switch ending {
      case .key(let key, let status):
        try session.press(key)
        wanted = status
      case .signal(let number, let status):
        try await session.signal(number)
        wanted = status
      }
      try await session.expect("same modes")
      try await session.expect("status \(wanted)")
      try await session.expect(modes: "0 1 0")
    }
  }

  @Test func `a crash is still traced`() async throws {
    try await TerminalSession.with("HOST; echo \"status $?\"") { session in
      try await session.expect("selected")
      try session.record()
      try session.press("T")
      try await session.expect("status 132")
      try await session.expect("the trace") {
        try session.recorded().contains("Program crashed")
      }
    }
  }

  @Test func `a signal that the parent ignores stays ignored`() async throws {
    try await TerminalSession.with("(trap '' HUP; HOST)") { session in
      try await session.signal(SIGHUP)
      try session.press("y")
      try await session.expect("character(\"y\")")
      #expect(try !session.screen().contains("terminate"))
    }
  }

  @Test func `an orderly end is asked for by signal`() async throws {
    try await TerminalSession.with("HOST") { session in
      try await session.signal(SIGTERM)
      try await session.expect("ended by \(SIGTERM)")
    }
  }

  @Test func `a hangup while the terminal is there is told and ends nothing`() async throws {
    try await TerminalSession.with("HOST") { session in
      try await session.expect("selected")
      try await session.signal(SIGHUP)
      try await session.expect("hangup")
      try session.press("y")
      try await session.expect("character(\"y\")")
    }
  }

  @Test(arguments: ["trap '' HUP", "trap : HUP"])
  func `a terminal that is gone ends the wait`(trap: String) async throws {
    let command = "(\(trap); HOST; echo $? > ended)"
    try await TerminalSession.with(command) { session in
      try await session.expect("selected")
      session.hangUp()
      let ended = session.directory.appending(path: "ended").path(percentEncoded: false)
      try await session.expect("the host to end") { FileManager.default.fileExists(atPath: ended) }
    }
  }

  @Test(arguments: ["HOST --mouse", "HOST --mouse --masked"])
  func `the suspend key stops, and fg brings everything back`(host: String) async throws {
    try await TerminalSession.with("stty -g > before; \(host)") { session in
      try await session.expect(modes: "1 0 1")
      try session.press("x")
      try await session.expect("character(\"x\")")
      try session.press("C-z")
      try await session.expect("Stopped")
      try await session.expect(modes: "0 1 0")
      try session.press("stty -g | cmp - before && printf 'same %s\\n' modes", "Enter")
      try await session.expect("same modes")
      try session.resize(columns: 100, rows: 30)
      try session.press("fg", "Enter")
      try await session.expect(modes: "1 0 1")
      try await session.expect("size 100x30")
      try await session.expect("character(\"x\")")
      try session.press("y")
      try await session.expect("character(\"y\")")
    }
  }

  @Test func `the suspend key stops the programs that wait for this one, too`() async throws {
    try await TerminalSession.with("sh -c 'HOST; exit $?'") { session in
      try await session.expect("selected")
      try session.press("C-z")
      try await session.expect("Stopped")
      try session.press("fg", "Enter")
      try await session.expect("selected")
    }
  }

  @Test(arguments: [SIGTSTP, SIGSTOP])
  func `stopped from outside it comes back as well`(signal: Int32) async throws {
    try await TerminalSession.with("HOST --mouse") { session in
      try await session.expect("selected")
      try await session.signal(signal)
      try await session.expect("Stopped")
      // SIGSTOP leaves the modes to the shell, and this shell leaves them raw.
      try session.press("stty sane; clear; printf 'sane %s\\n' again", "C-j")
      try await session.expect("sane again")
      try session.press("fg", "Enter")
      try await session.expect("selected")
      try await session.expect(modes: "1 0 1")
      try session.press("y")
      try await session.expect("character(\"y\")")
      try session.press("q")
      try await session.expect("ended by q")
      try await session.expect(modes: "0 1 0")
    }
  }

  @Test func `the suspend key does nothing where no shell could continue`() async throws {
    try await TerminalSession.with("exec HOST") { session in
      try await session.expect("selected")
      try session.press("C-z")
      try session.press("y")
      try await session.expect("character(\"y\")")
    }
  }
}
