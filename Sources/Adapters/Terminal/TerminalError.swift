import Glibc

/// Why the dashboard cannot have this terminal; the text says what to do instead.
package enum TerminalError: Error, Hashable, CustomStringConvertible {
  package enum Fault: Hashable, Sendable {
    /// TERM is empty or not set.
    case unset
    /// The terminfo database has no such entry.
    case unknown
    /// The type has no way to place its cursor, such as `dumb`.
    case noCursorAddressing
  }

  /// Standard input or output, as named, is a pipe, a file or closed.
  case notATerminal(stream: String)
  /// What TERM names cannot be painted on.
  case unusable(term: String, Fault)
  /// The C library has no UTF-8 locale at all.
  case noUTF8
  /// The system refused a call that opening needs.
  case system(call: String, errno: Int32)

  package var description: String {
    let instead = "use `mcpdash snapshot --format text`"
    switch self {
    case .notATerminal(let stream):
      return "\(stream) is not a terminal; \(instead)"
    case .unusable(_, .unset):
      return "TERM is not set; set it to your terminal's type, for example xterm-256color"
    case .unusable(let term, .unknown):
      return "TERM=\(term) is not in the terminfo database; "
        + "install ncurses-term or set TERM=xterm-256color"
    case .unusable(let term, .noCursorAddressing):
      return "TERM=\(term) cannot address the cursor; \(instead)"
    case .noUTF8:
      return "there is no UTF-8 locale, not even C.UTF-8; install libc-bin; or \(instead)"
    case .system(let call, let errno):
      return "cannot open the terminal: \(call): \(String(cString: strerror(errno)))"
    }
  }
}
