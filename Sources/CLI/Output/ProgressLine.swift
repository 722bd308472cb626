import FleetModel
import Synchronization
import Telemetry

/// What goes on while a command waits, on standard error: one line that changes on a terminal,
/// elsewhere a line for each change.
final class ProgressLine: Sendable {
  private let console: Console
  private let columns: Int
  private let isQuiet: Bool
  private let shown = Mutex("")

  init(console: Console, columns: Int, isQuiet: Bool) {
    self.console = console
    self.columns = columns
    self.isQuiet = isQuiet
  }

  /// - Parameter text: may be hostile.
  func show(_ text: String) {
    let text = PlainText.fit(PlainText.clean(text), max(1, columns - 1))
    guard !isQuiet else { return }
    shown.withLock { shown in
      guard shown != text else { return }
      shown = text
      console.status(console.isStatusTerminal ? "\r\u{1B}[K" + text : text + "\n")
    }
  }

  /// Takes the line off a terminal.
  func end() {
    shown.withLock { shown in
      if !shown.isEmpty, console.isStatusTerminal { console.status("\r\u{1B}[K") }
      shown = ""
    }
  }
}

extension CallProgress {
  /// `3 of 10 (30 %): copying`, for a line of text; not clean yet.
  var words: String {
    let share = total.flatMap { total in
      total > 0 && total.isFinite && progress.isFinite
        ? " of \(Self.number(total)) (\(Self.number((progress / total * 100).rounded())) %)" : nil
    }
    return Self.number(progress) + (share ?? "") + (message.map { ": \($0)" } ?? "")
  }

  /// With two decimals at most.
  private static func number(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    guard rounded.isFinite, abs(rounded) < 1e15 else { return "?" }
    return rounded == rounded.rounded() ? String(Int64(rounded)) : String(rounded)
  }
}
