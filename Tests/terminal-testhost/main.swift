// A program for the terminal's tests: shows what it sees, and crashes on demand.
import Adapters
import Foundation
import TerminalUI

/// What the tests look for on the screen.
struct Page {
  /// The snowman is narrow for the C library: a width in dispute.
  private static let wide: Set<Unicode.Scalar> = ["日", "本", "語", "Ａ", "☃"]

  var canvas: Canvas
  private var row = 0

  init(size: Size) { canvas = Canvas(size: size) }

  mutating func line(_ text: String, role: Role = .fg, isSelected: Bool = false) {
    var column = 0
    for scalar in text.unicodeScalars {
      canvas[column, row] = Cell(scalar, role: role, isSelected: isSelected)
      column += 1
      guard Self.wide.contains(scalar) else { continue }
      canvas[column, row] = Cell(role: role, isSelected: isSelected, isContinuation: true)
      column += 1
    }
    row += 1
  }
}

let styles: [Role: Style] = [
  .ok: Style(foreground: .rgb(red: 0x56, green: 0xB4, blue: 0xE9)),
  .warn: Style(foreground: .rgb(red: 0xF0, green: 0xE4, blue: 0x42)),
  .bad: Style(foreground: .rgb(red: 0xD5, green: 0x5E, blue: 0x00), attributes: .bold),
  .title: Style(foreground: .ansi(14), attributes: [.bold, .underline]),
  .muted: Style(foreground: .ansi(8)),
  .dialogDanger: Style(foreground: .ansi(15), background: .rgb(red: 0x80, green: 0, blue: 0)),
]

func page(_ terminal: Terminal, log: [String]) -> Canvas {
  var page = Page(size: terminal.size)
  page.line("size \(terminal.size.columns)x\(terminal.size.rows) \(terminal.colorDepth)")
  page.line("process \(getpid()) end")
  page.line("wide 日本語 full Ａ end")
  page.line("braille ⣷⣿⡇ box ╭─╮ block ▁▂▃█ end")
  // Zero width, combining, control, newer than the C library, right-to-left; then a wrong width.
  page.line("odd [\u{200B}\u{0301}\u{85}\u{1FABF}\u{202E}] [☃] end")
  for role in [Role.ok, .warn, .bad, .title, .muted, .dialogDanger] {
    page.line("\(role.rawValue) role", role: role)
  }
  page.line("selected", role: .ok, isSelected: true)
  for text in log.suffix(max(0, terminal.size.rows - 12)) { page.line(text) }
  return page.canvas
}

func crash(_ key: Character) {
  switch key {
  case "S": UnsafeMutableRawPointer(bitPattern: 8)?.storeBytes(of: 1, as: Int.self)
  case "A": abort()
  case "T": preconditionFailure("asked to")
  case "E": exit(3)
  case "O": overflow(0)
  default: break
  }
}

func overflow(_ depth: Int) { withUnsafeBytes(of: depth) { overflow($0.count + depth) } }

func run() throws {
  let terminal = try Terminal(mouse: CommandLine.arguments.contains("--mouse"))
  func setStyles(ok: Style? = styles[.ok]) {
    terminal.setStyles { role, isSelected in
      var style = (role == .ok ? ok : styles[role]) ?? Style()
      if isSelected { style.background = .rgb(red: 0x26, green: 0x4F, blue: 0x78) }
      return style
    }
  }
  setStyles()
  var log: [String] = []
  while true {
    terminal.paint(page(terminal, log: log))
    for event in terminal.wait(atMost: nil) {
      log.append("\(event)".replacing("TerminalUI.", with: "").replacing("Adapters.", with: ""))
      switch event {
      case .terminate(let signal):
        terminal.close()
        print("ended by \(signal)")
        return
      case .input(.key(.character("q"))):
        terminal.close()
        print("ended by q")
        return
      case .input(.key(.control("l"))):
        terminal.redraw()
      case .input(.key(.character("t"))):
        setStyles(ok: Style(foreground: .rgb(red: 0, green: 0xFF, blue: 0)))
      case .input(.key(.character("W"))):
        let waker = terminal.waker
        Thread.detachNewThread { waker.wake() }
        while !terminal.wait(atMost: .seconds(5)).isEmpty {}
        log.append("woken")
      case .input(.key(.character(let key))):
        crash(key)
      case .input:
        break
      }
    }
  }
}

do { try run() } catch { print(error) }
