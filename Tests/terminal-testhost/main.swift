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

/// So many canvases, each a few random cells away from the one before, always the same ones; wide
/// scalars are cut in halves by their neighbours, as no panel should do.
func randomCanvases(_ count: Int, size: Size) -> [Canvas] {
  var state: UInt64 = 7
  func random(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }
  let scalars: [Unicode.Scalar] = ["a", "b", " ", "日", "本", "日", "⣷", "☃"]
  let roles: [Role] = [.fg, .ok, .bad]
  var canvas = Canvas(size: size)
  return (1...count).map { number in
    for _ in 0...random(below: 40) {
      let (column, row) = (random(below: size.columns), random(below: size.rows))
      var cell = Cell(scalars[random(below: scalars.count)], role: roles[random(below: 3)])
      cell.isSelected = random(below: 4) == 0
      cell.isContinuation = random(below: 9) == 0
      canvas[column, row] = cell
      guard cell.scalar == "日" else { continue }
      canvas[column + 1, row] = Cell(role: cell.role, isContinuation: true)
    }
    // Blanks at the end of a row have two ways to be painted.
    for row in 0..<size.rows { canvas[size.columns - 1, row] = Cell("|") }
    // What is painted last: the end of the last row.
    for (index, digit) in "\(1000 + number)".unicodeScalars.enumerated() {
      canvas[size.columns - 4 + index, size.rows - 1] = Cell(digit)
    }
    return canvas
  }
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
  let mouse = CommandLine.arguments.contains("--mouse")
  var terminal = try Terminal(mouse: mouse)
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
      case .hangup: break
      case .input(.key(.character("q"))):
        terminal.close()
        print("ended by q")
        return
      case .input(.key(.control("l"))):
        terminal.redraw()
      case .input(.key(.character("t"))):
        setStyles(ok: Style(foreground: .rgb(red: 0, green: 0xFF, blue: 0)))
      case .input(.key(.character("m"))):
        for index in 0..<64 {
          let (foreground, background) = (UInt8(index / 8), UInt8(index % 8))
          setStyles(ok: Style(foreground: .ansi(foreground), background: .ansi(background)))
        }
        setStyles(ok: Style(foreground: .ansi(2), background: .ansi(5)))
      case .input(.key(.character("r"))):
        terminal.close()
        terminal = try Terminal(mouse: mouse)
        setStyles()
      case .input(.key(.character("b"))):
        let size = Size(columns: terminal.size.columns + 20, rows: terminal.size.rows + 20)
        var canvas = Canvas(size: size)
        for row in 0..<size.rows {
          for column in 0..<size.columns {
            let isInside = row < terminal.size.rows && column < terminal.size.columns
            canvas[column, row] = Cell(isInside ? "i" : "o")
          }
        }
        terminal.paint(canvas)
        while terminal.wait(atMost: nil).isEmpty {}
      case .input(.key(.character("1"))), .input(.key(.character("2"))):
        let canvases = randomCanvases(300, size: terminal.size)
        let isOneByOne = event == .input(.key(.character("1")))
        for canvas in isOneByOne ? canvases : canvases.suffix(1) { terminal.paint(canvas) }
        while terminal.wait(atMost: nil).isEmpty {}
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

if CommandLine.arguments.contains("--masked") {
  // As on the worker threads of libdispatch, where an asynchronous program's main actor lives.
  var all = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_BLOCK, &all, nil)
}
do { try run() } catch { print(error) }
