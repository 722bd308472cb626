/// A table in plain text for a terminal or a log; cells are cleaned on their way in.
struct TextTable {
  enum Alignment { case left, right }

  private struct Column {
    var title: String
    var alignment: Alignment
  }

  /// No cell is wider, so that one server's name cannot push everything else off the line.
  static let cellLimit = 36
  private static let gap = "  "

  private var columns: [Column] = []
  private var rows: [[String]] = []
  /// The last column takes what is left of the line instead of being dropped.
  private let isLastElastic: Bool

  init(_ columns: [(title: String, alignment: Alignment)], isLastElastic: Bool = false) {
    self.columns = columns.map { Column(title: $0.title, alignment: $0.alignment) }
    self.isLastElastic = isLastElastic
  }

  /// - Parameter cells: one for each column.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a row has one cell for each column")
    rows.append(
      cells.enumerated().map { index, cell in
        let clean = PlainText.clean(cell)
        return isElastic(index) ? clean : PlainText.fit(clean, Self.cellLimit)
      })
  }

  /// The heading and the rows; columns go from the right until the line fits, the first stays and
  /// is cut.
  func lines(columns limit: Int) -> [String] {
    var widths = columns.indices.map { index in
      rows.reduce(PlainText.width(columns[index].title)) { max($0, PlainText.width($1[index])) }
    }
    if isLastElastic, let last = columns.indices.last {
      let others = widths.dropLast().reduce(0) { $0 + $1 + Self.gap.count }
      let least = PlainText.width(columns[last].title)
      widths[last] = max(least, min(widths[last], limit - others))
    }
    while widths.count > 1, total(widths) > limit { widths.removeLast() }
    widths[0] = min(widths[0], max(1, limit))
    return ([columns.map(\.title)] + rows).map { line($0, widths) }
  }

  private func isElastic(_ index: Int) -> Bool { isLastElastic && index == columns.count - 1 }

  private func total(_ widths: [Int]) -> Int {
    widths.reduce(0, +) + Self.gap.count * (widths.count - 1)
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (index, width) in widths.enumerated() {
      let cell = PlainText.fit(cells[index], width)
      let blanks = String(repeating: " ", count: width - PlainText.width(cell))
      line += index > 0 ? Self.gap : ""
      switch columns[index].alignment {
      case .left: line += cell + blanks
      case .right: line += blanks + cell
      }
    }
    while line.unicodeScalars.last == " " { line.unicodeScalars.removeLast() }
    return line
  }
}
