/// A table for people: columns as wide as their longest cell, one of them giving way when the whole
/// is wider than the page.
struct TextTable {
  struct Column {
    var title: String
    /// Numbers stand to the right.
    var isNumber = false
  }

  /// No page is narrower.
  static let leastColumns = 40
  /// The column that gives way keeps as many.
  static let leastWidth = 8
  private static let gap = "  "

  var columns: [Column]
  /// Which column gives way, by position.
  var elastic: Int
  private var rows: [[String]] = []

  init(_ columns: [Column], elastic: Int) {
    self.columns = columns
    self.elastic = elastic
  }

  /// - Parameter cells: one a column; cleaned here.
  mutating func append(_ cells: [String]) {
    precondition(cells.count == columns.count, "a row has a cell for each column")
    rows.append(cells.map(CleanText.line))
  }

  /// The heading and the rows, each at most `pageColumns` wide, without trailing spaces.
  func lines(pageColumns: Int) -> [String] {
    let page = max(TextTable.leastColumns, pageColumns)
    let all = [columns.map(\.title)] + rows
    var widths = columns.indices.map { index in
      all.map { CleanText.width($0[index]) }.max() ?? 0
    }
    let whole = widths.reduce(0, +) + TextTable.gap.count * (columns.count - 1)
    if whole > page {
      let least = min(widths[elastic], TextTable.leastWidth)
      widths[elastic] = max(least, widths[elastic] - (whole - page))
    }
    return all.map { CleanText.fitted(line($0, widths), to: page) }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let text = CleanText.fitted(cell, to: widths[index])
      let padding = String(repeating: " ", count: widths[index] - CleanText.width(text))
      line += index == 0 ? "" : TextTable.gap
      line += columns[index].isNumber ? padding + text : text + padding
    }
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}
