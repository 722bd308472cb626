import FleetModel
import TerminalUI

/// The answers kept for a server, the most read on top.
struct CacheEntries {
  let cache: CacheSnapshot

  private static let countWidth = 6
  private static let ageWidth = 5
  private static let timeWidth = 7

  /// Rows it wants with its frame; 0 when it is empty.
  var height: Int { cache.entries.isEmpty ? 0 : cache.entries.count + 3 }

  func draw(on drawing: inout Drawing, in rect: Rect) {
    let inside = drawing.frame("cache", in: rect, note: "\(Figures.count(cache.size)) kept")
    guard inside.size.rows > 0 else { return }
    row(("KEY", "READ", "AGE", "LEFT"), .header, .header, on: &drawing, inside, inside.row)
    let now = drawing.now
    for (offset, entry) in cache.entries.prefix(max(0, inside.size.rows - 1)).enumerated() {
      let left = now.seconds(until: entry.expiresAt)
      let words = (
        entry.key, Figures.count(entry.accessCount),
        Figures.age(seconds: entry.cachedAt.seconds(until: now)),
        left > 0 ? Figures.age(seconds: left) : "stale"
      )
      row(words, .fg, left > 0 ? .fg : .warn, on: &drawing, inside, inside.row + 1 + offset)
    }
  }

  private func row(
    _ words: (String, String, String, String), _ role: Role, _ last: Role,
    on drawing: inout Drawing, _ inside: Rect, _ row: Int
  ) {
    let key = max(0, inside.size.columns - Self.countWidth - Self.ageWidth - Self.timeWidth)
    var column = inside.column
    drawing.text(words.0, column, row, key, role)
    column += key
    drawing.right(words.1, column, row, min(Self.countWidth, inside.right - column), role)
    column += Self.countWidth
    drawing.right(words.2, column, row, min(Self.ageWidth, inside.right - column), role)
    column += Self.ageWidth
    drawing.right(words.3, column, row, min(Self.timeWidth, inside.right - column), last)
  }
}
