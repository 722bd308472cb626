/// Where a list starts on the screen.
enum Scroll {
  /// Moves the first row as little as keeps the selected one on the screen and the list full.
  static func top(_ top: Int, selected: Int?, count: Int, rows: Int) -> Int {
    guard rows > 0 else { return 0 }
    var top = top
    if let selected { top = min(max(top, selected - rows + 1), selected) }
    return min(max(0, top), max(0, count - rows))
  }
}
