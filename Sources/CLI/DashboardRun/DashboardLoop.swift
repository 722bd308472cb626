import Adapters
import Dashboard
import FleetModel
import Glibc
import TerminalUI

/// The dashboard's life in the terminal: waits, tells the view what happened, paints.
///
/// All of it is on the main thread, which it holds until the operator leaves.
@MainActor struct DashboardLoop {
  /// The clock on the screen shows seconds.
  private static let longestWait = Duration.seconds(1)
  private static let tooMany = CommandError.store("too many questions wait for its answer")

  private let terminal: Terminal
  private let fleet: any Fleet
  private let mailbox: DashboardMailbox
  private let themes: ThemeChoice
  private let wallClock: () -> Timestamp
  private let keeper: SourceKeeper?
  private var state: ViewState
  private var shown: Snapshot?
  private var lastTaken: ContinuousClock.Instant?
  private var refreshInterval: Duration

  /// How the operator left.
  enum End: Equatable {
    case quit
    case signal(Int32)
    /// There is nothing left to show.
    case failure(CommandFailure)
  }

  init(
    terminal: Terminal, fleet: any Fleet, themes: ThemeChoice, servers: [ServerID],
    refresh: Duration, owner: String, wallClock: @escaping () -> Timestamp,
    keeper: SourceKeeper?
  ) throws(CommandFailure) {
    self.terminal = terminal
    self.fleet = fleet
    let waker = terminal.waker
    mailbox = DashboardMailbox(fleet: fleet, wake: { waker.wake() })
    self.themes = themes
    self.wallClock = wallClock
    self.keeper = keeper
    refreshInterval = refresh
    let theme = try themes.first(for: terminal.colorDepth)
    let names =
      BuiltinThemes.names.contains(theme.name)
      ? BuiltinThemes.names : [theme.name] + BuiltinThemes.names
    state = ViewState(
      size: terminal.size, configured: servers, themes: names, themeName: theme.name,
      glyphs: themes.glyphs(of: theme), sampleInterval: refresh, owner: owner)
    terminal.setStyles { theme.style(of: $0, isSelected: $1) }
  }

  mutating func run() -> End {
    while true {
      if let failure = keeper?.failure { return .failure(failure) }
      if let end = takeSnapshot() { return end }
      for message in mailbox.take() { if let end = tell(message) { return end } }
      let (canvas, _) = frame(
        snapshot: shown, state: state, size: terminal.size, now: wallClock())
      terminal.paint(canvas)
      for event in terminal.wait(atMost: Self.longestWait) {
        switch event {
        case .input(let input): if let end = tell(.input(input)) { return end }
        case .terminate(let signal): return .signal(signal)
        case .hangup: keeper?.reload()
        }
      }
    }
  }

  /// The newest picture, no more often than the operator wants one.
  private mutating func takeSnapshot() -> End? {
    let now = ContinuousClock.now
    if let lastTaken, now - lastTaken < refreshInterval - .milliseconds(10) { return nil }
    let newest = fleet.latest()
    guard newest.at != shown?.at else { return nil }
    lastTaken = now
    shown = newest
    return tell(.snapshot(newest))
  }

  /// - Returns: how the operator leaves, if he does.
  private mutating func tell(_ message: Message) -> End? {
    for effect in state.update(message) {
      switch effect {
      case .quit: return .quit
      case .perform(let command):
        guard !mailbox.send(command) else { continue }
        let refusal = CommandError.store("too many commands are on their way; wait for them")
        if let end = tell(.commandFinished(.failure(refusal))) { return end }
      case .readLetters(let request):
        guard !mailbox.ask(request) else { continue }
        if let end = tell(.lettersRead(request.number, .failure(Self.tooMany))) { return end }
      case .countLetters(let number, let filter):
        guard !mailbox.count(number, filter) else { continue }
        if let end = tell(.lettersCounted(number, .failure(Self.tooMany))) { return end }
      case .rehearse(let number, let order):
        guard !mailbox.rehearse(number, order) else { continue }
        if let end = tell(.rehearsed(number, .failure(Self.tooMany))) { return end }
      case .redraw: terminal.redraw()
      case .setTheme(let name): setTheme(name)
      case .copy(let text): Clipboard.copy(text)
      case .setRefreshRate(let interval): refreshInterval = interval
      }
    }
    return nil
  }

  private mutating func setTheme(_ name: String) {
    do throws(CommandFailure) {
      let theme = try themes.load(name)
      state.glyphs = themes.glyphs(of: theme)
      terminal.setStyles { theme.style(of: $0, isSelected: $1) }
    } catch {
      _ = tell(.commandFinished(.failure(.store(error.message))))
    }
  }
}

/// The terminal's own clipboard, by OSC 52; terminals that do not know it do nothing.
enum Clipboard {
  /// Terminals take so much at most.
  static let byteLimit = 74_000

  static func copy(_ text: String) {
    let bytes = Array("\u{1B}]52;c;\(base64(Array(text.utf8.prefix(byteLimit))))\u{07}".utf8)
    bytes.withUnsafeBytes { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }

  /// RFC 4648 §4.
  static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for index in 0..<3 {
        bits = bits << 8 | (index < group.count ? UInt32(group[start + index]) : 0)
      }
      for index in 0..<4 {
        let six = Int(bits >> UInt32(18 - 6 * index) & 63)
        text.append(index <= group.count ? alphabet[six] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
