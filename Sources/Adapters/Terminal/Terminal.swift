import CNCurses
import Glibc
package import TerminalUI

/// The real terminal, from the alternate screen's first cell to the last key: opened once, painted
/// on, waited for, closed.
///
/// curses is one global thing for one thread: there is one `Terminal` at a time, on the main
/// thread; only its `waker` may go elsewhere.
package final class Terminal {
  /// How long a lone ESC byte waits for the rest of a sequence.
  private static let escapeDelay = Duration.milliseconds(25)
  /// Two presses on one cell within this are a double click.
  private static let doubleClickInterval = Duration.milliseconds(400)
  /// Bytes taken from the terminal in one wait.
  private static let readLimit = 4096
  /// No window is larger; one that claims to be is painted on up to here.
  private static let sizeLimit = Size(columns: 1024, rows: 512)

  /// What the terminal can show; choose the theme by it.
  package var colorDepth: ColorDepth { painter.depth }
  /// The window's size as of the last wait.
  package private(set) var size: Size
  /// Ends a wait from any thread.
  package let waker: Waker

  private var screen: OpaquePointer?
  private let modes: PrivateModes
  private var painter: Painter
  private var decoder = KeyDecoder()
  private var lastPress: (event: MouseEvent, time: ContinuousClock.Instant)?

  /// Takes the terminal on standard input and output over: alternate screen, raw keys, no cursor,
  /// pastes in one piece, signals caught. With `mouse`, clicks and the wheel too, which takes the
  /// terminal's own selection of text away from the user.
  package init(mouse: Bool) throws(TerminalError) {
    guard isatty(STDIN_FILENO) == 1 else { throw .notATerminal(stream: "standard input") }
    guard isatty(STDOUT_FILENO) == 1 else { throw .notATerminal(stream: "standard output") }
    let environment = { (name: String) in getenv(name).map { String(cString: $0) } }
    let type = try TerminalType(environment: environment)
    guard cncurses_use_utf8() else { throw .noUTF8 }
    waker = try Waker()
    // Before curses, which catches only the signals that nobody has caught.
    guard cncurses_guard(waker.descriptor) else { throw .system(call: "its modes", errno: errno) }
    guard let screen = cncurses_start(type.name) else {
      let error = errno
      cncurses_unguard()
      throw .system(call: "newterm", errno: error)
    }
    self.screen = screen
    modes = PrivateModes(areUnderstood: type.isANSI, mouse: mouse)
    cncurses_prepare_rescue(modes.off)
    raw()
    noecho()
    nonl()
    curs_set(0)
    leaveok(cncurses_window(), true)
    // Keys that wait to be read must not break off a repaint.
    typeahead(-1)
    painter = Painter(allowsColor: environment("NO_COLOR").map(\.isEmpty) ?? true)
    size = Size(columns: 0, rows: 0)
    adoptSize()
    redraw()
  }

  deinit { close() }

  /// How each role looks from the next paint on.
  package func setStyles(_ style: (Role, _ isSelected: Bool) -> Style) {
    painter.setStyles(style)
  }

  /// Shows the canvas; what lies outside the window is cut off. Costs next to nothing if it is the
  /// one already shown.
  package func paint(_ canvas: Canvas) {
    guard screen != nil, painter.put(canvas) else { return }
    wnoutrefresh(cncurses_window())
    flush()
  }

  /// Sends the whole screen again, in case something else wrote on it.
  package func redraw() {
    guard screen != nil else { return }
    clearok(cncurses_current_window(), true)
    wnoutrefresh(cncurses_window())
    flush()
    // Also after a stop, when the modes may have been changed by others.
    write(modes.on)
  }

  /// Sleeps until something happens, at most so long (nil: without end), and says what; nothing
  /// after a wake, a time-out or now and then for no reason. The Suspend key and the job control
  /// signals are obeyed in here.
  package func wait(atMost timeout: Duration?) -> [TerminalEvent] {
    guard screen != nil else { return [] }
    var descriptors = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    poll(&descriptors, 2, timeout.map(Self.milliseconds) ?? -1)
    waker.reset()
    var events = answerSignals()
    if descriptors[0].revents != 0 { events += readInputs() }
    return events
  }

  /// Gives the terminal back as it was, and the signals' old actions with it; does nothing the
  /// second time. To end by the signal that asked for it, raise it after this.
  package func close() {
    guard let screen else { return }
    self.screen = nil
    write(modes.off)
    endwin()
    delscreen(screen)
    cncurses_unguard()
  }

  private func answerSignals() -> [TerminalEvent] {
    let noted = cncurses_take_signals()
    func has(_ signal: Int32) -> Bool { noted & 1 << UInt32(signal) != 0 }
    var events: [TerminalEvent] = []
    if has(SIGTSTP) { suspend(wholeGroup: false) } else if has(SIGCONT) { resume() }
    if adoptSize() { events.append(.input(.resize(size))) }
    if has(SIGHUP) { events.append(isGone ? .terminate(signal: SIGHUP) : .hangup) }
    for signal in [SIGINT, SIGTERM, SIGQUIT] where has(signal) {
      events.append(.terminate(signal: signal))
    }
    return events
  }

  /// The kernel takes the terminal away before it tells so by SIGHUP.
  private var isGone: Bool {
    var modes = termios()
    return tcgetattr(STDIN_FILENO, &modes) != 0
  }

  private func readInputs() -> [TerminalEvent] {
    var buffer: [UInt8] = Array(repeating: 0, count: Self.readLimit)
    let count = read(STDIN_FILENO, &buffer, buffer.count)
    guard count > 0 else {
      let isTransient = count < 0 && (errno == EINTR || errno == EAGAIN)
      return isTransient ? [] : [.terminate(signal: SIGHUP)]
    }
    var inputs = decoder.decode(buffer.prefix(count))
    if decoder.isWaiting, !hasInput(within: Self.escapeDelay) { inputs += decoder.quiet() }
    return inputs.flatMap(finish)
  }

  /// Double clicks need the time, and the Suspend key never reaches the dashboard.
  private func finish(_ input: Input) -> [TerminalEvent] {
    switch input {
    case .key(.control("z")):
      suspend(wholeGroup: true)
      return adoptSize() ? [.input(.resize(size))] : []
    case .mouse(let event) where event.action == .press:
      let now = ContinuousClock.now
      if let lastPress, lastPress.event == event,
        now - lastPress.time <= Self.doubleClickInterval
      {
        self.lastPress = nil
        let double = MouseEvent(action: .doubleClick, column: event.column, row: event.row)
        return [.input(.mouse(double))]
      }
      lastPress = (event, now)
      return [.input(input)]
    case .key, .paste, .mouse, .resize:
      return [.input(input)]
    }
  }

  private func suspend(wholeGroup: Bool) {
    write(modes.off)
    endwin()
    cncurses_stop(wholeGroup)
    resume()
  }

  /// After SIGSTOP nothing was left in order, and what continued us may have changed the modes:
  /// leave again, then come back.
  private func resume() {
    endwin()
    redraw()
  }

  /// True if the window's size has changed.
  @discardableResult
  private func adoptSize() -> Bool {
    var columns = getmaxx(cncurses_window())
    var rows = getmaxy(cncurses_window())
    cncurses_size(&columns, &rows)
    let adopted = Size(
      columns: min(Int(columns), Self.sizeLimit.columns),
      rows: min(Int(rows), Self.sizeLimit.rows))
    guard adopted != size else { return false }
    size = adopted
    resize_term(Int32(adopted.rows), Int32(adopted.columns))
    // The terminal has moved its text about in its own way.
    clearok(cncurses_current_window(), true)
    painter.forget()
    return true
  }

  private func flush() {
    write(modes.beginFrame)
    doupdate()
    write(modes.endFrame)
  }

  private func write(_ sequence: String) {
    cncurses_write(sequence, sequence.utf8.count)
  }

  private func hasInput(within duration: Duration) -> Bool {
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    var ready: Int32
    repeat {
      ready = poll(&descriptor, 1, Self.milliseconds(duration))
    } while ready < 0
      && errno == EINTR
    return ready != 0
  }

  /// Rounded up, so that a wait does not end just before its time.
  private static func milliseconds(_ duration: Duration) -> Int32 {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    guard seconds < 1_000_000 else { return .max }
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
