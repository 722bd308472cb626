import Glibc

/// How wide a line of text may be.
enum PageWidth {
  /// Where output goes to a file or a pipe.
  static let standard = 120
  private static let range = 20...1000

  /// The terminal's own width, else `COLUMNS`, else the standard.
  static func current(_ environment: [String: String]) -> Int {
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, range.contains(Int(size.ws_col)) {
      return Int(size.ws_col)
    }
    guard let columns = environment["COLUMNS"].flatMap({ Int($0) }), range.contains(columns)
    else { return standard }
    return columns
  }
}
