package import TerminalUI

/// What ends a terminal's wait.
package enum TerminalEvent: Hashable, Sendable {
  case input(Input)
  /// SIGHUP, and the terminal is still there: by old custom the sign to read files again.
  case hangup
  /// Someone asks the program to end (SIGINT, SIGTERM, SIGQUIT), or the terminal is gone
  /// (told as SIGHUP): close the terminal, finish what must be finished, end. Carries the number.
  case terminate(signal: Int32)
}
