import Telemetry

/// A table of text for people: cells are cleaned on their way in, and one column takes what is left
/// of the line.
struct ColumnTable {
  struct Column {
    var title: String
    /// Cells are cut to so many columns.
    var limit = 28
    var isRight = false
    /// Left out where the line has not this much room for it beside the columns before.
    var minimum = 0
  }

  struct Cell {
    var text: String
    var colour: Ink.Colour?

    /// - Parameter blank: what stands for nothing.
    init(_ text: String?, _ colour: Ink.Colour? = nil, blank: String = "-") {
      let clean = text.map(PlainText.clean) ?? ""
      self.text = clean.isEmpty ? blank : clean
      self.colour = colour
    }
  }

  private static let gap = 2

  private let columns: [Column]
  private var rows: [[Cell]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// - Parameter cells: one for each column.
  mutating func add(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "a row has one cell for each column")
    rows.append(cells)
  }

  /// Columns that do not fit go from the right; the last that is left may be cut, down to its
  /// minimum.
  func text(columns limit: Int, ink: Ink, isHeadless: Bool = false) -> String {
    let widths = widths(in: limit)
    var lines = rows.map { line($0, widths, ink) }
    if !isHeadless {
      lines.insert(line(columns.map { Cell($0.title, .bold) }, widths, ink), at: 0)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func widths(in limit: Int) -> [Int] {
    var widths: [Int] = []
    var left = limit
    for (index, column) in columns.enumerated() {
      let cells = rows.map { PlainText.width($0[index].text) }.max() ?? 0
      let wanted = min(max(PlainText.width(column.title), cells), column.limit)
      let room = left - (index == 0 ? 0 : Self.gap)
      let least = column.minimum > 0 ? min(wanted, column.minimum) : wanted
      guard index == 0 || least <= room else { break }
      widths.append(max(1, min(wanted, room)))
      left = room - widths[index]
    }
    return widths
  }

  private func line(_ cells: [Cell], _ widths: [Int], _ ink: Ink) -> String {
    var line = ""
    var blanks = 0
    for (index, width) in widths.enumerated() {
      let text = PlainText.fit(cells[index].text, width)
      let rest = width - PlainText.width(text)
      blanks += (index > 0 ? Self.gap : 0) + (columns[index].isRight ? rest : 0)
      guard !text.isEmpty else {
        blanks += columns[index].isRight ? 0 : rest
        continue
      }
      line += String(repeating: " ", count: blanks) + ink.paint(text, cells[index].colour)
      blanks = columns[index].isRight ? 0 : rest
    }
    return line
  }
}

extension String {
  /// Cleaned words in lines of at most so many columns; a word that is longer has a line alone.
  func wrapped(columns: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ").map(String.init) {
      let next = line.isEmpty ? word : line + " " + word
      if line.isEmpty || PlainText.width(next) <= columns {
        line = next
      } else {
        lines.append(line)
        line = word
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }
}
