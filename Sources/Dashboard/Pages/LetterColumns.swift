import FleetModel
import TerminalUI

/// The table of dead letters: which columns fit, its header and its rows.
struct LetterColumns {
  private enum Column: CaseIterable {
    case age, server, cause, tries, certainty, target

    var header: String {
      switch self {
      case .age: "AGE"
      case .server: "SERVER"
      case .cause: "CAUSE"
      case .tries: "TRIES"
      case .certainty: "CERTAINTY"
      case .target: "TOOL OR METHOD"
      }
    }

    var isRight: Bool { self == .age || self == .tries }
  }

  private let places: [(Column, offset: Int, width: Int)]

  /// The mark and the blank behind it.
  private static let margin = 2

  init(width: Int, letters: [DeadLetter]) {
    let wanted = letters.map(\.server.name.columnWidth).max() ?? 0
    let widths: [Column: Int] = [
      .age: 4, .server: min(max(wanted, 8), max(12, width / 5)), .cause: 14, .tries: 5,
      .certainty: 14,
    ]
    var places: [(Column, offset: Int, width: Int)] = []
    var offset = Self.margin
    for column in Column.allCases {
      let size = widths[column] ?? max(0, width - offset)
      guard size > 3, offset + size <= width else { break }
      places.append((column, offset, size))
      offset += size + 1 + (column == .tries ? 1 : 0)
    }
    self.places = places
  }

  func header(on drawing: inout Drawing, in inside: Rect) {
    for (column, offset, width) in places {
      let start = inside.column + offset
      if column.isRight {
        drawing.right(column.header, start, inside.row, width, .header)
      } else {
        drawing.text(column.header, start, inside.row, width, .header)
      }
    }
  }

  func row(
    _ letter: DeadLetter, isMarked: Bool, isSelected: Bool, on drawing: inout Drawing,
    in line: Rect
  ) {
    if isSelected { drawing.canvas.clear(line, isSelected: true) }
    if isMarked {
      drawing.canvas.put(
        drawing.glyphs.mark, column: line.column, row: line.row, role: .key,
        isSelected: isSelected)
    }
    for (column, offset, width) in places {
      let (words, role) = content(of: column, letter, drawing.now)
      let start = line.column + offset
      if column.isRight {
        drawing.right(words, start, line.row, width, role, isSelected: isSelected)
      } else {
        drawing.text(words, start, line.row, width, role, isSelected: isSelected)
      }
    }
  }

  private func content(
    of column: Column, _ letter: DeadLetter, _ now: Timestamp
  ) -> (String, Role) {
    switch column {
    case .age: return (Figures.age(seconds: letter.createdAt.seconds(until: now)), .muted)
    case .server: return (letter.server.name, .fg)
    case .cause:
      return letter.state == .replaying ? ("replaying", .info) : (letter.errorKind, .bad)
    case .tries: return ("\(letter.attempts.count)", .fg)
    case .certainty:
      let isUnsafe = letter.isUnsafeToReplay
      return (
        (isUnsafe ? "! " : "  ") + letter.delivery.certainty, isUnsafe ? .warn : .muted
      )
    case .target: return (letter.target ?? letter.method, .fg)
    }
  }
}
